"""A stand-in for the JWT authorizer of an HTTP API, with an issuer of its own."""

import json
import re
import secrets
import time
from typing import Any

import jwt
from werkzeug.wrappers import Request

ISSUER = "https://issuer.local"
AUDIENCE = "local"
VALID_SECONDS = 86_400
# An HTTP API takes the JWT alone too:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
_BEARER = re.compile(r"^bearer +", re.IGNORECASE)


class JwtAuthorizer:
    """Issues JWTs, and lets in whoever brings one."""

    def __init__(self) -> None:
        self._key = secrets.token_hex(32)

    def issue(self, subject: str, scope: str) -> str:
        """A JWT for a day."""
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "scope": scope,
            "exp": int(time.time()) + VALID_SECONDS,
        }
        return jwt.encode(claims, self._key, algorithm="HS256")

    def __call__(self, request: Request) -> dict[str, Any] | None:
        """The ``authorizer`` of the event's request context; None where there is no valid JWT."""
        token = _BEARER.sub("", request.headers.get("Authorization", ""))
        try:
            claims = jwt.decode(token, self._key, ["HS256"], audience=AUDIENCE, issuer=ISSUER)
        except jwt.InvalidTokenError:
            return None
        return {"jwt": {"claims": {name: _as_text(value) for name, value in claims.items()}, "scopes": None}}


def _as_text(value: object) -> str:
    """A claim as an HTTP API passes it on."""
    return value if isinstance(value, str) else json.dumps(value)
