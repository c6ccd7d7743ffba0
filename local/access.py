"""Who may talk to what is served here: programs of this machine, but no web page of somebody else.

A page can send requests to 127.0.0.1, and with DNS rebinding even under a name of its own. So the names in
`Host` and `Origin` must be known: https://developer.mozilla.org/docs/Web/HTTP/Guides/CORS
"""

import ipaddress
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from token_api.cors import ALLOWED_HEADERS, EXPOSED_HEADERS, MAX_AGE_SECONDS, METHODS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOCAL_ADDRESS = "zego.local_address"  # the address on which a connection arrived, in a WSGI environment
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9._-]{1,253})(?::[0-9]{1,5})?")
_ORIGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^*,/\s@?#]+)")
_MAX_SHOWN = 64
# As the template's CorsConfiguration.
_PREFLIGHT = {
    "Access-Control-Allow-Methods": ", ".join(METHODS),
    "Access-Control-Allow-Headers": ", ".join(ALLOWED_HEADERS),
    "Access-Control-Max-Age": str(MAX_AGE_SECONDS),
}


@dataclass(frozen=True)
class Access:
    """The names that `Host` may have and the origins that pages may have, besides loopback ones."""

    hosts: frozenset[str] = field(default_factory=frozenset)
    origins: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], *bound_to: str) -> "Access":
        """What HOSTS and CORS name, separated by commas; exits where one of them is wrong."""
        hosts, origins = _listed(environment, "HOSTS"), _listed(environment, "CORS")
        for host in hosts:
            if _name_of(host) is None:
                sys.exit(f"HOSTS={_shown(host)} must be host names, such as dev.example.com.")
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                sys.exit(f"CORS={_shown(origin)} must be origins, such as https://app.example.com.")
        names = (_name_of(host) for host in (*hosts, *map(_bracketed, bound_to)))
        return cls(frozenset(name for name in names if name), frozenset(map(str.lower, origins)))

    def takes_host(self, header: str | None, local_address: str | None) -> bool:
        """Whether a request's `Host` names this machine; an address must be the one it arrived on."""
        name = _name_of(header or "")
        return name is not None and (
            is_loopback(name) or name in self.hosts or (name == local_address and _is_any(self.hosts))
        )

    def takes_origin(self, origin: str) -> bool:
        """Whether pages of this origin may use the API."""
        parts = _ORIGIN.fullmatch(origin)
        if parts is None:
            return False
        name = _name_of(parts[2])
        is_local = parts[1].lower() in ("http", "https") and name is not None and is_loopback(name)
        return is_local or origin.lower() in self.origins


def guarded(application: "WSGIApplication", access: Access) -> "WSGIApplication":
    """The application, for requests that ``access`` takes; others get a 403 on every path."""

    def guard(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        host, origin = environ.get("HTTP_HOST"), environ.get("HTTP_ORIGIN")
        if not access.takes_host(host, environ.get(LOCAL_ADDRESS)):
            return _refused("Host", host, "HOSTS")(environ, start)
        if origin is None:
            return application(environ, start)
        if not (access.takes_origin(origin) or _is_own(origin, host)):
            return _refused("Origin", origin, "CORS")(environ, start)
        if environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ:
            return Response(status=HTTPStatus.NO_CONTENT, headers=[*_cors(origin), *_PREFLIGHT.items()])(
                environ, start
            )
        return application(environ, _with_headers(start, _cors(origin)))

    return guard


def is_loopback(name: str) -> bool:
    """Whether a host name or an address, without a port, is this machine's own."""
    address = _address(name)
    if address is None:
        return name == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback


def _is_own(origin: str, host: str | None) -> bool:
    """Whether a page came from here: from the `Host`, which was checked before."""
    parts = _ORIGIN.fullmatch(origin)
    return (
        parts is not None
        and parts[1].lower() in ("http", "https")
        and parts[2].lower() == (host or "").lower()
    )


def _refused(header: str, value: str | None, variable: str) -> Response:
    what = f"{header} {_shown(value)!r}" if value is not None else f"no {header}"
    message = f"{what} is refused: it may be a web page's. `make run` allows what {variable}= names."
    body = json.dumps({"message": message}) + "\n"
    return Response(body, HTTPStatus.FORBIDDEN, content_type="application/json")


def _cors(origin: str) -> list[tuple[str, str]]:
    return [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Expose-Headers", ", ".join(EXPOSED_HEADERS)),
        ("Vary", "Origin"),
    ]


def _with_headers(start: "StartResponse", more: list[tuple[str, str]]) -> "StartResponse":
    def starting(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
        return start(status, [*headers, *more], *rest)

    return starting


def _name_of(host: str) -> str | None:
    """The name of a `Host`, in lower case, without port, brackets and final dot; None where it is none."""
    parts = _HOST.fullmatch(host)
    return None if parts is None else parts[1].strip("[]").removesuffix(".").lower()


def _address(name: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _is_any(hosts: frozenset[str]) -> bool:
    return any((address := _address(host)) is not None and address.is_unspecified for host in hosts)


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _listed(environment: Mapping[str, str], variable: str) -> list[str]:
    return [name.strip() for name in environment.get(variable, "").split(",") if name.strip()]


def _shown(text: str) -> str:
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"
