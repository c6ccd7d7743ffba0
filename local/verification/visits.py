"""The tokens of the cases: from the deployed service, signed with the AWS credentials."""

import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from local.verification.cases import CASES, Case
from zego_cli.errors import CommandError
from zego_cli.service import Service
from zego_token import generate_token04, room_payload

_REVOKED_SECONDS = 60


@dataclass(frozen=True)
class Visits:
    """The visits of one run, each by a user of its own to a room of its own."""

    service: Service
    app_id: int
    secret: str = field(repr=False)
    run: str = field(default_factory=lambda: secrets.token_hex(4))

    def start(self, case: Case) -> dict[str, Any]:
        """What the page needs for a visit. Raises :class:`CommandError` if the service refuses."""
        user_id, room_id = self._user(case), self._room(case)
        return {
            "app_id": self.app_id,
            "token": self._token(case, user_id, room_id),
            "user_id": user_id,
            "room_id": f"{room_id}-other" if case.enters_other_room else room_id,
            "stream_id": f"{room_id}-stream",
            "does": case.does,
            "patience": case.patience,
        }

    def kick(self, case: Case) -> None:
        """Let the service remove the user, and allow it in again. Raises :class:`CommandError`."""
        target = {"user_id": self._user(case), "room_id": self._room(case)}
        until = int(time.time()) + _REVOKED_SECONDS
        answer = self.service.post("/v1/revocations", {**target, "until": until, "kick": True})
        self.service.send("DELETE", f"/v1/revocations?{urlencode(target)}")
        if not answer.get("kicked"):
            raise CommandError(f"ZEGO did not accept the kick: {answer.get('kick_error', 'no reason')}")

    def _token(self, case: Case, user_id: str, room_id: str) -> str:
        privilege = {"login": True, "publish": case.may_publish}
        body = {"user_id": user_id, "room_id": room_id, "privilege": privilege}
        answer = self.service.post("/v1/tokens", {**body, "effective_time_in_seconds": case.ttl})
        if answer.get("cipher") == case.cipher.value:
            return str(answer["token"])
        # The stack has one cipher. The other one's token is made here, of the same secret.
        payload = room_payload(room_id, publish=case.may_publish)
        return generate_token04(self.app_id, user_id, self.secret, case.ttl, payload, cipher=case.cipher)

    def _user(self, case: Case) -> str:
        return f"verify-{self.run}-{case.name}"

    def _room(self, case: Case) -> str:
        return f"verify-{self.run}-room-{case.name}"


def case_of(name: str) -> Case | None:
    """The case of that name."""
    return next((case for case in CASES if case.name == name), None)
