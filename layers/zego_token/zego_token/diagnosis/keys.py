"""Opening a token with a secret, and with what people make of a secret by mistake."""

import hashlib
import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import NamedTuple

from zego_token.checks import APP_SIGN_CHARACTERS, SECRET_BYTES
from zego_token.ciphers import Cipher, decrypt
from zego_token.diagnosis.findings import Finding, finding
from zego_token.diagnosis.texts import without_space_around
from zego_token.wire import Envelope

_MAX_SECRET_CHARACTERS = 4096
_KEY_BYTES = {16, 24, 32}


class Opening(NamedTuple):
    """The plaintext of a token, None where it does not open, and how it was opened."""

    plaintext: bytes | None
    findings: list[Finding]


def open_envelope(envelope: Envelope, secret: str) -> Opening:
    """Decrypt with the secret, else with what a mistake makes of it."""
    if not secret.strip():
        return Opening(None, [finding("secret-missing")])
    if len(secret) > _MAX_SECRET_CHARACTERS:
        return Opening(None, [_not_opened(secret)])
    damaged: bytes | None = None
    for findings, key in _keys(secret):
        plaintext = decrypt(envelope.cipher, key, envelope.iv, envelope.sealed)
        if plaintext is None:
            continue
        # One CBC text in 256 has a right padding under a wrong key.
        if envelope.cipher is Cipher.GCM or _is_object(plaintext):
            return Opening(plaintext, findings)
        if damaged is None and key == secret.encode("utf-8", "surrogatepass") and _is_text(plaintext):
            damaged = plaintext
    return Opening(damaged, [] if damaged is not None else [_not_opened(secret)])


def _not_opened(secret: str) -> Finding:
    size = len(secret.encode("utf-8", "surrogatepass"))
    if len(secret.strip()) == APP_SIGN_CHARACTERS:
        return finding("secret-is-app-sign")
    return finding("secret-wrong") if size == SECRET_BYTES else finding("secret-length", size=size)


def _keys(secret: str) -> Iterator[tuple[list[Finding], bytes]]:
    """The keys to try, with the mistake that leads to each. The secret itself comes first."""
    givens = [(found, given.encode("utf-8", "surrogatepass")) for found, given in _givens(secret)]
    tried: set[bytes] = set()
    for made_with, derive in _DERIVED:
        for given_as, given in givens:
            try:
                key = derive(given)
            except ValueError:
                continue
            if len(key) in _KEY_BYTES and key not in tried:
                tried.add(key)
                yield [*given_as, *made_with], key


def _givens(secret: str) -> Iterator[tuple[list[Finding], str]]:
    """The secret as it was given, and what may be meant by it."""
    is_app_sign = len(secret.strip()) == APP_SIGN_CHARACTERS
    findings = [finding("secret-is-app-sign")] if is_app_sign else []
    yield findings, secret
    for code, repair in _REPAIRS:
        repaired = repair(secret)
        if repaired != secret:
            secret = repaired
            findings = [*findings, finding(code)]
            yield findings, secret


def _from_json(secret: str) -> str:
    try:
        content = json.loads(secret)
    except (ValueError, RecursionError):
        return secret
    names = ("server_secret", "serverSecret", "secret")
    found = [content[name] for name in names if name in content] if isinstance(content, dict) else []
    return found[0] if found and isinstance(found[0], str) else secret


def _unquoted(secret: str) -> str:
    name, sign, value = secret.partition("=")
    value = value if sign and "SECRET" in name.upper() else secret
    return value.strip().strip("\"'`")


_REPAIRS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("secret-whitespace", without_space_around),
    ("secret-in-json", _from_json),
    ("secret-quoted", _unquoted),
)


def _from_hex(secret: bytes) -> bytes:
    return bytes.fromhex(secret.decode())


def _from_base64(secret: bytes) -> bytes:
    return b64decode(secret, validate=True)


def _hash(name: str, size: int | None = None, *, in_hex: bool = False) -> Callable[[bytes], bytes]:
    def derive(secret: bytes) -> bytes:
        digest = hashlib.new(name, secret, usedforsecurity=False)
        return (digest.hexdigest().encode() if in_hex else digest.digest())[:size]

    return derive


def _cut(before: bytes, after: bytes = b"") -> Callable[[bytes], bytes]:
    return lambda secret: (before + secret + after)[:SECRET_BYTES]


def _filled(size: int) -> Callable[[bytes], bytes]:
    return lambda secret: secret[:size].ljust(SECRET_BYTES, b"\0")


_HASHES: tuple[tuple[str, Callable[[bytes], bytes]], ...] = (
    ("SHA-256", _hash("sha256")),
    ("MD5", _hash("md5")),
    ("MD5 (in hexadecimal)", _hash("md5", in_hex=True)),
    ("SHA-256 (in hexadecimal, cut)", _hash("sha256", SECRET_BYTES, in_hex=True)),
    ("SHA-1 (in hexadecimal, cut)", _hash("sha1", SECRET_BYTES, in_hex=True)),
    ("SHA-512 (cut)", _hash("sha512", SECRET_BYTES)),
    ("SHA-512 (in hexadecimal, cut)", _hash("sha512", SECRET_BYTES, in_hex=True)),
)
_MISTAKES: tuple[tuple[Finding, Callable[[bytes], bytes]], ...] = (
    (finding("key-hex-decoded"), _from_hex),
    (finding("key-hex-decoded"), lambda secret: _from_hex(secret).ljust(SECRET_BYTES, b"\0")),
    *((finding("key-hashed", how=name), derive) for name, derive in _HASHES),
    (finding("key-base64-decoded"), _from_base64),
    (finding("key-case"), bytes.upper),
    (finding("key-case"), bytes.lower),
    (finding("key-quoted"), _cut(b'"')),
    (finding("key-quoted"), _cut(b"'")),
    (finding("key-trimmed"), _cut(b" ")),
    (finding("key-trimmed"), _cut(b"\n")),
    (finding("key-cut"), _cut(b"")),
    (finding("key-cut"), lambda secret: secret[:16]),
    (finding("key-cut"), lambda secret: secret[:24]),
    (finding("key-cut"), _filled(16)),
    (finding("key-cut"), _filled(SECRET_BYTES)),
)
# The secret as it is comes first.
_DERIVED: tuple[tuple[list[Finding], Callable[[bytes], bytes]], ...] = (
    ([], bytes),
    *(([found], derive) for found, derive in _MISTAKES),
)


def _is_text(plaintext: bytes) -> bool:
    try:
        plaintext.decode()
    except ValueError:
        return plaintext.startswith(b'{"')
    return bool(plaintext)


def _is_object(plaintext: bytes) -> bool:
    try:
        return isinstance(json.loads(plaintext.decode()), dict)
    except (ValueError, RecursionError):
        return False
