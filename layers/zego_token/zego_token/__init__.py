"""ZEGO (ZEGOCLOUD) authentication tokens: token03 and token04, made and read. No AWS, no I/O."""

from zego_token.checks import APP_SIGN_CHARACTERS, MAX_APP_ID, SECRET_BYTES
from zego_token.ciphers import Cipher
from zego_token.decode import DecodedToken, decode_token, header_expires_at
from zego_token.errors import ErrorCode, TokenError
from zego_token.generate import generate_token03, generate_token04
from zego_token.payloads import Privilege, room_payload
from zego_token.wire import MAX_EXPIRES_AT

__all__ = [
    "APP_SIGN_CHARACTERS",
    "MAX_APP_ID",
    "MAX_EXPIRES_AT",
    "SECRET_BYTES",
    "Cipher",
    "DecodedToken",
    "ErrorCode",
    "Privilege",
    "TokenError",
    "decode_token",
    "generate_token03",
    "generate_token04",
    "header_expires_at",
    "room_payload",
]
