"""The error codes of ZEGO's generators, and the one exception of this package."""

from enum import IntEnum


class ErrorCode(IntEnum):
    """Codes 0 to 6, numbered and named as in ZEGO's official token generators.

    Source: https://github.com/zegoim/zego_server_assistant
    """

    SUCCESS = 0
    APP_ID_INVALID = 1
    ROOM_ID_INVALID = 2
    USER_ID_INVALID = 3
    PRIVILEGE_INVALID = 4
    SECRET_INVALID = 5
    EFFECTIVE_TIME_IN_SECONDS_INVALID = 6

    @property
    def official_name(self) -> str:
        """The name in the official generators, such as ``appIDInvalid``."""
        return _OFFICIAL_NAMES[self]


_OFFICIAL_NAMES = {
    ErrorCode.SUCCESS: "success",
    ErrorCode.APP_ID_INVALID: "appIDInvalid",
    ErrorCode.ROOM_ID_INVALID: "roomIDInvalid",
    ErrorCode.USER_ID_INVALID: "userIDInvalid",
    ErrorCode.PRIVILEGE_INVALID: "privilegeInvalid",
    ErrorCode.SECRET_INVALID: "secretInvalid",
    ErrorCode.EFFECTIVE_TIME_IN_SECONDS_INVALID: "effectiveTimeInSecondsInvalid",
}


class TokenError(ValueError):
    """A token could not be made from these arguments, or could not be opened.

    ``code`` is the official error code, ``field`` the name of the argument at fault.
    The message never holds the value of an argument.
    """

    def __init__(self, code: ErrorCode, message: str, field: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field

    def __reduce__(self) -> tuple[type["TokenError"], tuple[ErrorCode, str, str]]:
        """Let it cross to another process, as a pool's workers need."""
        return type(self), (self.code, self.message, self.field)
