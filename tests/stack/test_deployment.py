"""From a deployment without a secret to a token, by the stack's own commands."""

from tests.factories import APP_ID, HEALTH
from tests.independent import open_token
from tests.stack.deployed import Stack


def test_health_is_open(fresh_stack: Stack) -> None:
    answer = fresh_stack.call("GET", "/v1/health", signed=False)

    assert (answer.status, answer.json) == (200, HEALTH)


def test_a_request_without_a_signature_is_refused_by_the_gateway(fresh_stack: Stack) -> None:
    answer = fresh_stack.call("POST", "/v1/tokens", {"user_id": "alice"}, signed=False)

    assert (answer.status, answer.json) == (403, {"message": "Forbidden"})


def test_a_missing_secret_raises_the_alarm_that_the_runbook_explains(fresh_stack: Stack) -> None:
    # when: a request comes before there is a secret
    assert fresh_stack.call("POST", "/v1/tokens", {"user_id": "alice"}).status == 503

    # then: the metric that the function wrote puts the alarm into the state ALARM, and its text names the runbook
    metric = fresh_stack.await_metric(
        "TokenRejected", {"service": fresh_stack.name, "reason": "secret_missing"}
    )
    alarm = fresh_stack.alarm("secret-unusable", metric)
    assert alarm["StateValue"] == "ALARM"
    assert "Runbook: docs/runbook.md#secret-unusable" in alarm["AlarmDescription"]


def test_the_way_from_no_secret_to_a_token(fresh_stack: Stack, server_secret: str) -> None:
    # given: a stack without a secret
    before = fresh_stack.call("POST", "/v1/tokens", {"user_id": "alice"})
    assert before.status == 503
    assert before.json["type"].endswith(":secret-missing")
    assert int(before.headers["retry-after"]) > 0

    # when: a person runs the command that the deployment printed
    fresh_stack.put_secret(server_secret)
    fresh_stack.await_secret()

    # then
    body = {"user_id": "alice", "room_id": "demo", "privilege": {"login": True, "publish": True}}
    answer = fresh_stack.call("POST", "/v1/tokens", body)
    assert answer.status == 200
    content = open_token(answer.json["token"], server_secret).content
    assert (content["app_id"], content["user_id"]) == (APP_ID, "alice")

    # and: many at a time
    batch = {"room_id": "demo", "items": [{"user_id": "alice"}, {"user_id": ""}, {"user_id": "bob"}]}
    results = fresh_stack.call("POST", "/v1/tokens/batch", batch).json["results"]
    assert [result["status"] for result in results] == [200, 400, 200]
    assert open_token(results[2]["token"], server_secret).content["user_id"] == "bob"
