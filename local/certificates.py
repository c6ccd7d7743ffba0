"""Certificates for TLS on the loopback interface: an authority, and servers that it vouches for."""

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = dt.timedelta(days=1)


class Authority:
    """A certificate authority that nobody knows yet."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named("An authority on the loopback")
        self._certificate = (
            _builder(self._name, self._name, self._key, _now() + _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_use(signs_certificates=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def pem(self) -> str:
        """Its certificate, for those who are to trust it."""
        return self._certificate.public_bytes(Encoding.PEM).decode()

    def issue(self, file: Path, address: str = "127.0.0.1", *, expired: bool = False) -> Path:
        """Write a server's certificate and key into a file. ``address`` is an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        return _write(
            file, address, key, (self._name, self._key), _now() - _DAY if expired else _now() + _DAY
        )


def self_signed(file: Path, address: str = "127.0.0.1") -> Path:
    """Write a server's certificate that no authority vouches for, and its key, into a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    return _write(file, address, key, (_named(address), key), _now() + _DAY)


def _write(
    file: Path,
    address: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    ends_at: dt.datetime,
) -> Path:
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    vouched_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer[1].public_key())
    certificate = (
        _builder(_named(address), issuer[0], key, ends_at)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(vouched_by, critical=False)
        .sign(issuer[1], hashes.SHA256())
    )
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        + certificate.public_bytes(Encoding.PEM)
    )
    return file


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, ends_at: dt.datetime
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends_at - 3 * _DAY)
        .not_valid_after(ends_at)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _use(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
