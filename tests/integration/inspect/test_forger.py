"""A forger who may ask about CBC texts learns nothing about them, on any route.

With the answer to "does this open, and what is wrong inside?" it takes some 15,000 questions to make any
token without the secret (Vaudenay, "Security Flaws Induced by CBC Padding", 2002).
"""

import json
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from openapi.document import document
from tests.api import Answer, Api, create_api
from tests.diagnosis.made import CONTENT_03, CONTENT_04, NOW, sealed, token03, token04
from tests.factories import APP_ID, OTHER_SECRET, SECRET, TRIGGERS, token_event
from tests.inspections import inspect_event
from zego_service.issuing.inspecting import EVEN_SECONDS
from zego_service.settings import Settings
from zego_token import Cipher, TokenError, decode_token, explain

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

Oracle = Callable[[str], object]
VICTIM = token04(cipher=Cipher.CBC)


def cbc(plaintext: bytes | str, **form: Any) -> str:
    return sealed(plaintext, cipher=Cipher.CBC, **form)


def flipped(token: str, position: int, bits: int) -> str:
    data = bytearray(b64decode(token[2:]))
    data[position] ^= bits
    return token[:2] + b64encode(data).decode()


def unopenable() -> Iterator[str]:
    """CBC texts and token03 that do not parse in full, for every reason that there is."""
    for token in (VICTIM, token03()):
        last_but_one = len(b64decode(token[2:])) - 17  # governs the padding
        yield from (flipped(token, last_but_one, bits) for bits in range(1, 256, 5))
        yield from (flipped(token, position, 1) for position in range(0, 60, 3))
        yield from (token[:size] for size in range(3, len(token), 9))
        yield from (token + more for more in ("=", "A", "AAAA", "\n", " ", token))
        yield from (f'"{token}"', f" {token}", token.replace("A", "%41"), f"Bearer {token}", f"{token}#e30=")
        yield from (
            f'{{"token": "{token}"}}',
            token.rstrip("="),
            token.lower(),
            token[:40] + "é" + token[41:],
        )
    for version in ("03", "04"):
        for plaintext in (b"", b"{", b"[]", b"null", b"\xff" * 40, b'{"', b"[" * 9000, b"x" * 30_000):
            yield cbc(plaintext, version=version)
    for content in (CONTENT_03, CONTENT_04):
        version = "03" if content is CONTENT_03 else "04"
        yield cbc(json.dumps(content), version=version, header=NOW)
        yield cbc(json.dumps(content), version=version, key=OTHER_SECRET.encode())
        yield cbc(json.dumps(content), version="04" if version == "03" else "03")
        yield cbc(json.dumps(content), version=version, key=bytes.fromhex(SECRET))
        yield cbc(json.dumps(content), version=version, key=SECRET.upper().encode())
        for name in content:
            if name != "payload":
                others = {other: value for other, value in content.items() if other != name}
                yield cbc(json.dumps(others), version=version)
            yield cbc(json.dumps({**content, name: None}), version=version)
    yield token04(payload={"room_id": "demo"}, cipher=Cipher.CBC)
    yield VICTIM.replace("04", "03", 1)
    # What is in GCM's form, but has no right tag, is no better.
    yield flipped(token04(), 40, 1)


def opens(token: str) -> bool:
    try:
        decode_token(token, SECRET)
    except TokenError:
        return False
    return True


# A changed IV may make a token for another app, which opens.
UNOPENABLE = [token for token in dict.fromkeys(unopenable()) if not opens(token)]


@pytest.mark.usefixtures("at_once")
def test_all_that_does_not_open_has_one_answer(api: Api) -> None:
    answers = {token: api(inspect_event(token, user_id="alice", room_id="demo")) for token in UNOPENABLE}

    assert {answer.status for answer in answers.values()} == {200}
    assert len({answer.text for answer in answers.values()}) == 1
    (finding,) = next(iter(answers.values())).json["findings"]
    assert (finding["code"], finding["severity"]) == ("cannot-be-opened", "error")
    assert len(answers) > 250


def last_byte(token: str, oracle: Oracle) -> int | None:
    """Vaudenay's first step: the last byte of the plaintext, or None where the oracle tells nothing."""
    data = b64decode(token[2:])
    iv, block = data[10:26], data[-16:]  # the token's last block as the only one, after a chosen one
    before = data[-32:-16] if len(data) > 44 else iv
    answers: dict[int, object] = {}
    for guess in range(256):
        chosen = bytes(15) + bytes([guess])
        body = data[:8] + (16).to_bytes(2) + chosen + (16).to_bytes(2) + block
        answers[guess] = oracle("04" + b64encode(body).decode())
    rare = [guess for guess, answer in answers.items() if list(answers.values()).count(answer) <= 4]
    return None if not rare else rare[0] ^ 1 ^ before[15]


def test_the_forger_succeeds_where_the_answers_differ() -> None:
    # The attack works: `explain` on CBC texts is the oracle that it needs.
    def leaky(token: str) -> object:
        from zego_token.ciphers import decrypt
        from zego_token.wire import unpack

        envelope = unpack(token)
        assert envelope is not None
        return decrypt(envelope.cipher, SECRET.encode(), envelope.iv, envelope.sealed) is None

    padding = 16 - len(json.dumps(CONTENT_04)) % 16
    assert last_byte(VICTIM, leaky) == padding
    assert len({tuple(f.code for f in explain(token, SECRET, now=NOW)) for token in UNOPENABLE}) > 20


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("trigger", TRIGGERS)
def test_the_forger_gains_nothing_from_an_inspection(api: Api, trigger: str) -> None:
    seen = set()

    def oracle(token: str) -> object:
        answer = api(inspect_event(token, trigger))
        seen.add((answer.status, answer.text, tuple(answer.headers.items())))
        return answer.text

    assert last_byte(VICTIM, oracle) is None
    assert len(seen) == 1


def places(text: str) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    """Every route, with the text in every place for text that it has."""
    for path, operations in document()["paths"].items():
        for method in operations:
            with_text = path
            while "{" in with_text:
                before, _, after = with_text.partition("{")
                with_text = before + quote(text, safe="") + after.partition("}")[2]
            yield method.upper(), with_text, None
            if method == "post":
                for field in ("token", "user_id", "room_id", "payload", "product", "version", "app_id"):
                    fields = {"user_id": "alice", **({"until": NOW * 2} if "revocations" in path else {})}
                    yield "POST", path.replace("{", "").replace("}", ""), {**fields, field: text}


def asked(method: str, path: str, fields: dict[str, Any] | None) -> dict[str, Any]:
    event = token_event(body="" if fields is None else json.dumps(fields))
    http = {**event["requestContext"]["http"], "method": method, "path": path}
    return event | {
        "rawPath": path,
        "routeKey": "$default",
        "rawQueryString": "",
        "requestContext": {**event["requestContext"], "http": http},
    }


def shape(answer: Answer) -> object:
    """An answer without what differs from request to request."""
    changing = {"token", "issued_at", "expires_at", "refresh_after", "created_at", "until", "instance"}
    return answer.status, {name: value for name, value in answer.json.items() if name not in changing}


@pytest.mark.usefixtures("at_once")
def test_no_route_answers_otherwise_where_a_text_opens(
    secrets_manager: "SecretsManagerClient", settings: Settings
) -> None:
    # given: one deployment whose secret decrypts the text, and one whose secret does not
    name = f"zego/{APP_ID}"
    secrets_manager.create_secret(Name=name, SecretString=SECRET)
    decrypting = create_api(secrets_manager, settings)
    assert decrypting(inspect_event("04")).status == 200  # reads its secret, and keeps it
    secrets_manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    secrets_manager.create_secret(Name=name, SecretString=OTHER_SECRET)
    other = Api(create_other(secrets_manager, settings))
    text = cbc('{"app_id":1}')

    for method, path, fields in places(text):
        # when
        event = asked(method, path, fields)
        answers = [shape(api(event)) for api in (decrypting, other)]

        # then
        assert answers[0] == answers[1], (method, path, fields)


def create_other(secrets_manager: "SecretsManagerClient", settings: Settings) -> Any:
    import boto3

    from tests.api import handler_over

    return handler_over(secrets_manager, settings, boto3.client("dynamodb"))


def test_all_answers_take_as_long(api: Api) -> None:
    kinds = {
        "padding": flipped(cbc(b"x" * 30_000), 29_000, 1),
        "no JSON": cbc("[" * 9000),
        "a member": cbc(json.dumps({**CONTENT_04, "nonce": None, "payload": "x" * 30_000})),
        "short": "04AAAA",
        "opens": VICTIM,
    }
    api(inspect_event("04"))

    fastest = {}
    for kind, token in kinds.items():
        durations = []
        for _ in range(6):
            started = time.perf_counter()
            api(inspect_event(token))
            durations.append(time.perf_counter() - started)
        fastest[kind] = min(durations)

    assert min(fastest.values()) >= EVEN_SECONDS
    # What is left is parsing the request, which grows with its length alone.
    assert max(fastest.values()) - min(fastest.values()) < EVEN_SECONDS / 2, fastest
