"""The token that is wanted: checked, made here or asked of a service."""

import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from zego_cli.errors import CommandError
from zego_cli.service import Service
from zego_token import TokenError, generate_token03, generate_token04, kit_token, room_payload

ZIM_SECONDS = range(30, 24 * 86_400 + 1)


class Product(StrEnum):
    """What the token is for."""

    RTC = "rtc"
    ZIM = "zim"
    UIKIT = "uikit"


def product_of(named: Product, *, is_kit: bool) -> Product:
    """The product of a token; a kit token is for UIKit unless another product than the default is named."""
    return Product.UIKIT if is_kit and named is Product.RTC else named


@dataclass(frozen=True)
class Wanted:
    """A token that is wanted. ``seconds`` is its validity, ``name`` what UIKit shows."""

    user_id: str
    seconds: int
    app_id: int | None = None
    room_id: str | None = None
    publish: bool = False
    stream_ids: tuple[str, ...] = ()
    product: Product = Product.RTC
    is_kit: bool = False
    name: str | None = None
    is_v3: bool = False

    def check(self) -> None:
        """Raise :class:`CommandError` for a combination that makes no token."""
        for fault, message in (
            (not self.user_id, "USER must not be empty"),
            (self.room_id == "", "--room must not be empty"),
            (
                self.publish and not self.room_id,
                "--publish needs --room: without a room, a token lets its user publish in every room",
            ),
            (bool(self.stream_ids) and not self.room_id, "--stream needs --room"),
            (bool(self.stream_ids) and not self.publish, "--stream needs --publish"),
            (bool(self.stream_ids) and self.is_v3, "--stream is for token04: leave out --v3"),
            (self.is_v3 and not self.room_id, "--v3 needs --room"),
            (self.is_v3 and self.product is not Product.RTC, "--v3 is for the product rtc"),
            (self.is_kit and not self.room_id, "--kit needs --room"),
            (self.is_kit and self.product is not Product.UIKIT, "--kit is for the product uikit"),
            (self.name is not None and not self.is_kit, "--name needs --kit"),
            (self.product is Product.ZIM and self.room_id is not None, "ZIM has no rooms: leave out --room"),
            (
                self.product is Product.ZIM and self.seconds not in ZIM_SECONDS,
                "--ttl must be from 30 seconds to 24 days for ZIM",
            ),
        ):
            if fault:
                raise CommandError(message)

    def mint(self, secret: str, app_id: int, now: int) -> dict[str, Any]:
        """Make it here, as ``POST /v1/tokens`` answers. Raises :class:`CommandError`."""
        try:
            token = self._generated(secret, app_id, now)
        except TokenError as error:
            too_long = "--room and --stream are too long for a token"
            raise CommandError(too_long if error.field == "payload" else error.message) from None
        answer: dict[str, Any] = {
            "token": token,
            "version": "03" if self.is_v3 else "04",
            "cipher": "cbc" if self.is_v3 else "gcm",
            "app_id": app_id,
            "user_id": self.user_id,
            "room_id": self.room_id,
            "privilege": None if self.room_id is None else {"login": True, "publish": self.publish},
            "stream_ids": list(self.stream_ids) or None,
            "issued_at": now,
            "expires_at": now + self.seconds,
        }
        return self._with_kit(answer)

    def ask(self, service: Service) -> dict[str, Any]:
        """Ask a service for it. Raises :class:`CommandError`."""
        return self.taken_from(service.post("/v1/tokens", self.body()), service)

    def taken_from(self, answer: dict[str, Any], service: Service) -> dict[str, Any]:
        """The token in a service's answer. Raises :class:`CommandError` where there is none."""
        if not isinstance(answer.get("token"), str) or not isinstance(answer.get("app_id"), int):
            raise CommandError(f"{service.url} answered without a token; is it a ZEGO token service?")
        return self._with_kit(answer)

    def body(self) -> dict[str, Any]:
        """The request of ``POST /v1/tokens``."""
        body: dict[str, Any] = {} if self.app_id is None else {"app_id": self.app_id}
        body |= {"user_id": self.user_id, "effective_time_in_seconds": self.seconds}
        if self.room_id is not None:
            body |= {"room_id": self.room_id, "privilege": {"login": True, "publish": self.publish}}
        if self.stream_ids:
            body["stream_ids"] = list(self.stream_ids)
        if self.product is not Product.RTC:
            body["product"] = self.product.value
        return body | ({"version": "03"} if self.is_v3 else {})

    def _generated(self, secret: str, app_id: int, now: int) -> str:
        user_id, seconds = self.user_id, self.seconds
        if self.room_id is None:
            return generate_token04(app_id, user_id, secret, seconds, now=now)
        if self.is_v3:
            privilege = {1: 1, 2: int(self.publish)}
            return generate_token03(app_id, self.room_id, user_id, privilege, secret, seconds, now=now)
        payload = room_payload(self.room_id, publish=self.publish, stream_ids=self.stream_ids or None)
        return generate_token04(app_id, user_id, secret, seconds, payload, now=now)

    def _with_kit(self, answer: dict[str, Any]) -> dict[str, Any]:
        if not self.is_kit or self.room_id is None:
            return answer
        name = self.user_id if self.name is None else self.name
        try:
            kit = kit_token(answer["token"], self.room_id, self.user_id, name, answer["app_id"])
        except TokenError as error:
            raise CommandError(error.message) from None
        return {**answer, "kit_token": kit}


def curl_command(url: str, body: str, *, jwt_file: str | None = None) -> str:
    """The command that asks the service at a URL for the same token, to be pasted into a shell."""
    parts = ["curl", "--fail-with-body", f"{url}/v1/tokens", "--json", body]
    if jwt_file is not None:
        return f'{shlex.join(parts)} -H "Authorization: Bearer $(cat {shlex.quote(jwt_file)})"'
    if not url.startswith("https://"):
        return shlex.join(parts)
    signature = (
        '--aws-sigv4 "aws:amz:$AWS_REGION:execute-api" --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
    )
    return f'{shlex.join(parts)} {signature} -H "x-amz-security-token: $AWS_SESSION_TOKEN"'
