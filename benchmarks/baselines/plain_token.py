"""A token04 in the few lines that a hand-made token server has for it: AES-CBC by pycryptodome, no checks."""

import json
import os
import struct
import time
from base64 import b64encode

from Crypto.Cipher import AES
from Crypto.Util.Padding import pad


def generate_token04(app_id: int, user_id: str, secret: str, seconds: int, payload: str) -> str:
    now = int(time.time())
    content = {
        "app_id": app_id,
        "user_id": user_id,
        "nonce": int.from_bytes(os.urandom(4)) >> 1,
        "ctime": now,
        "expire": now + seconds,
        "payload": payload,
    }
    iv = os.urandom(16)
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
    sealed = AES.new(secret.encode(), AES.MODE_CBC, iv).encrypt(pad(text, AES.block_size))
    packed = struct.pack("!qH16sH", now + seconds, len(iv), iv, len(sealed)) + sealed
    return "04" + b64encode(packed).decode()
