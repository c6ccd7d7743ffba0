"""The ways to get a token wrong, each made. docs/diagnosis.md is written from them."""

import hashlib
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.diagnosis.made import (
    CONTENT_03,
    CONTENT_04,
    NOW,
    ROOM,
    VALIDITY,
    room,
    sealed,
    token03,
    token04,
)
from tests.factories import APP_ID, OTHER_SECRET, SECRET
from zego_token import Cipher

GOOD = token04()
# One with a '+' and a '/' in it.
MARKED = next(token for nonce in range(10_000) if {"+", "/"} <= set(token := token04(nonce=nonce)))
# One whose base64 is padded.
PADDED = next(token for size in range(9) if (token := token04(user_id="u" * (size + 1))).endswith("="))
APP_SIGN = hashlib.sha256(b"the app's sign").hexdigest()


@dataclass(frozen=True)
class Mistake:
    """How it comes about, and the finding that tells."""

    how: str
    code: str
    token: object
    secret: object = SECRET
    asked: dict[str, Any] = field(default_factory=dict)


def kit(user_id: str = "alice", token: str = GOOD) -> str:
    part = {"userID": user_id, "roomID": "demo", "userName": "Alice", "appID": APP_ID}
    return f"{token}#{b64encode(json.dumps(part).encode()).decode()}"


MISTAKES = (
    Mistake("the client reads a field that the answer does not have", "token-missing", None),
    Mistake("the text `undefined` is sent", "token-missing", "undefined"),
    Mistake("the answer's object is passed, not its field", "token-not-text", {"token": GOOD}),
    Mistake("the answer's whole text is passed", "json-answer", json.dumps({"token": GOOD})),
    Mistake("a JWT is passed", "jwt", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"),
    Mistake("the AppSign is passed as a token", "app-sign", APP_SIGN),
    Mistake("the ServerSecret is passed as a token", "server-secret", SECRET),
    Mistake("`Bearer` is left in front", "prefixed", f"Bearer {GOOD}"),
    Mistake("the token is quoted twice", "quoted", json.dumps(GOOD)),
    Mistake("the token is still percent-encoded", "url-encoded", quote(MARKED, safe="")),
    Mistake("a form turned '+' into spaces", "url-damaged", MARKED.replace("+", " ")),
    Mistake("a line break was copied too", "whitespace", f"{GOOD}\n"),
    Mistake("a kit token is given to Express or ZIM", "kit-token", kit()),
    Mistake("the kit part is of another user", "kit-part-differs", kit("bob"), asked={"product": "uikit"}),
    Mistake(
        "the text after '#' is no kit part", "kit-part-unreadable", f"{GOOD}#demo", asked={"product": "uikit"}
    ),
    Mistake("the generator writes base64url", "base64url", MARKED.replace("+", "-").replace("/", "_")),
    Mistake("a character was changed for one outside of base64", "not-base64", GOOD[:40] + "é" + GOOD[41:]),
    Mistake('"04" is missing in front', "version-missing", GOOD[2:]),
    Mistake("another version is in front", "version-unknown", "05" + GOOD[2:]),
    Mistake(
        "a token03 has 04 in front",
        "version-differs",
        sealed(json.dumps(CONTENT_03), cipher=Cipher.CBC, version="04"),
    ),
    Mistake("ZIM gets a token03", "version-not-for-product", token03(), asked={"product": "zim"}),
    Mistake("a database column cut the token", "truncated", GOOD[:255]),
    Mistake("the padding of the base64 was stripped", "padding-missing", PADDED.rstrip("=")),
    Mistake("two tokens were joined", "trailing-data", PADDED + GOOD),
    Mistake("the lengths in the token are wrong", "envelope-damaged", "04" + b64encode(bytes(99)).decode()),
    Mistake("some other text is passed", "not-a-token", "hello"),
    Mistake("a file or a book is passed", "token-too-long", "A" * 200_001),
    Mistake("the secret is empty", "secret-missing", GOOD, ""),
    Mistake("the secret ends with a line break", "secret-whitespace", GOOD, f"{SECRET}\n"),
    Mistake("the secret is in quotes", "secret-quoted", GOOD, f'"{SECRET}"'),
    Mistake("the secret is JSON", "secret-in-json", GOOD, json.dumps({"server_secret": SECRET})),
    Mistake("the AppSign is used as the secret", "secret-is-app-sign", GOOD, APP_SIGN),
    Mistake("the secret was copied in part", "secret-length", GOOD, SECRET[:31]),
    Mistake("the secret of another app is used", "secret-wrong", GOOD, OTHER_SECRET),
    Mistake("the key is the hex-decoded secret", "key-hex-decoded", token04(key=bytes.fromhex(SECRET))),
    Mistake(
        "the key is a hash of the secret",
        "key-hashed",
        token04(key=hashlib.sha256(SECRET.encode()).digest()),
    ),
    Mistake("the key is the base64-decoded secret", "key-base64-decoded", token04(key=b64decode(SECRET))),
    Mistake("the key is the secret in its quotes", "key-quoted", token04(key=f'"{SECRET}'[:32].encode())),
    Mistake("the key is the secret with a space", "key-trimmed", token04(key=f" {SECRET}"[:32].encode())),
    Mistake("the key is the secret in capitals", "key-case", token04(key=SECRET.upper().encode())),
    Mistake("the key is half of the secret", "key-cut", token04(key=SECRET[:16].encode())),
    Mistake("the encrypted text is not JSON", "content-not-json", sealed("alice")),
    Mistake(
        "the expiry in front was changed",
        "header-time-differs",
        sealed(json.dumps(CONTENT_04), header=NOW + 2 * VALIDITY),
    ),
    Mistake("a member is missing", "member-missing", token04(nonce=...)),
    Mistake("the AppID is a string", "member-invalid", token04(app_id=str(APP_ID))),
    Mistake("the payload is an object", "payload-is-object", token04(payload=json.loads(ROOM))),
    Mistake("the payload is text of another kind", "payload-not-json", token04(payload="demo")),
    Mistake("the payload was converted twice", "payload-encoded-twice", token04(payload=json.dumps(ROOM))),
    Mistake(
        "the privileges are true and false", "privilege-invalid", room(privilege={"1": True, "2": False})
    ),
    Mistake("the stream list is empty", "empty-stream-list", room(stream_id_list=[])),
    Mistake("the expiry is a duration", "expiry-relative", token04(expire=VALIDITY)),
    Mistake(
        "the times are in milliseconds",
        "time-in-milliseconds",
        token04(ctime=NOW * 1000, expire=(NOW + VALIDITY) * 1000),
    ),
    Mistake("the expiry is negative", "time-invalid", token04(expire=-1)),
    Mistake("the validity is negative", "validity-negative", token04(expire=NOW - 60)),
    Mistake("an old token is used", "expired", GOOD, asked={"now": NOW + 2 * VALIDITY}),
    Mistake("the server's clock is ahead", "clock-ahead", GOOD, asked={"now": NOW - 600}),
    Mistake("the client has another AppID", "other-app", GOOD, asked={"app_id": 1}),
    Mistake("the client logs in as another user", "other-user", GOOD, asked={"user_id": "bob"}),
    Mistake("the client joins another room", "other-room", GOOD, asked={"room_id": "maths"}),
    Mistake("the token denies the login", "login-denied", room(privilege={"1": 0, "2": 1})),
    Mistake("the user id is empty", "user-id-empty", token04(user_id="")),
    Mistake("the user id has a space", "user-id-refused", token04(user_id="alice smith")),
    Mistake(
        "the user id is too long for ZIM",
        "user-id-too-long",
        token04(user_id="u" * 33, payload=""),
        asked={"product": "zim"},
    ),
    Mistake("the room id is empty", "room-id-empty", room(room_id="")),
    Mistake("the room id has a slash", "room-id-refused", room(room_id="a/b")),
    Mistake("the room id is too long", "room-id-too-long", room(room_id="r" * 128)),
    Mistake("a stream id has other characters", "stream-id-refused", room(stream_id_list=["a b"])),
    Mistake("the token lives too short", "validity-too-short", token04(expire=NOW + 29)),
    Mistake("the token is about to expire", "ends-soon", GOOD, asked={"now": NOW + VALIDITY - 29}),
    Mistake(
        "a ZIM token lives too long",
        "validity-too-long",
        token04(expire=NOW + 2_073_601, payload=""),
        asked={"product": "zim"},
    ),
    Mistake(
        "a token for all rooms is used", "no-room-payload", token04(payload=""), asked={"room_id": "demo"}
    ),
    Mistake("the token is for listening only", "publish-denied", room(privilege={"1": 1, "2": 0})),
    Mistake("an argument has the wrong type", "argument-invalid", GOOD, asked={"app_id": str(APP_ID)}),
)
