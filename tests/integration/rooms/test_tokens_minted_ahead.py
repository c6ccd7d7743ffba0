"""Tokens that were minted ahead are handed out."""

import time
from dataclasses import replace
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError

from local.aws import create_stack
from tests.api import Api
from tests.deployment import AwsClients
from tests.factories import APP_ID, TRIGGERS, as_user, without_caller
from tests.output import Written
from tests.room_requests import BOB, HOUR, SETTINGS, refused, request
from token_api.handler import create_handler
from zego_service.callers import ISSUE, Caller, CallerKind
from zego_service.clock import Instant
from zego_service.deployment import Deployment as Service
from zego_service.errors import GrantsUnavailableError
from zego_service.issuing.requests import IssuedToken, TokenRequest
from zego_service.provisioning.rooms import TokensRequest

SERVICE = Caller(CallerKind.SERVICE, "test", frozenset((ISSUE,)), "test")


def mint_ahead(service: Service, seconds: int = HOUR) -> str:
    """Alice's token, minted for the request `r-1`."""
    create_stack()
    asked = TokenRequest(user_id="alice", room_id="demo", effective_time_in_seconds=seconds)
    token = service.issuer.issue(SERVICE, asked, Instant.now())
    service.vault.store(TokensRequest("r-1", APP_ID, "demo", seconds, (BOB,)), lambda: [token], Instant.now())
    return token.token


def fetch(trigger: str = "http_api", user_id: str = "alice", request_id: str = "r-1") -> dict[str, Any]:
    route = "/v1/provisioned/{request_id}/{user_id}"
    return request("GET", route, trigger, request_id=request_id, user_id=user_id)


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_a_token_that_was_minted_ahead_is_handed_out(
    service: Service, api: Api, trigger: str, written: Written
) -> None:
    token = mint_ahead(service)

    answer = api(fetch(trigger))

    assert (answer.status, answer.json["token"]) == (200, token)
    assert answer.json["privilege"] == {"login": True, "publish": False}
    assert answer.headers["cache-control"] == "no-store"
    log = written()
    assert '"message":"token handed out"' in log
    assert token not in log


@pytest.mark.parametrize("trigger", ["http_api", "rest_api"])
def test_it_is_for_its_user_alone(service: Service, api: Api, trigger: str) -> None:
    token = mint_ahead(service)

    assert api(as_user(fetch(trigger), {"sub": "alice"})).json["token"] == token
    refused(api(as_user(fetch(trigger), {"sub": "eve"})), 403, "own-user", "user_id")
    refused(api(without_caller(fetch(trigger))), 401)


def test_it_is_gone_when_it_has_expired_or_never_was(service: Service, api: Api) -> None:
    mint_ahead(service, seconds=1)
    time.sleep(1.1)

    refused(api(fetch()), 404, field="request_id")
    refused(api(fetch(user_id="bob")), 404, field="request_id")
    refused(api(fetch(request_id="r-2")), 404, field="request_id")


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_ids_that_nothing_was_provisioned_for_are_refused(api: Api, trigger: str) -> None:
    refused(api(fetch(trigger, request_id="r" * 129)), 400, field="request_id")
    refused(api(fetch(trigger, request_id="r 1")), 400, field="request_id")
    refused(api(fetch(trigger, user_id="u" * 64)), 400, field="user_id")


def test_a_revoked_user_does_not_get_it(service: Service, api: Api) -> None:
    mint_ahead(service)
    until = int(time.time()) + HOUR
    api(request("POST", "/v1/revocations", body={"room_id": "demo", "user_id": "alice", "until": until}))

    refused(api(fetch()), 403, "revoked", "user_id")


class NoKms:
    """KMS that answers nobody."""

    def decrypt(self, **_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://kms.invalid")


def test_without_the_key_it_is_to_be_tried_again(service: Service) -> None:
    mint_ahead(service)
    clients = replace(AwsClients.new(), kms=NoKms())  # type: ignore[arg-type]
    api = Api(create_handler(clients.service(SETTINGS)))

    assert refused(api(fetch()), 503).headers["retry-after"] == "5"


def test_a_request_that_has_gone_meanwhile_is_begun_again(service: Service) -> None:
    create_stack()
    asked = TokenRequest(user_id="alice", room_id="demo", effective_time_in_seconds=HOUR)
    token = service.issuer.issue(SERVICE, asked, Instant.now())
    ahead = TokensRequest("r-1", APP_ID, "demo", HOUR, (BOB,))
    key = {"pk": {"S": "PROVISIONED#r-1"}, "sk": {"S": "REQUEST"}}
    dynamodb = boto3.client("dynamodb")

    def mint_while_it_goes() -> list[IssuedToken]:
        dynamodb.delete_item(TableName=SETTINGS.table, Key=key)
        return [token]

    # when the request's row expires before its tokens are all there
    with pytest.raises(GrantsUnavailableError):
        service.vault.store(ahead, mint_while_it_goes, Instant.now())

    # then nothing of it is left that a second try does not mend
    assert service.vault.get("r-1", "alice", Instant.now()) is None
    assert service.vault.store(ahead, lambda: [token], Instant.now()).count == 1
    assert service.vault.get("r-1", "alice", Instant.now()) == token
    row = dynamodb.get_item(TableName=SETTINGS.table, Key=key)["Item"]
    assert int(row["expires_at"]["N"]) > token.expires_at + 14 * 86_400


def test_fetching_one_counts_as_a_token(service: Service) -> None:
    # given
    token = mint_ahead(service)
    api = Api(create_handler(Service.over(replace(SETTINGS, user_tokens_per_minute=2), service.clients)))
    mine = as_user(fetch(), {"sub": "alice"})

    # when
    answers = [api(mine) for _ in range(3)]

    # then
    assert [answer.status for answer in answers] == [200, 200, 429]
    assert answers[0].json["token"] == token
    assert api(fetch()).status == 200  # a service has no quota
