"""Times as RFC 3339 writes them, and nothing else that a time might look like.

Source: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
"""

import re
from calendar import monthrange, timegm

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)
_WITHOUT_OFFSET = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?", re.ASCII)
_DAY_SECONDS = 86_400


def unix_seconds(text: str) -> int:
    """The Unix time of a date and time with an offset. Fractions of a second are cut off.

    A space may stand for the ``T``. The second 60 is taken where leap seconds are, at the end of a day in
    UTC, and is the first second of the next day. Raises ValueError, which says what is wrong.
    """
    parts = _TIME.fullmatch(text)
    if parts is None:
        raise ValueError("it has no offset" if _WITHOUT_OFFSET.fullmatch(text) else "it is not of this form")
    year, month, day, hour, minute, second = map(int, parts.groups()[:6])
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]):
        raise ValueError("there is no such day")
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError("there is no such time of day")
    seconds = timegm((year, month, day, hour, minute, second)) - _offset(*parts.groups()[6:])
    if second == 60 and seconds % _DAY_SECONDS:
        raise ValueError("there is no such time of day")
    return seconds


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None or hours is None or minutes is None:  # Z
        return 0
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError("there is no such offset")
    return int(sign + "1") * (int(hours) * 3600 + int(minutes) * 60)
