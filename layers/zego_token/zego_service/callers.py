"""Callers: who they are, and what they may ask for."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

ISSUE = "zego:issue"
PUBLISH = "zego:publish"
REVOKE = "zego:revoke"
INSPECT = "zego:inspect"

# As Cognito writes a scope of its resource server "zego".
SPELLINGS = {"zego/issue": ISSUE, "zego/publish": PUBLISH, "zego/revoke": REVOKE, "zego/inspect": INSPECT}
# The claims that hold rights: scopes of OAuth in three spellings, Entra's roles, Auth0's permissions.
RIGHTS = ("scope", "scopes", "scp", "roles", "permissions")
GROUPS = "cognito:groups"
_DIGEST_CHARACTERS = 32  # as many as ZIM takes


class CallerKind(StrEnum):
    """For whom a caller may ask: for any user, or only for itself."""

    SERVICE = "service"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller.

    ``subject`` is the user id of a user, and the name of a service. ``vouched_by`` says what
    authenticated it: ``iam``, ``cognito-identity``, ``jwt``, ``cognito`` or ``lambda``.
    """

    kind: CallerKind
    subject: str
    scopes: frozenset[str]
    vouched_by: str

    @property
    def is_service(self) -> bool:
        """Whether it is a service, which may ask for any user."""
        return self.kind is CallerKind.SERVICE

    @property
    def identity(self) -> str:
        """For logs: who it is, and who says so."""
        return f"{self.vouched_by}:{self.subject}"


@dataclass(frozen=True, slots=True)
class Nobody:
    """No caller; ``why`` says what is missing."""

    why: str


def missing(right: str) -> str:
    """Where a right was looked for, for an error."""
    names = RIGHTS if right == ISSUE else (*RIGHTS, GROUPS)
    return f"{right} (not found in {', '.join(names[:-1])} or {names[-1]})"


def digest_of(claim: str) -> str:
    """A user id that every product of ZEGO takes: 32 hexadecimal digits of the claim's SHA-256."""
    return hashlib.sha256(claim.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARACTERS]
