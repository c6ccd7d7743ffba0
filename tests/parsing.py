"""What a parser of fields makes of a value."""

from collections.abc import Callable
from typing import Any

import pytest

from zego_service.errors import InvalidRequestError


def accepts(parse: Callable[[object], object], value: object) -> bool:
    try:
        parse(value)
    except InvalidRequestError:
        return False
    return True


def refusal(check: Any, *arguments: object) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as refused:
        check(*arguments)
    return refused.value
