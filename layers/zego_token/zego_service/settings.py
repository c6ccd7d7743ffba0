"""The deployment's settings, read from environment variables once, at start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from zego_token import Cipher
from zego_token.checks import MAX_APP_ID

APP_ID_PLACEHOLDER = "{app_id}"
_DAY_SECONDS = 86_400
_LONGEST_TTL_SECONDS = 365 * _DAY_SECONDS
# In the clear to this machine alone, since the signature goes with it.
_SERVER_API = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]+)?|http://127\.0\.0\.1:[0-9]+")


class SettingsError(ValueError):
    """An environment variable has a value that the function cannot start with."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment variables ``ZEGO_…`` say. Durations are in seconds."""

    default_app_id: int | None = None
    secret_name: str = f"zego/{APP_ID_PLACEHOLDER}"
    token_cipher: Cipher = Cipher.GCM
    default_ttl_seconds: int = 3600
    max_ttl_seconds: int = _DAY_SECONDS
    secret_ttl_seconds: int = 300
    secret_stale_seconds: int = 3600
    user_id_claim: str = "sub"
    table: str = "zego-tokens"
    user_tokens_per_minute: int = 60
    user_zim_tokens: bool = True
    server_api: str = "https://rtc-api.zego.im"
    event_bus: str = "zego-tokens"
    bucket: str = "zego-tokens"
    kms_key: str = "alias/zego-tokens"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings; an absent or empty variable takes its default.

        Raises :class:`SettingsError`, which names the variable but not its value.
        """
        defaults = cls()

        def integer(name: str, default: int, allowed: range) -> int:
            text = environment.get(name)
            return _integer(name, text, allowed) if text else default

        settings = cls(
            default_app_id=integer("ZEGO_DEFAULT_APP_ID", 0, range(1, MAX_APP_ID + 1)) or None,
            secret_name=environment.get("ZEGO_SECRET_NAME") or defaults.secret_name,
            token_cipher=_cipher(environment.get("ZEGO_TOKEN_CIPHER") or defaults.token_cipher),
            default_ttl_seconds=integer(
                "ZEGO_DEFAULT_TTL_SECONDS", defaults.default_ttl_seconds, _TTL_SECONDS
            ),
            max_ttl_seconds=integer("ZEGO_MAX_TTL_SECONDS", defaults.max_ttl_seconds, _TTL_SECONDS),
            secret_ttl_seconds=integer(
                "ZEGO_SECRET_TTL_SECONDS", defaults.secret_ttl_seconds, range(1, _DAY_SECONDS + 1)
            ),
            secret_stale_seconds=integer(
                "ZEGO_SECRET_STALE_SECONDS", defaults.secret_stale_seconds, range(7 * _DAY_SECONDS + 1)
            ),
            table=environment.get("ZEGO_TABLE") or defaults.table,
            user_tokens_per_minute=integer(
                "ZEGO_USER_TOKENS_PER_MINUTE", defaults.user_tokens_per_minute, range(100_001)
            ),
            user_zim_tokens=_boolean(
                "ZEGO_USER_ZIM_TOKENS", environment.get("ZEGO_USER_ZIM_TOKENS") or "true"
            ),
            user_id_claim=environment.get("ZEGO_USER_ID_CLAIM") or defaults.user_id_claim,
            event_bus=environment.get("ZEGO_EVENT_BUS") or defaults.event_bus,
            bucket=environment.get("ZEGO_BUCKET") or defaults.bucket,
            kms_key=environment.get("ZEGO_KMS_KEY") or defaults.kms_key,
            server_api=environment.get("ZEGO_SERVER_API") or defaults.server_api,
        )
        if not settings.user_id_claim.isprintable():
            raise SettingsError("ZEGO_USER_ID_CLAIM must be the name of a claim")
        if not _SERVER_API.fullmatch(settings.server_api):
            raise SettingsError("ZEGO_SERVER_API must be an https URL without a path")
        if APP_ID_PLACEHOLDER not in settings.secret_name and settings.default_app_id is None:
            raise SettingsError("ZEGO_SECRET_NAME must contain {app_id} where ZEGO_DEFAULT_APP_ID is not set")
        return settings

    def secret_name_of(self, app_id: int) -> str | None:
        """Name or ARN of an app's secret; None where the deployment has one secret, for another app."""
        if APP_ID_PLACEHOLDER in self.secret_name:
            return self.secret_name.replace(APP_ID_PLACEHOLDER, str(app_id))
        return self.secret_name if app_id == self.default_app_id else None


_TTL_SECONDS = range(1, _LONGEST_TTL_SECONDS + 1)


def _integer(name: str, text: str, allowed: range) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(allowed[-1]))
    if not is_number or int(text) not in allowed:
        raise SettingsError(f"{name} must be an integer from {allowed[0]} to {allowed[-1]}")
    return int(text)


def _boolean(name: str, text: str) -> bool:
    if text not in ("true", "false"):
        raise SettingsError(f"{name} must be true or false")
    return text == "true"


def _cipher(text: str) -> Cipher:
    try:
        return Cipher(text)
    except ValueError:
        raise SettingsError("ZEGO_TOKEN_CIPHER must be gcm or cbc") from None
