"""Mirrors the official module ``token04``."""

from zego_server_assistant.results import (
    ERROR_CODE_APP_ID_INVALID,
    ERROR_CODE_EFFECTIVE_TIME_IN_SECONDS_INVALID,
    ERROR_CODE_PRIVILEGE_ID_INVALID,
    ERROR_CODE_SECRET_INVALID,
    ERROR_CODE_SUCCESS,
    ERROR_CODE_USER_ID_INVALID,
    TokenInfo,
    token_info,
)
from zego_token import Cipher
from zego_token import generate_token04 as _generate_token04

__all__ = [
    "ERROR_CODE_APP_ID_INVALID",
    "ERROR_CODE_EFFECTIVE_TIME_IN_SECONDS_INVALID",
    "ERROR_CODE_PRIVILEGE_ID_INVALID",
    "ERROR_CODE_SECRET_INVALID",
    "ERROR_CODE_SUCCESS",
    "ERROR_CODE_USER_ID_INVALID",
    "TokenInfo",
    "generate_token04",
]


def generate_token04(
    app_id: int, user_id: str, secret: str, effective_time_in_seconds: int, payload: str | None = ""
) -> TokenInfo:
    """A token04 in AES-CBC, as the official module makes it. Nothing is raised for wrong arguments.

    ``payload`` may be left out, empty or None: the token then opens every room. A payload that is
    no string, which ZEGO would refuse at login, is error 4 (``ERROR_CODE_PRIVILEGE_ID_INVALID``).
    """
    text = "" if payload is None else payload
    return token_info(
        lambda: _generate_token04(app_id, user_id, secret, effective_time_in_seconds, text, cipher=Cipher.CBC)
    )
