"""Why a token was refused: everything that can be found out about it, the likeliest first."""

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

from zego_token.checks import MAX_APP_ID
from zego_token.ciphers import Cipher
from zego_token.diagnosis.contents import Content, read_content
from zego_token.diagnosis.envelopes import Reading, read_envelope
from zego_token.diagnosis.findings import Finding, finding, kind_of, likeliest_first, shown
from zego_token.diagnosis.ids import MAX_USER_ID_BYTES, room_id_findings, user_id_findings
from zego_token.diagnosis.keys import open_envelope
from zego_token.diagnosis.kits import kit_findings
from zego_token.diagnosis.rooms import room_findings
from zego_token.diagnosis.texts import read_text
from zego_token.diagnosis.times import duration, times_findings
from zego_token.wire import MAX_EXPIRES_AT, VERSION_03, VERSION_04, Envelope

_NOT_A_TOKEN = {"not-a-token", "not-base64", "token-too-long"}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The findings; how the token says that it is encrypted, if it is one; whether it was decrypted.

    A GCM token that was decrypted is authentic: its tag was verified.
    """

    findings: list[Finding]
    cipher: Cipher | None = None
    is_opened: bool = False


def explain(
    token: object,
    secret: object = None,
    *,
    app_id: object = None,
    user_id: object = None,
    room_id: object = None,
    product: object = "rtc",
    now: object = None,
) -> list[Finding]:
    """What is wrong with a token, the likeliest cause first; empty where nothing is.

    ``secret`` is the app's ServerSecret; without it, only what is readable from outside is judged.
    ``app_id``, ``user_id`` and ``room_id`` are those of the client that was refused, ``product`` is
    ``rtc``, ``zim`` or ``uikit``, and ``now`` a time in Unix seconds, by default the current one.

    It never raises: what is wrong with an argument is a finding too. For one's own machine: whoever can
    ask this about CBC tokens over a network, with a secret that they do not have, can forge tokens.
    """
    return diagnose(
        token, secret, app_id=app_id, user_id=user_id, room_id=room_id, product=product, now=now
    ).findings


def diagnose(token: object, secret: object = None, **compared_with: object) -> Diagnosis:
    """What :func:`explain` finds, with the same arguments, and what it rests on."""
    asked = _Arguments(**compared_with)
    key = str.__str__(secret) if isinstance(secret, str) else None
    findings = list(asked.findings)
    if secret is not None and key is None:
        findings.append(
            finding("argument-invalid", name="secret", found=kind_of(secret), expected="a string")
        )
    text = read_text(token, key, asked.product)
    findings += text.findings
    if text.token is None:
        return Diagnosis(likeliest_first(findings))
    reading = read_envelope(text.token)
    others = [found for found in reading.findings if found.code in _NOT_A_TOKEN]
    if others:
        return Diagnosis(likeliest_first([*asked.findings, *others]))
    inside = _Inside(None, [], is_opened=False)
    if key is not None and reading.envelope is not None:
        inside = _inside(reading.envelope, key, asked)
    findings += [*reading.findings, *inside.findings]
    if inside.content is None:
        findings += _outside(reading, asked)
    if text.kit_part is not None:
        findings += kit_findings(text.kit_part, inside.content, asked.room_id)
    cipher = None if reading.envelope is None else reading.envelope.cipher
    return Diagnosis(likeliest_first(findings), cipher, inside.is_opened)


class _Arguments:
    """What the token is compared with; None where it is not given, or not of the right type."""

    def __init__(
        self,
        app_id: object = None,
        user_id: object = None,
        room_id: object = None,
        product: object = "rtc",
        now: object = None,
    ) -> None:
        self.findings: list[Finding] = []
        is_app_id = type(app_id) is int and 1 <= app_id <= MAX_APP_ID
        self.app_id: int | None = self._right(
            "app_id", app_id, f"an integer from 1 to {MAX_APP_ID}", is_right=is_app_id
        )
        self.user_id = self._text("user_id", user_id)
        self.room_id = self._text("room_id", room_id)
        is_product = isinstance(product, str) and str.__str__(product) in MAX_USER_ID_BYTES
        named = self._right("product", product, "rtc, zim or uikit", is_right=is_product)
        self.product: str = "rtc" if named is None else str.__str__(named)
        is_time = type(now) in (int, float) and 0 <= now <= MAX_EXPIRES_AT  # type: ignore[operator]
        given = self._right("now", now, "a number of Unix seconds", is_right=is_time)
        self.now = int(time.time() if given is None else given)

    def _text(self, name: str, value: object) -> str | None:
        text = self._right(name, value, "a string", is_right=isinstance(value, str))
        return None if text is None else str.__str__(text)

    def _right(self, name: str, value: object, expected: str, *, is_right: bool) -> Any:
        if is_right or value is None:
            return value
        found = {"app_id": "out of range", "now": "out of range", "product": "unknown"}.get(name, "")
        if type(value) not in (int, float) and (name != "product" or not isinstance(value, str)):
            found = kind_of(value)
        self.findings.append(finding("argument-invalid", name=name, found=found, expected=expected))
        return None


class _Inside(NamedTuple):
    content: Content | None
    findings: list[Finding]
    is_opened: bool


def _inside(envelope: Envelope, secret: str, asked: _Arguments) -> _Inside:
    """What only the secret shows."""
    opening = open_envelope(envelope, secret)
    if opening.plaintext is None:
        return _Inside(None, opening.findings, is_opened=False)
    version = VERSION_04 if envelope.cipher is Cipher.GCM else envelope.version
    content, of_members = read_content(opening.plaintext, version)
    findings = [*opening.findings, *of_members]
    if content is None:
        return _Inside(None, findings, is_opened=True)
    if content.version == VERSION_03 and asked.product != "rtc":
        findings.append(finding("version-not-for-product", product=asked.product))
    if content.expires_at is not None:
        difference = abs(content.expires_at - envelope.expires_at)
        if difference:
            findings.append(finding("header-time-differs", difference=duration(difference)))
        findings += times_findings(content.created_at, content.expires_at, asked.now, asked.product)
    findings += [*_for_whom(content, asked), *room_findings(content, asked.room_id)]
    return _Inside(content, findings, is_opened=True)


def _for_whom(content: Content, asked: _Arguments) -> list[Finding]:
    findings = []
    if content.app_id is not None and asked.app_id not in (None, content.app_id):
        findings.append(finding("other-app", inside=content.app_id, outside=asked.app_id))
    if content.user_id is not None:
        findings += user_id_findings(content.user_id, asked.product)
        if asked.user_id is not None and asked.user_id != content.user_id:
            inside, outside = shown(content.user_id), shown(asked.user_id)
            findings.append(finding("other-user", inside=inside, outside=outside))
    return [*findings, *_of_arguments(asked)]


def _outside(reading: Reading, asked: _Arguments) -> list[Finding]:
    """What is readable without the secret."""
    findings = _of_arguments(asked)
    if reading.envelope is not None and reading.envelope.version == VERSION_03 and asked.product != "rtc":
        findings.append(finding("version-not-for-product", product=asked.product))
    if reading.expires_at is not None:
        findings += times_findings(None, reading.expires_at, asked.now, asked.product)
    return findings


def _of_arguments(asked: _Arguments) -> list[Finding]:
    findings = [] if asked.user_id is None else user_id_findings(asked.user_id, asked.product)
    return findings if asked.room_id is None else [*findings, *room_id_findings(asked.room_id)]
