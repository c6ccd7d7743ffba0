"""The deployment's settings, read from environment variables once, at start.

The variable of a setting is ``ZEGO_`` and its name in capitals.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Literal, get_args, get_type_hints

from zego_service.roles import Role, parse_roles
from zego_token import MAX_APP_ID, Cipher

APP_ID_PLACEHOLDER = "{app_id}"
_DAY_SECONDS = 86_400
# Plain HTTP only to this machine: the request carries a signature.
_SERVER_API = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?|http://127\.0\.0\.1:[0-9]+")

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")


class SettingsError(ValueError):
    """An environment variable has a value that the function cannot start with."""


def variable_of(setting: str) -> str:
    """The environment variable of a setting: ``table`` is read from ``ZEGO_TABLE``."""
    return f"ZEGO_{setting.upper()}"


def _integer(allowed: range, text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(allowed[-1]))
    if not is_number or int(text) not in allowed:
        raise ValueError(f"must be an integer from {allowed[0]} to {allowed[-1]}")
    return int(text)


def _boolean(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("must be true or false")
    return text == "true"


def _one_of(words: tuple[str, ...], text: str) -> str:
    if text not in words:
        raise ValueError(f"must be {' or '.join(words)}")
    return text


def _cipher(text: str) -> Cipher:
    if text not in list(Cipher):
        raise ValueError("must be gcm or cbc")
    return Cipher(text)


def _claim(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be the name of a claim")
    return text


def _server_api(text: str) -> str:
    if not _SERVER_API.fullmatch(text):
        raise ValueError("must be an https URL without a path")
    return text


def _aws_client(text: str) -> str:
    if text != "boto3":
        raise ValueError("must be boto3, or be left out")
    return text


def _without_default_port(origin: str) -> str:
    port = {"http": ":80", "https": ":443"}.get(origin.partition("://")[0], "")
    return origin.removesuffix(port)


def _origins(text: str) -> tuple[str, ...]:
    """Origins as browsers write them: in lower case, without the port that the scheme has anyway."""
    origins = [origin.strip().lower() for origin in text.split(",") if origin.strip()]
    if not all(map(_ORIGIN.fullmatch, origins)):
        raise ValueError(
            "must be origins such as https://app.example.com, separated by commas: no path, no slash at the "
            "end, no *"
        )
    return tuple(dict.fromkeys(_without_default_port(origin) for origin in origins))


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    return partial(_integer, range(lowest, highest + 1))


_AppId = Annotated[int | None, _whole(1, MAX_APP_ID)]
# Shorter tokens are refused over HTTP, since clients would renew them in a loop.
_Ttl = Annotated[int, _whole(60, 365 * _DAY_SECONDS)]
_UserRooms = Literal["granted", "any"]
_UserIdForm = Literal["claim", "digest"]


@dataclass(frozen=True, slots=True)
class Settings:
    """The deployment's settings. Durations are in seconds.

    An annotation's second part parses the variable's text; it raises ValueError with what the value must be.
    """

    default_app_id: _AppId = None
    secret_name: str = f"zego/{APP_ID_PLACEHOLDER}"
    token_cipher: Annotated[Cipher, _cipher] = Cipher.GCM
    default_ttl_seconds: _Ttl = 3600
    max_ttl_seconds: _Ttl = _DAY_SECONDS
    secret_ttl_seconds: Annotated[int, _whole(1, _DAY_SECONDS)] = 300
    secret_stale_seconds: Annotated[int, _whole(0, 7 * _DAY_SECONDS)] = 3600
    user_id_claim: Annotated[str, _claim] = "sub"
    table: str = "zego-tokens"
    user_tokens_per_minute: Annotated[int, _whole(0, 100_000)] = 60
    user_id_form: Annotated[_UserIdForm, partial(_one_of, get_args(_UserIdForm))] = "claim"
    service_roles: Annotated[frozenset[Role], parse_roles] = frozenset()
    user_rooms: Annotated[_UserRooms, partial(_one_of, get_args(_UserRooms))] = "granted"
    user_zim_tokens: Annotated[bool, _boolean] = False
    cors_allow_origins: Annotated[tuple[str, ...], _origins] = ()
    server_api: Annotated[str, _server_api] = "https://rtc-api.zego.im"
    event_bus: str = "zego-tokens"
    bucket: str = "zego-tokens"
    kms_key: str = "alias/zego-tokens"
    # "boto3" keeps the small client out of use. The module aws_environment reads the variable itself.
    aws_client: Annotated[str, _aws_client] = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings. An absent or empty variable has its default.

        Raises :class:`SettingsError`, which names the variable but not its value.
        """
        given: dict[str, Any] = {}
        for setting, hint in get_type_hints(cls, include_extras=True).items():
            text = environment.get(variable_of(setting))
            if text:
                given[setting] = _parsed(variable_of(setting), text, hint)
        settings = cls(**given)
        if APP_ID_PLACEHOLDER not in settings.secret_name and settings.default_app_id is None:
            raise SettingsError("ZEGO_SECRET_NAME must contain {app_id} where ZEGO_DEFAULT_APP_ID is not set")
        return settings

    def secret_name_of(self, app_id: int) -> str | None:
        """Name or ARN of an app's secret; None where the deployment has one secret, for another app."""
        if APP_ID_PLACEHOLDER in self.secret_name:
            return self.secret_name.replace(APP_ID_PLACEHOLDER, str(app_id))
        return self.secret_name if app_id == self.default_app_id else None


def _parsed(variable: str, text: str, hint: Any) -> Any:
    (parse,) = getattr(hint, "__metadata__", (str,))
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"{variable} {error}") from None
