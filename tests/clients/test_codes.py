"""What ZEGO's SDKs say of tokens that are none: the codes that docs/diagnosis.md lists."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.factories import APP_ID, SECRET
from zego_token import generate_token04, kit_token

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWEtand0LXdpdGgtMzItYnl0ZXM"
PENDING = "pending"
# Calls that never settle: for how long they are watched, and within what time all others must.
_CALM, _PATIENCE = 2000, 20_000
_EXPRESS = """async ([appId, token, wanted, patience]) => {
  const engine = new ZegoExpressEngine(appId, `wss://webliveroom${appId}-api.zegocloud.com/ws`);
  const events = [];
  engine.on("roomStateUpdate", (room, state, code) => events.push(`${state} ${code}`));
  engine.on("tokenWillExpire", () => events.push("tokenWillExpire"));
  const login = engine.loginRoom("demo", token, { userID: "alice", userName: "alice" });
  const until = Date.now() + 20_000;
  const late = (async () => {
    while (events.length < wanted && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, patience));
    return "pending";
  })();
  const outcome = await Promise.race([login.catch((error) => error.code), late]);
  return [outcome, events];
}"""
_ZIM = """async ([appId, token, patience]) => {
  const zim = ZIM.create({ appID: appId });
  const login = zim.login("alice", { userName: "alice", token });
  const late = new Promise((resolve) => setTimeout(() => resolve("pending"), patience));
  const outcome = await Promise.race([login.then(() => "in", (error) => error.code), late]);
  zim.destroy();
  return outcome;
}"""
_UIKIT = """([token]) => {
  try {
    ZegoUIKitPrebuilt.create(token);
    return "created";
  } catch (error) {
    return error.message;
  }
}"""


def token(*, ago: int = 0) -> str:
    """A token of an hour that was made so many seconds ago."""
    return generate_token04(APP_ID, "alice", SECRET, 3600, now=int(time.time()) - ago)


@pytest.fixture
def sdk(page: Page, origin: str) -> Page:
    page.goto(f"{origin}/sdk/index.html")
    return page


@pytest.mark.parametrize(
    ("given", "outcome", "events"),
    [
        (token(), PENDING, ["CONNECTING 0"]),
        ("", 1100001, []),
        # Express reads the clear time alone. A JWT goes to ZEGO, which refuses it with 1102016.
        (JWT, PENDING, ["CONNECTING 0"]),
        (token(ago=7200), PENDING, ["CONNECTING 0", "tokenWillExpire"]),
    ],
    ids=["good", "empty", "JWT", "expired"],
)
def test_express(sdk: Page, given: str, outcome: object, events: list[str]) -> None:
    patience = _CALM if outcome == PENDING else _PATIENCE
    answered, happened = sdk.evaluate(_EXPRESS, [APP_ID, given, len(events), patience])

    assert (answered, happened[: len(events)]) == (outcome, events)


def test_a_wrong_field_of_the_answer_hangs_the_login_of_express(sdk: Page) -> None:
    errors: list[str] = []
    sdk.on("pageerror", lambda error: errors.append(str(error)))

    answered, events = sdk.evaluate(_EXPRESS, [APP_ID, None, 0, _CALM])

    assert (answered, events) == (PENDING, [])
    assert any("substring" in error for error in errors)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [(token(), PENDING), (None, 6000103), ("", 6000103), (JWT, 6000107), (token()[:25], 6000103)],
    ids=["good", "wrong field", "empty", "JWT", "cut"],
)
def test_zim(sdk: Page, given: Any, outcome: object) -> None:
    patience = _CALM if outcome == PENDING else _PATIENCE

    assert sdk.evaluate(_ZIM, [APP_ID, given, patience]) == outcome


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        (kit_token(token(), "demo", "alice", "Alice", APP_ID), "created"),
        (token(), "Cannot read properties of undefined (reading 'getVersion')"),
    ],
    ids=["good", "token without a kit"],
)
def test_uikit(sdk: Page, given: str, outcome: str) -> None:
    assert sdk.evaluate(_UIKIT, [given]) == outcome
