"""ZEGO (ZEGOCLOUD) authentication tokens: token03 and token04, made and read. No AWS, no I/O."""

from zego_token.ciphers import Cipher
from zego_token.decode import DecodedToken, decode_token, header_expires_at
from zego_token.errors import ErrorCode, TokenError
from zego_token.generate import generate_token03, generate_token04
from zego_token.payloads import Privilege, room_payload

__all__ = [
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
