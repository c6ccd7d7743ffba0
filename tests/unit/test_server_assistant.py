"""The drop-in for the official Python modules, used as their README shows."""

import json
from types import ModuleType

import pytest

import zego_server_assistant
from tests.factories import SECRET
from tests.independent import open_token
from zego_server_assistant import TokenInfo, generate_token, generate_token04, token04

# The README imports the module token04, and its examples call zego_server_assistant.generate_token04.
MODULES_OF_TOKEN04 = pytest.mark.parametrize("module", [zego_server_assistant, token04])


def test_token03_as_in_the_readme() -> None:
    token_info = zego_server_assistant.generate_token(
        2913569222, "demo", "demo", {1: 1, 2: 1}, "b0d996aecc46ad51600ea853bb378c18", 3600
    )

    assert [token_info.error_code, token_info.error_message] == [0, "success"]
    content = open_token(token_info.token, "b0d996aecc46ad51600ea853bb378c18").content
    assert (content["room_id"], content["privilege"]) == ("demo", {"1": 1, "2": 1})


@MODULES_OF_TOKEN04
def test_general_token04_as_in_the_readme(module: ModuleType) -> None:
    token_info = module.generate_token04(2913569222, "demo", "b0d996aecc46ad51600ea853bb378c18", 3600, "")

    opened = open_token(token_info.token, "b0d996aecc46ad51600ea853bb378c18")
    assert (opened.version, opened.mode, opened.content["payload"]) == ("04", "cbc", "")


@MODULES_OF_TOKEN04
def test_strict_token04_as_in_the_readme(module: ModuleType) -> None:
    payload = {"room_id": "demo", "privilege": {1: 1, 2: 1}, "stream_id_list": None}

    token_info = module.generate_token04(
        app_id=1,
        user_id="demo",
        secret=SECRET,
        effective_time_in_seconds=3600,
        payload=json.dumps(payload),
    )

    assert open_token(token_info.token, SECRET).content["payload"] == json.dumps(payload)


@pytest.mark.parametrize("payload", [(), (None,), ("",)])
def test_a_payload_may_be_left_out(payload: tuple[str | None, ...]) -> None:
    token_info = token04.generate_token04(1, "demo", SECRET, 3600, *payload)

    assert open_token(token_info.token, SECRET).content["payload"] == ""


@pytest.mark.parametrize("login", [0, 1])
@pytest.mark.parametrize("publish", [0, 1])
def test_token03_denies_with_0_as_documented(login: int, publish: int) -> None:
    token_info = generate_token(1, "demo", "demo", {1: login, 2: publish}, SECRET, 3600)

    assert open_token(token_info.token, SECRET).content["privilege"] == {"1": login, "2": publish}


@pytest.mark.parametrize(
    ("token_info", "code"),
    [
        (generate_token(0, "demo", "demo", {1: 1, 2: 1}, SECRET, 3600), 1),
        (generate_token(1, "", "demo", {1: 1, 2: 1}, SECRET, 3600), 2),
        (generate_token(1, "demo", "", {1: 1, 2: 1}, SECRET, 3600), 3),
        (generate_token(1, "demo", "demo", {1: 1}, SECRET, 3600), 4),
        (generate_token(1, "demo", "demo", {1: 1, 2: 1}, "short", 3600), 5),
        (generate_token(1, "demo", "demo", {1: 1, 2: 1}, SECRET, 0), 6),
        (generate_token04(-1, "demo", SECRET, 3600, ""), 1),
        (generate_token04(1, "demo", SECRET, 3600, {"room_id": "demo"}), 4),  # type: ignore[arg-type]
        (generate_token04(1, "", SECRET, 3600), 3),
        (generate_token04(1, "demo", SECRET + "0", 3600), 5),
        (generate_token04(1, "demo", SECRET, 3600, 0), 4),  # type: ignore[arg-type]
        (generate_token04(1, "demo", SECRET, 3600, "x" * 40_000), 4),
        (generate_token04(1, "demo", SECRET, 3600, "\ud800"), 4),
        (generate_token04(1, "demo", SECRET, True, ""), 6),
        (generate_token04(1, "demo", SECRET, 2**70), 6),
    ],
)
def test_errors_are_returned_not_raised(token_info: TokenInfo, code: int) -> None:
    assert (token_info.token, token_info.error_code) == ("", code)
    assert token_info.error_message


ERROR_CODES = {
    "ERROR_CODE_SUCCESS": 0,
    "ERROR_CODE_APP_ID_INVALID": 1,
    "ERROR_CODE_ROOM_ID_INVALID": 2,
    "ERROR_CODE_USER_ID_INVALID": 3,
    "ERROR_CODE_PRIVILEGE_ID_INVALID": 4,
    "ERROR_CODE_SECRET_INVALID": 5,
    "ERROR_CODE_EFFECTIVE_TIME_IN_SECONDS_INVALID": 6,
}


def test_the_constants_of_the_readme() -> None:
    assert (zego_server_assistant.k_PRIVILEGE_LOGIN, zego_server_assistant.k_PRIVILEGE_PUBLISH) == (1, 2)
    for name, code in ERROR_CODES.items():
        assert getattr(zego_server_assistant, name) == code
    for name in ERROR_CODES.keys() - {"ERROR_CODE_ROOM_ID_INVALID"}:  # a token04 has no argument room_id
        assert getattr(token04, name) == ERROR_CODES[name]


def test_the_repr_leaves_the_token_out() -> None:
    token_info = generate_token04(1, "demo", SECRET, 3600, "")

    assert token_info.token not in repr(token_info)
