"""Drop-in for ZEGO's official Python modules, with the behaviour that their README documents.

Mirrors ``zego_server_assistant`` (token03) and ``token04`` of
https://github.com/zegoim/zego_server_assistant: the same names and arguments, an error in the
result rather than an exception for wrong arguments. A privilege of 0 is accepted, as documented.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from zego_token import Cipher, ErrorCode, Privilege, TokenError
from zego_token import generate_token03 as _generate_token03
from zego_token import generate_token04 as _generate_token04

k_PRIVILEGE_LOGIN = Privilege.LOGIN.value
k_PRIVILEGE_PUBLISH = Privilege.PUBLISH.value

ERROR_CODE_SUCCESS = ErrorCode.SUCCESS.value
ERROR_CODE_APP_ID_INVALID = ErrorCode.APP_ID_INVALID.value
ERROR_CODE_ROOM_ID_INVALID = ErrorCode.ROOM_ID_INVALID.value
ERROR_CODE_USER_ID_INVALID = ErrorCode.USER_ID_INVALID.value
ERROR_CODE_PRIVILEGE_ID_INVALID = ErrorCode.PRIVILEGE_INVALID.value
ERROR_CODE_SECRET_INVALID = ErrorCode.SECRET_INVALID.value
ERROR_CODE_EFFECTIVE_TIME_IN_SECONDS_INVALID = ErrorCode.EFFECTIVE_TIME_IN_SECONDS_INVALID.value


@dataclass
class TokenInfo:
    """``token`` is empty unless ``error_code`` is 0."""

    token: str = field(repr=False)
    error_code: int
    error_message: str


def generate_token(
    app_id: int,
    room_id: str,
    user_id: str,
    privilege: dict[int, int],
    secret: str,
    effective_time_in_seconds: int,
) -> TokenInfo:
    """A token03; ``privilege`` maps 1 (log in) and 2 (publish) to 0 or 1."""
    return _token_info(
        lambda: _generate_token03(app_id, room_id, user_id, privilege, secret, effective_time_in_seconds)
    )


def generate_token04(
    app_id: int, user_id: str, secret: str, effective_time_in_seconds: int, payload: str
) -> TokenInfo:
    """A token04 in AES-CBC, as the official module makes it.

    A payload that is not a string, which ZEGO would refuse at login, is error 4.
    """
    return _token_info(
        lambda: _generate_token04(
            app_id, user_id, secret, effective_time_in_seconds, payload, cipher=Cipher.CBC
        )
    )


def _token_info(generate: Callable[[], str]) -> TokenInfo:
    try:
        return TokenInfo(generate(), ERROR_CODE_SUCCESS, "success")
    except TokenError as error:
        return TokenInfo("", error.code.value, error.message)
