"""Settings: what the environment may say, and how the function stops where it says something else."""

import pytest

from zego_service.settings import Settings, SettingsError
from zego_token import Cipher


def test_an_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"ZEGO_DEFAULT_APP_ID": "", "ZEGO_TOKEN_CIPHER": ""}) == Settings()


def test_every_variable_is_read() -> None:
    settings = Settings.from_environment(
        {
            "ZEGO_DEFAULT_APP_ID": "4294967295",
            "ZEGO_SECRET_NAME": "apps/{app_id}/zego",
            "ZEGO_TOKEN_CIPHER": "cbc",
            "ZEGO_DEFAULT_TTL_SECONDS": "60",
            "ZEGO_MAX_TTL_SECONDS": "120",
            "ZEGO_SECRET_TTL_SECONDS": "10",
            "ZEGO_SECRET_STALE_SECONDS": "0",
            "ZEGO_SERVER_API": "https://rtc-api-fra.zego.im",
        }
    )

    assert settings == Settings(
        default_app_id=4294967295,
        secret_name="apps/{app_id}/zego",
        token_cipher=Cipher.CBC,
        default_ttl_seconds=60,
        max_ttl_seconds=120,
        secret_ttl_seconds=10,
        secret_stale_seconds=0,
        server_api="https://rtc-api-fra.zego.im",
    )


@pytest.mark.parametrize(
    ("name", "bad"),
    [
        *(
            ("ZEGO_DEFAULT_APP_ID", bad)
            for bad in ("0", "-1", "4294967296", "1.0", "x", " 1", "١", "9" * 5000)
        ),
        *(("ZEGO_TOKEN_CIPHER", bad) for bad in ("GCM", "aes", "3des")),
        *(("ZEGO_DEFAULT_TTL_SECONDS", bad) for bad in ("0", "59", "-1", "1h", "31536001")),
        *(("ZEGO_MAX_TTL_SECONDS", bad) for bad in ("0", "59", "never", "31536001")),
        *(("ZEGO_SECRET_TTL_SECONDS", bad) for bad in ("0", "86401")),
        *(("ZEGO_SECRET_STALE_SECONDS", bad) for bad in ("-1", "604801")),
        ("ZEGO_USER_ZIM_TOKENS", "yes"),
        *(("ZEGO_USER_ROOMS", bad) for bad in ("ANY", "none", "true")),
        ("ZEGO_USER_ID_CLAIM", "su\nb"),
        *(("ZEGO_USER_ID_FORM", bad) for bad in ("sub", "Digest", "sha256")),
        *(
            ("ZEGO_SERVICE_ROLES", bad)
            for bad in (
                "backend",
                "*",
                "arn:aws:iam::123456789012:role/",
                "arn:aws:iam::123456789012:user/backend",
                "arn:aws:iam::123456789012:root",
                "arn:aws:iam::1:role/backend",
                "arn:aws:sts::123456789012:assumed-role/backend/x",
                "arn:aws:iam::123456789012:role/backend*",
            )
        ),
        ("ZEGO_USER_TOKENS_PER_MINUTE", "-1"),
        *(
            ("ZEGO_SERVER_API", bad)
            for bad in ("http://rtc-api.zego.im", "https://rtc-api.zego.im/", "https://u@x", "ftp://x")
        ),
        ("ZEGO_SECRET_NAME", "one-secret-for-no-app"),
    ],
)
def test_a_bad_value_is_named_but_not_shown(name: str, bad: str) -> None:
    with pytest.raises(SettingsError, match=name) as stopped:
        Settings.from_environment({name: bad})

    assert len(bad) < 3 or bad not in str(stopped.value)


def test_a_secret_is_named_after_its_app() -> None:
    assert Settings().secret_name_of(5) == "zego/5"


def test_a_name_without_placeholder_is_that_of_the_default_app() -> None:
    settings = Settings(default_app_id=5, secret_name="arn:aws:secretsmanager:…:secret:zego-abc")

    assert settings.secret_name_of(5) == "arn:aws:secretsmanager:…:secret:zego-abc"
    assert settings.secret_name_of(6) is None
