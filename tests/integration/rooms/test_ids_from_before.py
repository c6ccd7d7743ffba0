"""Ids that were accepted before Express's rule held: no longer for tokens, still to be found and removed."""

import pytest

from tests.api import Api
from tests.factories import APP_ID, TRIGGERS
from tests.revocation_requests import HOUR, revocations_event, revoke
from zego_service.clock import Instant
from zego_service.deployment import Deployment as Service
from zego_service.issuing.revocations import Revocation


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_an_old_revocation_can_be_lifted_and_a_new_one_cannot_be_made(
    api: Api, service: Service, trigger: str
) -> None:
    now = Instant.now()
    old = Revocation(
        app_id=APP_ID, user_id=None, room_id="maths 7b", until=HOUR, created_at=now.unix, created_by="iam:x"
    )
    service.revoking.revocations.put(old, now)

    made = revoke(api, room_id="maths 7b")
    lifted = api(revocations_event("DELETE", trigger, query={"room_id": "maths 7b"}))

    assert (made.status, made.json["field"]) == (400, "room_id")
    assert lifted.json == {"lifted": True}
