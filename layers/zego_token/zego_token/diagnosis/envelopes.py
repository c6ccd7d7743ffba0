"""The envelope of a token, read as far as it goes."""

import re
from base64 import b64decode, b64encode
from typing import NamedTuple

from zego_token.ciphers import Cipher
from zego_token.diagnosis.findings import Finding, finding
from zego_token.wire import VERSION_03, VERSION_04, Envelope

_VERSION = re.compile(r"[0-9][0-9]")
_FOREIGN = re.compile(r"[^A-Za-z0-9+/=]")
_EARLY = "AAAA"  # how every token of the next 500 years goes on after its version
_HEADER_BYTES = 10
_LENGTH_BYTES = 2


class Reading(NamedTuple):
    """What is readable of a token without its secret, and what is wrong with it.

    ``expires_at`` may be known where the envelope is not.
    """

    envelope: Envelope | None
    expires_at: int | None
    findings: list[Finding]


def read_envelope(text: str) -> Reading:
    """The envelope of a text, which may be damaged."""
    version, body = text[:2], text[2:]
    if version in (VERSION_03, VERSION_04):
        return _read(version, body)
    if _VERSION.fullmatch(version) and body.startswith(_EARLY):
        reading = _read(VERSION_04, body)
        return reading._replace(findings=[finding("version-unknown", found=version), *reading.findings])
    for start in (text, text[1:]):
        reading = _read(VERSION_04, start)
        if reading.envelope is not None:
            return reading._replace(findings=[finding("version-missing"), *reading.findings])
    return Reading(None, None, [finding("not-a-token")])


def _read(version: str, body: str) -> Reading:
    foreign = _FOREIGN.search(body)
    if foreign is not None:
        return Reading(None, None, [finding("not-base64", position=foreign.start() + len(version) + 1)])
    digits, _, _ = body.partition("=")
    if len(digits) * 3 // 4 < _HEADER_BYTES:
        code = "truncated" if digits.startswith(_EARLY) or not digits else "not-a-token"
        return Reading(None, None, [finding(code, size=len(body) + len(version))])
    whole = digits[:-1] if len(digits) % 4 == 1 else digits
    data = b64decode(whole + "=" * (-len(whole) % 4))
    return _unpack(version, body, digits, data)


def _unpack(version: str, body: str, digits: str, data: bytes) -> Reading:
    expires_at = int.from_bytes(data[:8], signed=True)
    iv_bytes = int.from_bytes(data[8:_HEADER_BYTES])
    if iv_bytes not in {cipher.iv_bytes for cipher in Cipher}:
        return Reading(None, None, [finding("envelope-damaged")])
    start = _HEADER_BYTES + iv_bytes + _LENGTH_BYTES
    sealed_bytes = int.from_bytes(data[start - _LENGTH_BYTES : start])
    mark = data[start + sealed_bytes :]
    cipher = Cipher.GCM if iv_bytes == Cipher.GCM.iv_bytes else Cipher.CBC
    has_room = len(data) >= start + sealed_bytes
    if len(data) < start or not has_room or (cipher is Cipher.GCM and not mark):
        return Reading(None, expires_at, [finding("truncated", size=len(body) + 2)])
    is_marked = mark[:1] == b"\x01"
    if not sealed_bytes or is_marked != (cipher is Cipher.GCM):
        return Reading(None, expires_at, [finding("envelope-damaged")])
    findings = _at_its_end(body, digits, mark)
    if version == VERSION_03 and cipher is Cipher.GCM:
        findings.append(finding("version-differs", outside=VERSION_03, inside=VERSION_04))
    envelope = Envelope(
        version, cipher, expires_at, data[_HEADER_BYTES : start - 2], data[start : start + sealed_bytes]
    )
    return Reading(envelope, expires_at, findings)


def _at_its_end(body: str, digits: str, mark: bytes) -> list[Finding]:
    padding = body[len(digits) :]
    wanted = -len(digits) % 4
    if len(digits) % 4 == 1 or len(mark) > 1 or len(padding) > wanted or padding.strip("="):
        return [finding("trailing-data")]
    if len(padding) < wanted:
        return [finding("padding-missing")]
    return [] if _has_clean_end(digits) else [finding("envelope-damaged")]


def _has_clean_end(digits: str) -> bool:
    """Whether the bits after the last byte are 0; one text alone is the token."""
    padded = digits + "=" * (-len(digits) % 4)
    return b64encode(b64decode(padded)).decode() == padded
