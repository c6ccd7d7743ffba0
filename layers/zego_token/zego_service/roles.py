"""Roles of AWS, by their ARNs.

A session of a role has an ARN of STS without the role's path, and with a name that whoever assumed the role
chose. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

import re
from typing import NamedTuple

_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::([0-9]{12}):role/(?:[!-.0-~]+/)*([A-Za-z0-9_+=,.@-]{1,64})")
_SESSION = re.compile(
    r"arn:(aws[a-z-]*):sts::([0-9]{12}):assumed-role/([A-Za-z0-9_+=,.@-]{1,64})/.+", re.DOTALL
)
_BETWEEN_ARNS = re.compile(r"\s*,\s*(?=arn:)")  # a comma may be in a role's name, a colon may not


class Role(NamedTuple):
    """A role, without its path: names are unique in an account, whatever the path."""

    partition: str
    account: str
    name: str


def parse_roles(text: str) -> frozenset[Role]:
    """The roles of ARNs that commas separate. Raises ValueError for what is no role's whole ARN."""
    found = [_ROLE.fullmatch(arn) for arn in _BETWEEN_ARNS.split(text.strip())]
    roles = [Role(*match.groups()) for match in found if match is not None]
    if len(roles) != len(found):
        raise ValueError("must be ARNs of IAM roles (arn:aws:iam::…:role/…), separated by commas")
    return frozenset(roles)


def role_of_session(user_arn: str) -> Role | None:
    """The role of a session; None for a user, an account's root, and whatever else is no such session."""
    match = _SESSION.fullmatch(user_arn)
    return None if match is None else Role(*match.groups())
