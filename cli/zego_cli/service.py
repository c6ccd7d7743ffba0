"""A deployed service, over HTTP: signed with the profile's keys (SigV4), or with a JWT."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from zego_cli.aws import Account
from zego_cli.errors import NO_KEY, UNREACHABLE, CommandError

_SECONDS = 30
_MOST_BYTES = 2**24
_LOCAL = {"127.0.0.1", "localhost", "::1"}
_API_REGION = re.compile(r"\.(?:execute-api|lambda-url)\.([a-z0-9-]+)\.")


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; ``content`` is None where it is not a JSON object."""

    status: int
    headers: Message
    content: dict[str, Any] | None = field(repr=False)

    @property
    def problem(self) -> str:
        """What the service says is wrong, in one line."""
        content = self.content or {}
        detail = content.get("detail") or content.get("message") or content.get("Message") or "no explanation"
        name = content.get("rule") or content.get("field")
        return f"{self.status}{f' ({name})' if name else ''}: {detail}"


@dataclass(frozen=True)
class Service:
    """The service at a URL. Without a JWT, requests are signed; to this machine they need not be."""

    url: str
    jwt: str | None = field(default=None, repr=False)
    profile: str | None = None
    region: str | None = None

    def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a request. Raises :class:`CommandError` unless it succeeded."""
        answer = self.send("POST", path, body)
        if answer.status >= 300 or answer.content is None:
            raise CommandError(f"{self.url} answered {answer.problem}", UNREACHABLE)
        return answer.content

    def send(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, as_caller: bool = True
    ) -> Answer:
        """Any answer to a request, which is anonymous unless ``as_caller``."""
        url = self.url + path
        data = None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"Content-Type": "application/json"}
        if as_caller:
            headers = self._authorized(method, url, data, headers)
        return fetch(Request(url, data, headers, method=method))  # noqa: S310, checked by service_at

    def _authorized(
        self, method: str, url: str, data: bytes | None, headers: dict[str, str]
    ) -> dict[str, str]:
        if self.jwt is not None:
            return {**headers, "Authorization": f"Bearer {self.jwt}"}
        host = urlsplit(url).hostname or ""
        if host in _LOCAL:
            return headers
        found = _API_REGION.search(host)
        account = Account(self.profile, self.region or (found[1] if found else None))
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        request = AWSRequest(method, url, headers, data)
        service = "lambda" if ".lambda-url." in host else "execute-api"
        SigV4Auth(account.credentials(), service, account.region).add_auth(request)
        return dict(request.headers.items())


def service_at(
    url: str, jwt_file: Path | None = None, profile: str | None = None, region: str | None = None
) -> Service:
    """The service of ``--api``. Raises :class:`CommandError` for what is no URL, or an unsafe one."""
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
    if not is_safe or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise CommandError("--api must be an https URL without a query, such as the stack's output ApiUrl")
    return Service(url.rstrip("/"), None if jwt_file is None else _jwt(jwt_file), profile, region)


def fetch(request: Request) -> Answer:
    """The answer of an HTTP server, without following redirects. Raises :class:`CommandError`."""
    try:
        with _OPENER.open(request, timeout=_SECONDS) as response:
            return Answer(response.status, response.headers, _object(response.read(_MOST_BYTES)))
    except HTTPError as error:
        with error:
            return Answer(error.code, error.headers, _object(error.read(_MOST_BYTES)))
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise CommandError(f"{request.host} cannot be reached: {reason}", UNREACHABLE) from None


class _NoRedirects(HTTPRedirectHandler):
    """Credentials go to the host that was named, and to no other."""

    def redirect_request(self, *_: Any) -> None:
        return None


_OPENER = build_opener(_NoRedirects)


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _jwt(path: Path) -> str:
    try:
        jwt = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a JWT"
        raise CommandError(f"--jwt-file {path}: {reason}", NO_KEY) from None
    if not re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]*", jwt):
        raise CommandError(f"--jwt-file {path}: it is not a JWT", NO_KEY)
    return jwt
