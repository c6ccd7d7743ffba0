"""What is wrong with a token: for services, and with the scope ``zego:inspect``.

An AES-CBC token is not authenticated. Whoever learns why one does not open, from the answer or from its
duration, can make tokens without the secret. So a CBC token or token03 that does not parse in full has one
and the same finding. More is said of a GCM token whose tag was verified, of a CBC token that opens, and of
text that is no token, which has nothing to do with the secret.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zego_service.apps import Apps
from zego_service.callers import INSPECT, Caller, missing
from zego_service.clock import Instant, rounded_up
from zego_service.errors import NotEntitledError
from zego_service.fields import Product
from zego_service.issuing import audit
from zego_service.issuing.policy import may_inspect
from zego_service.secret_store import SecretStore
from zego_token import Cipher, DecodedToken, TokenError, decode_token

if TYPE_CHECKING:
    from zego_token import Finding

# Every answer takes a multiple of it: longer than the work for the largest body.
EVEN_SECONDS = 0.1
_VERSIONS = ("03", "04")
# Texts that are something else than a token, whatever the secret is.
_OTHER_TEXTS = {"token-missing", "jwt", "app-sign", "server-secret", "not-a-token"}


@dataclass(frozen=True, slots=True)
class InspectionRequest:
    """A token, and what the client was told to use it for."""

    token: str
    app_id: int | None = None
    user_id: str | None = None
    room_id: str | None = None
    product: Product = "rtc"


@dataclass(frozen=True, slots=True)
class Inspection:
    """The token's content, None where it did not open, and what is wrong, the likeliest first."""

    token: DecodedToken | None
    findings: "list[Finding]"


@dataclass(frozen=True, slots=True)
class Inspecting:
    """What inspecting needs: the apps and their secrets."""

    apps: Apps
    secrets: SecretStore

    def inspect(self, caller: Caller, request: InspectionRequest, now: Instant) -> Inspection:
        """Say what is wrong with a token.

        Raises :class:`NotEntitledError` unless the caller is a service or has the scope, and as
        :meth:`zego_service.apps.Apps.require` and :meth:`zego_service.secret_store.SecretStore.get` do.
        """
        if not may_inspect(caller):
            raise NotEntitledError(f"this needs {missing(INSPECT)}", None, "inspect-scope")
        app_id = self.apps.require(caller, request.app_id, now)
        secrets = (self.secrets.get(app_id, now), self.secrets.get_previous(app_id, now))
        with rounded_up(EVEN_SECONDS):
            inspection = _inspected(request, app_id, secrets, now)
        codes = [found.code for found in inspection.findings]
        audit.inspected(caller, app_id, request.token, codes)
        return inspection


def _inspected(
    request: InspectionRequest, app_id: int, secrets: tuple[str, str | None], now: Instant
) -> Inspection:
    from zego_token import diagnose

    current, previous = secrets
    compared_with: dict[str, Any] = {
        "app_id": app_id,
        "user_id": request.user_id,
        "room_id": request.room_id,
        "product": request.product,
        "now": now.unix,
    }
    outside = diagnose(request.token, **compared_with)
    for secret in (current, previous):
        if secret is None:
            continue
        opened = _opened(request.token, secret)
        # Of a CBC token that does not open, nothing is tried that depends on the secret.
        if opened is None and outside.cipher is not Cipher.GCM:
            continue
        diagnosis = diagnose(request.token, secret, **compared_with)
        if diagnosis.is_opened:
            before = [_made_before_the_rotation()] if secret is not current else []
            return Inspection(opened, [*before, *diagnosis.findings])
    is_other_text = any(found.code in _OTHER_TEXTS for found in outside.findings)
    if is_other_text and not request.token.startswith(_VERSIONS):
        return Inspection(None, outside.findings)
    return Inspection(None, [_cannot_be_opened()])


def _opened(token: str, secret: str) -> DecodedToken | None:
    try:
        return decode_token(token, secret)
    except TokenError:
        return None


def _cannot_be_opened() -> "Finding":
    from zego_token import Finding

    return Finding(
        "cannot-be-opened",
        "The token cannot be opened here; for such a token, the service does not say why.",
        "Run `zego-token inspect` where the ServerSecret is; it tells the cause.",
        (1102016, 1002033, 1002099, 6000103, 1000002002),
    )


def _made_before_the_rotation() -> "Finding":
    from zego_token import Finding

    return Finding(
        "made-before-the-rotation",
        "The token was made with the previous ServerSecret, before the rotation.",
        "Get a new token.",
        (1102016, 1002033, 1002099, 6000103, 1000002002),
    )
