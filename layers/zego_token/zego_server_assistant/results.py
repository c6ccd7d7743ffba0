"""What both official modules return: a token or an error, as values."""

from collections.abc import Callable
from dataclasses import dataclass, field

from zego_token import ErrorCode, TokenError

ERROR_CODE_SUCCESS = ErrorCode.SUCCESS.value
ERROR_CODE_APP_ID_INVALID = ErrorCode.APP_ID_INVALID.value
ERROR_CODE_ROOM_ID_INVALID = ErrorCode.ROOM_ID_INVALID.value
ERROR_CODE_USER_ID_INVALID = ErrorCode.USER_ID_INVALID.value
ERROR_CODE_PRIVILEGE_ID_INVALID = ErrorCode.PRIVILEGE_INVALID.value
ERROR_CODE_SECRET_INVALID = ErrorCode.SECRET_INVALID.value
ERROR_CODE_EFFECTIVE_TIME_IN_SECONDS_INVALID = ErrorCode.EFFECTIVE_TIME_IN_SECONDS_INVALID.value


@dataclass(eq=False)
class TokenInfo:
    """``token`` is empty unless ``error_code`` is 0. The repr leaves the token out."""

    token: str = field(repr=False)
    error_code: int
    error_message: str


def token_info(generate: Callable[[], str]) -> TokenInfo:
    """The token that ``generate`` returns, or the error that it raises."""
    try:
        return TokenInfo(generate(), ERROR_CODE_SUCCESS, "success")
    except TokenError as error:
        return TokenInfo("", error.code.value, error.message)
