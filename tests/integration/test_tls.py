"""Which servers the small client trusts: those whose certificate is right in every respect."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.certificates import Authority, self_signed
from tests.lambda_environment import as_in_lambda
from tests.lines import Line, answer, serving
from zego_service import tls
from zego_service.clients import Clients
from zego_service.errors import OutageError
from zego_service.tls import Trust

AUTHORITY = Authority()


def talk(connection: Any, line: Line) -> None:
    while line.read_request(connection):
        connection.sendall(answer(b'{"SecretString": "s"}'))


@contextmanager
def server(folder: Path, authority: Authority = AUTHORITY, **options: Any) -> Iterator[Line]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue(folder / "server.pem", **options))
    with serving(talk, context) as line:
        yield line


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle with the tests' authority, named to Lambda."""
    path = tmp_path / "authority.pem"
    path.write_text(AUTHORITY.pem)
    as_in_lambda(monkeypatch, "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_CA_BUNDLE", str(path))
    return path


def asked(port: int, monkeypatch: pytest.MonkeyPatch) -> str | None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.1:{port}")
    return Clients().get_secret_value("name")


@pytest.mark.usefixtures("bundle")
def test_a_server_of_a_trusted_authority_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with server(tmp_path) as line:
        assert asked(line.port, monkeypatch) == "s"


@pytest.mark.usefixtures("bundle")
@pytest.mark.parametrize(
    ("authority", "options"),
    [
        (AUTHORITY, {"address": "127.0.0.2"}),
        (AUTHORITY, {"expired": True}),
        (Authority(), {}),
    ],
    ids=["wrong host", "expired", "another authority"],
)
def test_a_server_with_a_wrong_certificate_is_asked_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority, options: dict[str, Any]
) -> None:
    with server(tmp_path, authority, **options) as line, pytest.raises(OutageError) as outage:
        asked(line.port, monkeypatch)

    assert outage.value.cause == "SSLError"
    assert line.requests == []


@pytest.mark.usefixtures("bundle")
def test_a_self_signed_certificate_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path / "server.pem"))

    with serving(talk, context) as line, pytest.raises(OutageError) as outage:
        asked(line.port, monkeypatch)

    assert (outage.value.cause, line.requests) == ("SSLError", [])


class Stores:
    """Amazon's roots and the full store, of which a test says who is in them; counts what is loaded."""

    def __init__(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch, *, few: Authority, all_: Authority
    ) -> None:
        self.few, self.all = folder / "amazon.pem", folder / "cacert.pem"
        self.few.write_text(few.pem)
        self.all.write_text(all_.pem)
        self.loaded: list[Path] = []
        make = tls._context

        def note(bundle: Path) -> ssl.SSLContext:
            self.loaded.append(bundle)
            return make(bundle)

        monkeypatch.setattr(tls, "_full_store", lambda: self.all)
        monkeypatch.setattr(tls, "_context", note)

    def trust(self) -> Trust:
        return Trust({}, self.few)


def test_the_full_store_is_loaded_only_where_the_few_roots_do_not_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = Stores(tmp_path, monkeypatch, few=AUTHORITY, all_=Authority())
    trust = stores.trust()

    with server(tmp_path) as line:
        for _ in range(2):
            trust.connect("127.0.0.1", line.port, 5).close()

    assert stores.loaded == [stores.few]


def test_a_server_of_another_known_authority_is_trusted_by_the_full_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = Stores(tmp_path, monkeypatch, few=Authority(), all_=AUTHORITY)
    trust = stores.trust()

    with server(tmp_path) as line:
        for _ in range(3):
            trust.connect("127.0.0.1", line.port, 5).close()

    assert stores.loaded == [stores.few, stores.all]
    assert line.connections == 4  # only the first one was refused at first


@pytest.mark.parametrize("options", [{"address": "127.0.0.2"}, {"expired": True}])
def test_the_full_store_checks_hosts_and_dates_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    trust = Stores(tmp_path, monkeypatch, few=AUTHORITY, all_=AUTHORITY).trust()

    with server(tmp_path, **options) as line:
        for _ in range(2):
            with pytest.raises(ssl.SSLCertVerificationError):
                trust.connect("127.0.0.1", line.port, 5)


def test_threads_that_need_the_full_store_at_once_load_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = Stores(tmp_path, monkeypatch, few=Authority(), all_=AUTHORITY)
    trust, together, opened = stores.trust(), threading.Barrier(4), []

    def connect() -> None:
        together.wait()
        opened.append(trust.connect("127.0.0.1", line.port, 10))

    with server(tmp_path) as line:
        threads = [threading.Thread(target=connect) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for connection in opened:
            connection.close()

    assert len(opened) == 4
    assert stores.loaded == [stores.few, stores.all]


def test_a_bundle_that_is_named_is_trusted_alone(
    tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given: a server that the full store would trust, and the bundle does not
    other = Authority()
    stores = Stores(tmp_path, monkeypatch, few=other, all_=other)
    trust = Trust({"AWS_CA_BUNDLE": str(bundle)}, stores.few)

    with server(tmp_path, other) as line, pytest.raises(ssl.SSLCertVerificationError):
        trust.connect("127.0.0.1", line.port, 5)

    assert stores.loaded == [bundle]


def test_where_the_build_left_no_roots_the_full_store_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stores = Stores(tmp_path, monkeypatch, few=Authority(), all_=AUTHORITY)

    with server(tmp_path) as line:
        Trust({}, tmp_path / "missing.pem").connect("127.0.0.1", line.port, 5).close()

    assert stores.loaded == [stores.all]


def test_the_full_store_is_boto3s() -> None:
    context = tls._context(tls._full_store())

    assert len(context.get_ca_certs()) > 100
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED


@pytest.mark.usefixtures("bundle")
def test_a_bundle_that_cannot_be_read_is_an_outage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "missing.pem"))

    with server(tmp_path) as line, pytest.raises(OutageError):
        asked(line.port, monkeypatch)

    assert line.requests == []
