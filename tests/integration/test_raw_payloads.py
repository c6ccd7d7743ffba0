"""POST /v1/tokens with a raw payload: it goes in as it is, and hides nothing from the rules."""

import pytest

from tests.api import Api
from tests.factories import (
    SECRET,
    as_user,
    token_event,
)
from tests.independent import open_token
from zego_token import room_payload


def test_a_raw_payload_goes_in_as_it_is_and_the_answer_shows_what_it_allows(api: Api) -> None:
    payload = '{"privilege": {"2": 1, "1": 0}, "stream_id_list": ["s1"], "room_id":\t"demo" }\n'

    answer = api(token_event(fields={"payload": payload}))

    assert open_token(answer.json["token"], SECRET).content["payload"] == payload
    assert {name: answer.json[name] for name in ("room_id", "privilege", "stream_ids")} == {
        "room_id": "demo",
        "privilege": {"login": False, "publish": True},
        "stream_ids": ["s1"],
    }


@pytest.mark.parametrize(
    "payload", ["", '{"room_id":"demo","privilege":{"1":1,"2":0}}', room_payload("demo")]
)
def test_payloads_that_zego_documents_are_taken(api: Api, payload: str) -> None:
    answer = api(token_event(fields={"payload": payload}))

    assert open_token(answer.json["token"], SECRET).content["payload"] == payload
    assert (answer.json["room_id"], answer.json["stream_ids"]) == ("demo" if payload else None, None)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("own text", "this is not a JSON object"),
        ("[]", "this is not a JSON object"),
        ('"{}"', "this is not a JSON object"),
        ("null", "this is not a JSON object"),
        ("[" * 30_000, "this is not a JSON object"),
        ('\ufeff{"room_id":"demo","privilege":{"1":1,"2":1}}', "this is not a JSON object"),
        ('{"room_id":"demo","privilege":{"1":1,"2":NaN}}', "this is not a JSON object"),
        ("{}", "privilege is required"),
        ('{"room_id":"demo"}', "privilege is required"),
        ('{"privilege":{"1":1,"2":1}}', "room_id is required"),
        ('{"room_id":"","privilege":{"1":1,"2":1}}', "room_id must not be empty"),
        ('{"room_id":null,"privilege":{"1":1,"2":1}}', "not null"),
        ('{"room_id":"a b","privilege":{"1":1,"2":1}}', "U+0020 SPACE"),
        ('{"Room_id":"demo","privilege":{"1":1,"2":1}}', "Room_id: this field is not known; did you mean room_id?"),
        ('{"room_id":"demo","Room_id":"b","privilege":{"1":1,"2":1}}', "Room_id: this field is not known"),
        ('{"room_id":"demo","room_id":"b","privilege":{"1":1,"2":1}}', "room_id: a member must not be given twice"),
        ('{"room_id":"demo","room\\u005fid":"b","privilege":{"1":1,"2":1}}', "room_id: a member must not"),
        ('{"room_id":"demo","privilege":{"1":1,"1":0,"2":1}}', "1: a member must not be given twice"),
        ('{"room_id":"demo","privilege":{"1":1}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1,"2":2}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":true,"2":false}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1.0,"2":0}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1,"3":1}}', "privilege must map both"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1},"stream_id_list":[]}', "stream_id_list must not be empty"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1},"stream_id_list":["a b"]}', "a stream id must not contain"),
        ('{"room_id":"demo","privilege":{"1":1,"2":1},"own":1}', "own: this field is not known"),
    ],
)  # fmt: skip
def test_a_raw_payload_hides_nothing(api: Api, payload: str, reason: str) -> None:
    answer = api(token_event(fields={"payload": payload}))

    assert (answer.status, answer.json["field"]) == (400, "payload")
    assert answer.json["detail"].startswith('payload must be like {"room_id": "demo", ')
    assert reason in answer.json["detail"]


def test_publishing_by_a_payload_needs_the_scope_too(api: Api) -> None:
    backend = {"sub": "backend", "scope": "zego:issue"}

    answers = [
        api(as_user(token_event(fields={"payload": room_payload("demo", publish=publish)}), backend))
        for publish in (False, True)
    ]

    assert [answer.status for answer in answers] == [200, 403]
    assert (answers[1].json["rule"], answers[1].json["field"]) == ("publish-scope", "payload")
