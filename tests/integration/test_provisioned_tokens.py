"""Tokens that are minted ahead: sealed in the table, bound to request and user, gone when they expire."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.deployment import AwsClients, Deployment, invoke
from tests.factories import APP_ID, SECRET
from tests.independent import open_token
from tests.output import Written
from tests.provisioning_events import (
    ENDS_AT,
    STARTS_AT,
    event_of,
    failed_messages,
    queue_batch,
    tokens_detail,
)
from zego_service.clock import Instant
from zego_service.errors import KeyUnavailableError
from zego_service.issuing.requests import IssuedToken, RoomPrivilege
from zego_service.issuing.revocations import Revocation
from zego_service.provisioning.vault import REMEMBERED_SECONDS

SPEAKER = {"user_id": "alice", "publish": True, "stream_ids": ["main"]}


def request_tokens(deployment: Deployment, request_id: str = "r-1", **fields: Any) -> Any:
    return deployment(event_of("Zego Tokens Requested", tokens_detail(request_id, **fields)))


def fetched(deployment: Deployment, user_id: str = "alice", request_id: str = "r-1") -> IssuedToken:
    token = deployment.minted(request_id, user_id)
    assert token is not None
    return token


def at(deployment: Deployment, time: float) -> IssuedToken | None:
    """Alice's token at a time."""
    return deployment.minted("r-1", "alice", Instant(time, 0))


def test_each_participant_has_a_token_for_the_room(deployment: Deployment) -> None:
    request_tokens(deployment, participants=[SPEAKER, {"user_id": "bob", "login": False}], room_id="demo")

    alice, bob = fetched(deployment), fetched(deployment, "bob")
    assert (alice.user_id, alice.room_id, alice.stream_ids) == ("alice", "demo", ("main",))
    assert alice.privilege == RoomPrivilege(login=True, publish=True)
    assert bob.privilege == RoomPrivilege(login=False, publish=False)
    assert bob.stream_ids is None
    assert alice.expires_at - alice.issued_at == 600
    opened = open_token(alice.token, SECRET)
    assert (opened.content["app_id"], opened.content["user_id"]) == (APP_ID, "alice")
    assert json.loads(opened.content["payload"]) == {
        "room_id": "demo", "privilege": {"1": 1, "2": 1}, "stream_id_list": ["main"],
    }  # fmt: skip


def test_users_without_a_room_have_a_token_for_every_room(deployment: Deployment) -> None:
    request_tokens(deployment, user_ids=["alice", "bob"])

    token = fetched(deployment)
    assert (token.room_id, token.privilege, token.stream_ids) == (None, None, None)
    assert open_token(token.token, SECRET).content["payload"] == ""


def test_who_was_not_named_has_none(deployment: Deployment) -> None:
    request_tokens(deployment, user_ids=["alice"])
    assert deployment.minted("r-1", "bob") is None
    assert deployment.minted("r-2", "alice") is None
    assert deployment.minted("r-1", "") is None


def test_a_token_is_gone_when_it_expires(deployment: Deployment) -> None:
    request_tokens(deployment, user_ids=["alice"])
    expires_at = fetched(deployment).expires_at
    assert at(deployment, expires_at - 1) is not None
    assert at(deployment, expires_at) is None


def test_rows_leave_the_table_when_the_tokens_expire(deployment: Deployment) -> None:
    request_tokens(deployment, user_ids=["alice"])
    expires_at = fetched(deployment).expires_at
    request, token = deployment.rows("PROVISIONED#")
    assert int(token["expires_at"]["N"]) == expires_at
    # Longer, so that the same request mints no others meanwhile.
    assert abs(int(request["expires_at"]["N"]) - expires_at - REMEMBERED_SECONDS) <= 1


def test_tokens_are_sealed_each_for_its_own_request_and_user(deployment: Deployment) -> None:
    # given: two requests and three tokens
    request_tokens(deployment, user_ids=["alice", "bob"])
    request_tokens(deployment, "r-2", user_ids=["alice"])
    rows = deployment.rows("PROVISIONED#")
    sealed = {(row["pk"]["S"], row["sk"]["S"]): row for row in rows if "sealed" in row}
    assert len(sealed) == 3
    fetched(deployment)

    # then: no two have a nonce in common
    assert len({row["sealed"]["B"][:12] for row in sealed.values()}) == 3

    # when: each row gets what is sealed in another
    for place, row in sealed.items():
        for other_place, other in sealed.items():
            if place != other_place:
                item = row | {"sealed": other["sealed"]}
                deployment.clients.dynamodb.put_item(TableName=deployment.settings.table, Item=item)
                request_id, user_id = place[0].removeprefix("PROVISIONED#"), place[1].removeprefix("USER#")

                # then
                assert deployment.minted(request_id, user_id) is None


def test_a_data_key_opens_its_own_request_alone(deployment: Deployment) -> None:
    request_tokens(deployment, user_ids=["alice"])
    request_tokens(deployment, "r-2", user_ids=["alice"])
    first, second = (row for row in deployment.rows("PROVISIONED#") if row["sk"]["S"] == "REQUEST")
    assert first["data_key"] != second["data_key"]

    # when
    item = first | {"data_key": second["data_key"]}
    deployment.clients.dynamodb.put_item(TableName=deployment.settings.table, Item=item)

    # then: KMS does not open the key of one request for another
    with pytest.raises(KeyUnavailableError):
        deployment.minted("r-1", "alice")


def test_kms_is_told_which_request_a_key_is_for(deployment: Deployment) -> None:
    asked = []

    def note(model: Any, params: Any, **_: object) -> None:
        body = json.loads(params["body"])
        asked.append((model.name, body["EncryptionContext"], body.get("KeyId"), body.get("KeySpec")))

    clients = AwsClients.new()
    clients.kms.meta.events.register("before-call", note)
    event = event_of("Zego Tokens Requested", tokens_detail(user_ids=["alice", "bob", "carol"]))
    invoke(deployment.handler_over(clients), event)
    deployment.service_over(clients).vault.get("r-1", "alice", Instant(STARTS_AT, 0))

    context = {"request_id": "r-1"}
    assert asked == [
        ("GenerateDataKey", context, deployment.settings.kms_key, "AES_256"),
        ("Decrypt", context, None, None),
    ]


def test_the_same_request_again_mints_nothing(deployment: Deployment) -> None:
    # given
    detail: dict[str, Any] = {"participants": [SPEAKER, "", {"user_id": "bob"}], "room_id": "demo"}
    assert request_tokens(deployment, **detail)["outcome"] == "applied"
    token, rows = fetched(deployment), deployment.rows()

    # when
    answer = request_tokens(deployment, **detail)

    # then
    assert answer == {"outcome": "repeated", "provisioned": 2, "rejected": 1}
    assert fetched(deployment) == token
    assert deployment.rows() == rows


@pytest.mark.parametrize(
    "other",
    [
        {"participants": [SPEAKER, {"user_id": "bob"}]},
        {"participants": [SPEAKER | {"publish": False}]},
        {"participants": [{"user_id": "bob"}]},
        {"participants": []},
        {"participants": [SPEAKER], "room_id": "other"},
        {"participants": [SPEAKER], "effective_time_in_seconds": 601},
        {"participants": [SPEAKER], "app_id": 5},
    ],
)
def test_an_id_of_another_request_is_rejected(deployment: Deployment, other: dict[str, Any]) -> None:
    # given
    request_tokens(deployment, participants=[SPEAKER], room_id="demo")
    token, rows = fetched(deployment), deployment.rows("PROVISIONED#")
    deployment.emitted()

    # when
    answer = request_tokens(deployment, **({"room_id": "demo"} | other))

    # then
    assert answer["outcome"] == "rejected"
    assert fetched(deployment) == token
    assert deployment.rows("PROVISIONED#") == rows
    ((detail_type, _),) = deployment.emitted()
    assert detail_type == "Zego Provisioning Rejected"
    (kept,) = deployment.objects("rejected/").values()
    assert json.loads(kept)["errors"] == [
        {"entry": "detail", "field": "request_id", "reason": "another request had this id"}
    ]


def test_who_is_revoked_gets_none_and_is_reported(deployment: Deployment, written: Written) -> None:
    # given
    revocation = Revocation(
        app_id=APP_ID, user_id="eve", room_id=None, until=ENDS_AT, created_at=STARTS_AT, created_by="backend"
    )
    deployment.service.revoking.revocations.put(revocation, Instant.now())
    written()

    # when
    answer = request_tokens(deployment, user_ids=["alice", "eve"])

    # then
    assert answer == {"outcome": "applied", "provisioned": 1, "rejected": 1}
    assert deployment.minted("r-1", "eve") is None
    fetched(deployment)
    (kept,) = deployment.objects("rejected/").values()
    (error,) = json.loads(kept)["errors"]
    assert error["entry"] == "eve"
    records = [json.loads(line) for line in written().splitlines()]
    decisions = {r["user_id"]: r["outcome"] for r in records if r.get("message") == "token decision"}
    assert decisions == {"alice": "issued", "eve": "refused"}
    assert sum(r.get("TokensIssued", [0])[0] for r in records) == 1
    assert [r["reason"] for r in records if "TokenRejected" in r] == ["not_entitled"]


def test_a_validity_that_is_too_long_is_rejected(deployment: Deployment) -> None:
    answer = request_tokens(deployment, user_ids=["alice", "bob"], effective_time_in_seconds=86_401)
    assert answer == {"outcome": "rejected", "provisioned": 0, "rejected": 1}
    (kept,) = deployment.objects("rejected/").values()
    (error,) = json.loads(kept)["errors"]
    assert error["field"] == "effective_time_in_seconds"
    assert deployment.rows("PROVISIONED#") == []


def test_a_request_waits_for_a_secret_that_is_not_there_yet(deployment: Deployment) -> None:
    # given
    secret = f"zego/{APP_ID}"
    event = queue_batch(event_of("Zego Tokens Requested", tokens_detail(user_ids=["alice"])))
    deployment.clients.secretsmanager.delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    assert failed_messages(deployment(event)) == ["m-0"]
    assert deployment.emitted() == []

    # when
    deployment.clients.secretsmanager.create_secret(Name=secret, SecretString=SECRET)

    # then
    assert failed_messages(invoke(deployment.handler_over(AwsClients.new()), event)) == []
    fetched(deployment)


def test_without_the_key_nothing_is_stored_or_opened(deployment: Deployment) -> None:
    def refuse(model: Any, **_: object) -> None:
        raise ClientError({"Error": {"Code": "DisabledException", "Message": "no"}}, model.name)

    # given
    request_tokens(deployment, user_ids=["alice"])
    rows = deployment.rows()

    # when
    clients = AwsClients.new()
    clients.kms.meta.events.register("before-call", refuse)

    # then
    event = event_of("Zego Tokens Requested", tokens_detail("r-2", user_ids=["alice"]))
    with pytest.raises(KeyUnavailableError):
        invoke(deployment.handler_over(clients), event)
    with pytest.raises(KeyUnavailableError):
        deployment.service_over(clients).vault.get("r-1", "alice", Instant(STARTS_AT, 0))
    assert deployment.rows() == rows


def test_the_same_request_twice_at_the_same_time_ends_in_one_key(deployment: Deployment) -> None:
    """The other one is done in full while the first one waits for its data key."""
    # given
    event = event_of("Zego Tokens Requested", tokens_detail(user_ids=["alice"]))
    clients, others = AwsClients.new(), iter([event])

    def do_the_other(**_: object) -> None:
        for other in others:
            deployment(other)

    clients.kms.meta.events.register("before-call", do_the_other)
    handler = deployment.handler_over(clients)

    # when
    answer = invoke(handler, queue_batch(event))

    # then: the first one comes again, and finds the tokens of the other
    assert failed_messages(answer) == ["m-0"]
    token = fetched(deployment)
    assert failed_messages(invoke(handler, queue_batch(event))) == []
    assert fetched(deployment) == token
