"""Requests and answers: one or more for each operation. A test sends the requests and compares."""

from dataclasses import dataclass, field
from typing import Any

from zego_token import __version__

_NOW = 1795306972  # 2026-11-23
_APP = 1234567890
_ROOM_TOKEN = (
    "04AAAAAGsCQ+wADHeCtWa0XM01wvzlewDLE1LaPpoPc+C8+EyX6z3s2CE5vyfBI9eiU7rzCUU2gLxfDrzMqevWJlamyo2hO"
    "cFTvZ/O+wgWCUnTiKsMbUhnqah4aCspujS7txEUOJ3ZFvRa+bQNRPLZlnnxfKvTdpHK9R/9SdpOUETXGGXTYNlXKKmLykOu"
    "mwSa2RMrLplY+418FdCeDYAKtcklx1+cKKofF6/zbkzV4q7fuBI0WpngP23f095aKJRpl6y5AhGUuAN0ZKHNGFc/A73ikuE"
    "Mo06lPbVS5gvIsOI8j/QB"
)
_UIKIT_TOKEN = (
    "04AAAAAGsCQ+wADLDYMQ/oYmDmWqCo/wD6M0px7J07MKTDOCv2SLCItD6BiDhmEL0twKeJeoup/iQiTMq4KuWGZejGwF5+c"
    "03DTI0VqDXnH/zmLzF5F6DJy/zacyp3yGrOC78g2W7FP7mkUZdxL74fOmA2HSSuML5OTQtvZdu2hJr9am3pAuny90BLZT2N"
    "P2xVwRaCtdqCSIRWFp4cIZe63m8tyhAQ1ev3HrPBYcEaomrVw2BpCtbrx4MspGE5Pza4f78I0htSSmB6yAW1xkQyj0IMOJ+"
    "OKPG/XyRQyrDARvp05wuQYCaCKp4/i9wXyJpZVHwxYxwaDGSDlnENoAUvqw8gIh0SxUz4bsLRpcNfZvqbZwE="
)
_ZIM_TOKEN = (
    "04AAAAAGsCQ+wADAdTfSrpic1hDSGPEwB9SUhPVDbHj1KhO2/dvBm6+oG1kTK65AcGgmfT60mbw1q/Qrl0W1o2ZkwIxChkE"
    "EsoJDdHwokQYf/hevibbzaV1mRWuCdPqwXC2CLLh39/ypqXVjUsw3Tk1wpnf4dL2rYUl+6GI9O/eGiL+vV8Tn+0qUifnxJd"
    "D/jXa9iEMHoB"
)
_TOKEN03 = (
    "03AAAAAGsCQ+wAEKBhrgUeEYKRnrwimtky5OYAsJuZ55hN1rb6uhmdl/Ztwa9TrSlFk7AG5SX13J44Cf0qHhC3yWVf13jNI"
    "ut22g+QJcWPhC+nHTcrjnamvzAknVtD39+oMnfS9DO5klIHfRsicRImGLo3aQGfWSyECfip995+3xetj/AXLP1NF2mI+pYi"
    "XId/ADbK4MimGq9NvngUPnq+kznZfZVV+D40KhbpHcPX5Qvr628P9iDg7gUKu422rLQxej8BI8KWOvO8ERxQ"
)
_GRANT_TOKEN = (
    "04AAAAAGsCQ+wADO6UEfWioB5HkwPozgDmyLQoNSX8jzGzeLQ3QdBWArszc03P3V/AeirBE9jHf2zg169xPYBwPWGuf3R60"
    "tTo5EHPwApO85LEFKXHgQ8bPYZeM9CwBVrq1GMrOu2FlRpJWd0bkEpJheoaF4LkaFkjNeCmQeR51EPrdIJD76L2SbdbByYk"
    "ixtIAwnEKBc5pFn/xi1MgFwmWwOp7yfjLAAws3MqMs3L0JzRW1Ye2jdwR0UIZCDEeIMIQxEN83Rqb2HiwY5+dQ6jFD4E6un"
    "Qx04DJU8Y4n6ivQeYmx+2iuaq/gQ2zfAEKTTL4FUCUzwWiM7dJuTE/h4B"
)
_AHEAD_TOKEN = (
    "04AAAAAGsDh1wADLW7oXYf0LrHnFGC7wDOIqlFeQuFfeDi8KCOtyeypuiJkfSaWthZ1smk6uYpYSLCQpquSPHCEU0daDHF5"
    "nIcRR1Qc7Vh64xfUQ35JNi/lEr7hENZcRfWAKPhxplInzVTnXGOC2uJjmiORkBsDFUoyqsBXCXYiO2sQd5Q2ibpW7A1nV/a"
    "J/iIDLJ5Wtoy+e8USFalUfkGcXKn9S4xezvyAnkVeQkAH+XGxrghIhIJVH+QkuWDl+OxcmiU06eg3pSG4NxSL/K5Ijlnqoe"
    "ghKuCftzJkKw3DxjdkxZsSoUB"
)
_KIT = (
    "eyJ1c2VySUQiOiJhbGljZSIsInJvb21JRCI6ImRlbW8iLCJ1c2VyTmFtZSI6IiVFNiU5RCU4RSVFOSU5"
    "QiVCNyIsImFwcElEIjoxMjM0NTY3ODkwfQ=="
)
_ALICE = {"user_id": "alice", "room_id": "demo", "privilege": {"login": True, "publish": True}}


def _issued(token: str, **fields: Any) -> dict[str, Any]:
    """An answer with a token of an hour."""
    return {
        "token": token,
        "version": "04",
        "cipher": "gcm",
        "app_id": _APP,
        "user_id": "alice",
        "room_id": "demo",
        "privilege": {"login": True, "publish": True},
        "stream_ids": None,
        "issued_at": _NOW,
        "expires_at": _NOW + 3600,
        "refresh_after": _NOW + 2880,
        "expires_in": 3600,
        "refresh_in": 2880,
        **fields,
    }


def _grant(user_id: str, *, publish: bool, stream_ids: list[str] | None) -> dict[str, Any]:
    return {
        "user_id": user_id,
        "login": True,
        "publish": publish,
        "stream_ids": stream_ids,
        **_SCHEDULED,
        "revision": 1,
        "source": "schedule",
    }


_SCHEDULED = {"starts_at": 1767225600, "ends_at": 2082758400}
_REVOKED = {
    "app_id": _APP,
    "user_id": "eve",
    "room_id": "demo",
    "until": _NOW + 86_400,
    "created_at": _NOW,
    "created_by": "iam:arn:aws:sts::123456789012:assumed-role/backend/i-0abc1234def567890",
    "by_user": False,
}


_BOB_SMITH = {
    "type": "urn:zego-token-service:problem:invalid-request",
    "title": "Bad Request",
    "status": 400,
    "detail": "user_id must not contain U+0020 SPACE; ZEGO takes A to Z, a to z, 0 to 9 and "
    "!#$%&'()*+-.,;<=>@\\^_`~",
    "instance": "JKJaXmPLvHcESHA=#items[1].user_id",
    "error_code": 3,
    "error_name": "userIDInvalid",
    "field": "user_id",
}


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """A request of a backend and its answer; an operation has each name once."""

    operation: str
    name: str
    summary: str
    parameters: dict[str, Any] = field(default_factory=dict)
    request: dict[str, Any] | None = None
    answer: dict[str, Any]


# In this order, each is what the service answers after the sample events room_scheduled and tokens_requested.
EXCHANGES = (
    Exchange(
        operation="issueToken",
        name="room",
        summary="A backend lets a user log in to a room and publish there",
        request=_ALICE,
        answer=_issued(_ROOM_TOKEN),
    ),
    Exchange(
        operation="issueToken",
        name="uikit",
        summary="The same for UIKit, for the streams that it publishes",
        request={**_ALICE, "product": "uikit", "user_name": "李雷", "stream_ids": "uikit"},
        answer=_issued(
            _UIKIT_TOKEN,
            stream_ids=["demo_alice_main", "demo_alice_screensharing"],
            kit_token=f"{_UIKIT_TOKEN}#{_KIT}",
        ),
    ),
    Exchange(
        operation="issueToken",
        name="zim",
        summary="A user of ZIM",
        request={"user_id": "alice", "product": "zim"},
        answer=_issued(_ZIM_TOKEN, room_id=None, privilege=None),
    ),
    Exchange(
        operation="issueToken",
        name="token03",
        summary="The older kind of token",
        request={"version": "03", "user_id": "alice", "room_id": "demo"},
        answer=_issued(_TOKEN03, version="03", cipher="cbc", privilege={"login": True, "publish": False}),
    ),
    Exchange(
        operation="enterRoom",
        name="grant",
        summary="A backend gets what a user's grant allows; a user sends no body",
        parameters={"room_id": "maths-7b"},
        request={"user_id": "alice"},
        answer=_issued(_GRANT_TOKEN, room_id="maths-7b", stream_ids=["maths-7b_alice_camera"]),
    ),
    Exchange(
        operation="showGrants",
        name="scheduled",
        summary="A room that an event has scheduled",
        parameters={"room_id": "maths-7b", "limit": 1000},
        answer={
            "room": {
                "app_id": _APP,
                "room_id": "maths-7b",
                "state": "scheduled",
                "revision": 1,
                **_SCHEDULED,
            },
            "grants": [
                _grant(
                    "teacher", publish=True, stream_ids=["maths-7b_teacher_camera", "maths-7b_teacher_screen"]
                ),
                _grant("bob", publish=False, stream_ids=None),
                _grant("alice", publish=True, stream_ids=["maths-7b_alice_camera"]),
            ],
            "next": None,
        },
    ),
    Exchange(
        operation="handOut",
        name="kiosk",
        summary="The token of a device, minted by an event",
        parameters={"request_id": "kiosk-2026-11", "user_id": "kiosk-1"},
        answer=_issued(
            _AHEAD_TOKEN,
            user_id="kiosk-1",
            room_id="lobby",
            privilege={"login": True, "publish": False},
            expires_at=_NOW + 86_400,
            refresh_after=_NOW + 69_120,
            expires_in=86_400,
            refresh_in=69_120,
        ),
    ),
    Exchange(
        operation="issueTokens",
        name="class",
        summary="Two tokens for one room, of which one cannot be had",
        request={
            "room_id": "demo",
            "items": [
                {"user_id": "alice", "privilege": {"login": True, "publish": True}},
                {"user_id": "bob smith"},
            ],
        },
        answer={
            "results": [
                {"status": 200, **_issued(_ROOM_TOKEN)},
                {"status": 400, "problem": _BOB_SMITH},
            ]
        },
    ),
    Exchange(
        operation="inspectToken",
        name="other-user",
        summary="A token that somebody else logs in with",
        request={"token": _ROOM_TOKEN, "user_id": "bob", "room_id": "demo"},
        answer={
            "token": {
                "version": "04",
                "cipher": "gcm",
                "app_id": _APP,
                "user_id": "alice",
                "room_id": "demo",
                "privilege": {"login": True, "publish": True},
                "issued_at": _NOW,
                "expires_at": _NOW + 3600,
                "expires_in": 3600,
            },
            "findings": [
                {
                    "code": "other-user",
                    "sentence": "The token is for user 'alice', not for 'bob'.",
                    "what_to_do": "Log in with the user id for which the token was made.",
                    "client_error_codes": [1002077, 1102016, 1002033, 6000103, 1000002011],
                    "severity": "error",
                }
            ],
        },
    ),
    Exchange(
        operation="revoke",
        name="user-in-room",
        summary="A user gets no further tokens for a room, for a day",
        request={"user_id": "eve", "room_id": "demo", "until": _NOW + 86_400},
        answer={
            **_REVOKED,
            "note": "No further tokens, within 5 seconds. Tokens that were issued before live until they "
            "expire: keep validities short, and remove users who are in a room with ZEGO's KickoutUser.",
        },
    ),
    Exchange(
        operation="showRevocations",
        name="one",
        summary="One is in force",
        answer={"revocations": [_REVOKED]},
    ),
    Exchange(
        operation="liftRevocation",
        name="lifted",
        summary="It was in force",
        parameters={"user_id": "eve", "room_id": "demo"},
        answer={"lifted": True},
    ),
    Exchange(
        operation="health",
        name="ok",
        summary="The function answers",
        answer={"status": "ok", "version": __version__},
    ),
    Exchange(
        operation="openapi",
        name="shortened",
        summary="Its first members",
        answer={"openapi": "3.1.0", "info": {"title": "ZEGO token service", "version": __version__}},
    ),
)
