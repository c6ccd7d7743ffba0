"""Privileges as the official generators and documents spell them."""

from zego_service.errors import InvalidRequestError
from zego_service.fields import kind_of
from zego_service.issuing.requests import RoomPrivilege
from zego_service.names import check_known

_FIELD = "privilege"
_FORM = '{"login": true, "publish": false}'
# The members of each spelling, for login and publish, and the types of their values.
_SPELLINGS: tuple[tuple[str, str, tuple[type, ...], str], ...] = (
    ("login", "publish", (bool,), "true or false"),
    ("canLoginRoom", "canPublishStream", (bool,), "true or false"),
    ("1", "2", (int, float), "0 or 1"),
)
_NAMES = {name for login, publish, *_ in _SPELLINGS for name in (login, publish)}


def parse_privilege(value: object) -> RoomPrivilege:
    """What a token is to allow in its room. Raises :class:`InvalidRequestError`."""
    if not isinstance(value, dict):
        raise InvalidRequestError(
            f"privilege must be an object such as {_FORM}, not {kind_of(value)}", _FIELD
        )
    try:
        check_known(value, _NAMES, "member of privilege")
    except InvalidRequestError as error:
        raise InvalidRequestError(f'"{error.field}": {error.detail}', _FIELD) from None
    spelling = next((each for each in _SPELLINGS if value.keys() == {*each[:2]}), None)
    if spelling is None:
        raise InvalidRequestError(f"privilege must say both, in one spelling, such as {_FORM}", _FIELD)
    login, publish, kinds, wanted = spelling
    for name in (login, publish):
        if type(value[name]) not in kinds or value[name] not in (0, 1):
            found = kind_of(value[name]) if type(value[name]) not in kinds else "another number"
            raise InvalidRequestError(f"privilege: {name} must be {wanted}, not {found}", _FIELD)
    return RoomPrivilege(login=bool(value[login]), publish=bool(value[publish]))
