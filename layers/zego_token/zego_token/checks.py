"""Checks of the generators' arguments. Types are exact: a bool is not an int, a subclass is not a str."""

from collections.abc import Mapping

from zego_token.ciphers import Cipher
from zego_token.errors import ErrorCode, TokenError

MAX_APP_ID = 2**32 - 1
SECRET_BYTES = 32
APP_SIGN_CHARACTERS = 64
# The characters that Express Web 3.12.0 takes in ids, as a pattern that JSON Schema can read, too.
SDK_ID_CLASS = r"[0-9A-Za-z!#$%&'()*+,\-.;<=>@\\^_`~]"


def check_app_id(app_id: object) -> None:
    if type(app_id) is not int or not 1 <= app_id <= MAX_APP_ID:
        raise TokenError(
            ErrorCode.APP_ID_INVALID, f"app_id must be an integer from 1 to {MAX_APP_ID}", "app_id"
        )


def check_text(value: object, code: ErrorCode, field: str) -> None:
    """Non-empty text that UTF-8 can carry, so without a lone surrogate."""
    if type(value) is not str or not value:
        raise TokenError(code, f"{field} must be a non-empty string", field)
    check_encodable(value, code, field)


def check_encodable(value: str, code: ErrorCode, field: str) -> None:
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise TokenError(code, f"{field} must not contain a lone surrogate", field)


def secret_key(secret: object) -> bytes:
    """The AES key of a ServerSecret: its 32 bytes of text, not hex-decoded."""
    if type(secret) is not str:
        raise TokenError(ErrorCode.SECRET_INVALID, "secret must be a string", "secret")
    key = secret.encode("utf-8", "surrogatepass")
    if len(key) != SECRET_BYTES:
        hint = " (64 characters: an AppSign?)" if len(secret) == APP_SIGN_CHARACTERS else ""
        raise TokenError(
            ErrorCode.SECRET_INVALID,
            f"secret must be {SECRET_BYTES} bytes long, not {len(key)}{hint}",
            "secret",
        )
    return key


def check_time(now: object) -> None:
    if type(now) is not int or now < 0:
        raise TokenError(
            ErrorCode.EFFECTIVE_TIME_IN_SECONDS_INVALID,
            "now must be a non-negative integer number of Unix seconds",
            "now",
        )


def check_effective_time(seconds: object, longest: int) -> None:
    if type(seconds) is not int or not 1 <= seconds <= longest:
        raise TokenError(
            ErrorCode.EFFECTIVE_TIME_IN_SECONDS_INVALID,
            "effective_time_in_seconds must be a positive integer that a 64-bit time can hold",
            "effective_time_in_seconds",
        )


def checked_cipher(cipher: object) -> Cipher:
    if type(cipher) is not Cipher:
        raise TokenError(ErrorCode.SECRET_INVALID, "cipher must be Cipher.GCM or Cipher.CBC", "cipher")
    return cipher


def check_payload(payload: object) -> None:
    if type(payload) is not str:
        raise TokenError(
            ErrorCode.PRIVILEGE_INVALID,
            "payload must be a string; room_payload() makes that of a room",
            "payload",
        )
    check_encodable(payload, ErrorCode.PRIVILEGE_INVALID, "payload")


def checked_privilege(privilege: object) -> dict[str, int]:
    """The privilege map of a token: both keys, in order, each 0 (deny) or 1 (allow)."""
    if isinstance(privilege, Mapping) and len(privilege) == 2:
        keys = {
            key: value for key, value in privilege.items() if isinstance(key, int) and type(key) is not bool
        }
        if keys.keys() == {1, 2} and all(type(value) is int and value in (0, 1) for value in keys.values()):
            return {"1": keys[1], "2": keys[2]}
    raise TokenError(
        ErrorCode.PRIVILEGE_INVALID,
        "privilege must map both 1 (log in) and 2 (publish) to 0 or 1",
        "privilege",
    )
