"""Drop-in for ZEGO's official Python modules, with the behaviour that their README documents.

This package mirrors the official module ``zego_server_assistant`` (token03), and
``zego_server_assistant.token04`` the official module ``token04``: the same names and arguments, and
wrong arguments give an error in the result, not an exception. A privilege of 0 is accepted, as
documented. As the official README calls it, ``generate_token04`` is here too.

Source: https://github.com/zegoim/zego_server_assistant
"""

from zego_server_assistant import token04
from zego_server_assistant.results import (
    ERROR_CODE_APP_ID_INVALID,
    ERROR_CODE_EFFECTIVE_TIME_IN_SECONDS_INVALID,
    ERROR_CODE_PRIVILEGE_ID_INVALID,
    ERROR_CODE_ROOM_ID_INVALID,
    ERROR_CODE_SECRET_INVALID,
    ERROR_CODE_SUCCESS,
    ERROR_CODE_USER_ID_INVALID,
    TokenInfo,
    token_info,
)
from zego_server_assistant.token04 import generate_token04
from zego_token import Privilege
from zego_token import generate_token03 as _generate_token03

k_PRIVILEGE_LOGIN = Privilege.LOGIN.value
k_PRIVILEGE_PUBLISH = Privilege.PUBLISH.value

__all__ = [
    "ERROR_CODE_APP_ID_INVALID",
    "ERROR_CODE_EFFECTIVE_TIME_IN_SECONDS_INVALID",
    "ERROR_CODE_PRIVILEGE_ID_INVALID",
    "ERROR_CODE_ROOM_ID_INVALID",
    "ERROR_CODE_SECRET_INVALID",
    "ERROR_CODE_SUCCESS",
    "ERROR_CODE_USER_ID_INVALID",
    "TokenInfo",
    "generate_token",
    "generate_token04",
    "k_PRIVILEGE_LOGIN",
    "k_PRIVILEGE_PUBLISH",
    "token04",
]


def generate_token(
    app_id: int,
    room_id: str,
    user_id: str,
    privilege: dict[int, int],
    secret: str,
    effective_time_in_seconds: int,
) -> TokenInfo:
    """A token03. Nothing is raised for wrong arguments.

    ``privilege`` maps both 1 (log in) and 2 (publish) to 1 (allow) or 0 (deny).
    """
    return token_info(
        lambda: _generate_token03(app_id, room_id, user_id, privilege, secret, effective_time_in_seconds)
    )
