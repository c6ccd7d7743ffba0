"""TLS to AWS: one context for all connections, with the roots that AWS's certificates come from.

Parsing the 126 roots of botocore takes longer than any other part of a start. The build picks Amazon's out
of them. Where a server's certificate does not come from one of those, all roots are tried. Certificates
and host names are always checked.
"""

import ssl
import threading
from collections.abc import Mapping
from http.client import HTTPSConnection
from importlib.util import find_spec
from pathlib import Path

AMAZON_ROOTS = Path(__file__).with_name("amazon_roots.pem")  # made by the build
_BUNDLE_VARIABLES = ("AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE")  # as boto3 reads them


class Trust:
    """Which certificates are trusted. The contexts are made when they are first needed, and once.

    A bundle that the environment names is trusted alone.
    """

    def __init__(self, environment: Mapping[str, str], amazon_roots: Path = AMAZON_ROOTS) -> None:
        named = next((environment[name] for name in _BUNDLE_VARIABLES if environment.get(name)), None)
        self._bundle = Path(named) if named else amazon_roots if amazon_roots.is_file() else None
        self._has_more = named is None
        self._context: ssl.SSLContext | None = None
        self._making = threading.Lock()

    def connect(self, host: str, port: int, seconds: float) -> HTTPSConnection:
        """An open connection to a host that has proved its name.

        Raises OSError: :class:`ssl.SSLCertVerificationError` where it has not, :class:`TimeoutError` where
        that takes longer than ``seconds``.
        """
        context = self._current()
        try:
            return _opened(host, port, seconds, context)
        except ssl.SSLCertVerificationError:
            wider = self._wider_than(context)
            if wider is None:
                raise
            return _opened(host, port, seconds, wider)

    def _current(self) -> ssl.SSLContext:
        with self._making:
            if self._context is None:
                self._context = _context(self._bundle or _full_store())
                self._has_more = self._has_more and self._bundle is not None
            return self._context

    def _wider_than(self, context: ssl.SSLContext) -> ssl.SSLContext | None:
        """The context with all roots, for this connection and all later ones; None where there is none."""
        with self._making:
            if self._has_more:
                self._context, self._has_more = _context(_full_store()), False
            return None if self._context is context else self._context


def _opened(host: str, port: int, seconds: float, context: ssl.SSLContext) -> HTTPSConnection:
    connection = HTTPSConnection(host, port, timeout=seconds, context=context)
    try:
        connection.connect()
    except OSError:
        connection.close()
        raise
    return connection


def _context(bundle: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # which checks certificates and host names
    if bundle is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(bundle)
    return context


def _full_store() -> Path | None:
    """The roots that boto3 trusts; None where there is no botocore, for those of the system."""
    botocore = find_spec("botocore")  # which does not load it
    found = Path(botocore.origin).with_name("cacert.pem") if botocore and botocore.origin else None
    return found if found and found.is_file() else None
