"""A revocation reaches functions that are warm."""

from tests.stack.deployed import Stack


def test_a_revocation_is_seen_by_a_warm_function(stack: Stack) -> None:
    # given: a function that has just issued a token
    body = {"user_id": "eve", "room_id": "demo"}
    issued = stack.call("POST", "/v1/tokens", body)
    assert issued.status == 200

    # when
    revoked = stack.call("POST", "/v1/revocations", {"user_id": "eve", "until": issued.json["expires_at"]})
    assert revoked.status == 201

    # then: a function that has read the revocations before sees it within its five seconds
    refused = stack.await_call("POST", "/v1/tokens", body, 403)
    assert refused.json["rule"] == "revoked"
    assert stack.call("POST", "/v1/tokens", {**body, "user_id": "bob"}).status == 200
