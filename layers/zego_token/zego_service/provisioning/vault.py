"""Tokens that were minted ahead, encrypted in the table until they expire.

Each request has a data key of its own (KMS, AES-256). Each token is sealed with it (AES-GCM), bound
to its request and its user.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zego_service.clients import Clients, ConditionFailedError, Item
from zego_service.clock import Instant
from zego_service.errors import (
    GrantsUnavailableError,
    InvalidRequestError,
    KeyUnavailableError,
    OutageError,
)
from zego_service.issuing.requests import IssuedToken, RoomPrivilege
from zego_service.provisioning.rooms import Change, TokensRequest
from zego_service.settings import Settings
from zego_service.table import Table, reporting
from zego_service.telemetry import logger
from zego_token import Cipher

REMEMBERED_SECONDS = 30 * 86_400  # longer than a queue keeps an event, which may be delivered again
_REQUEST = "REQUEST"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Stored:
    """How many tokens of a request are in the table, and whether they were there before."""

    change: Change
    count: int


@dataclass(frozen=True, slots=True, repr=False)
class _Opened:
    """A request that is in the table, with its data key; ``count`` is None until its tokens are all there."""

    data_key: bytes
    count: int | None


class Vault:
    """The tokens that were minted ahead, sealed in the table.

    Methods raise :class:`GrantsUnavailableError` or :class:`KeyUnavailableError` where the table or the
    key cannot be used.
    """

    def __init__(self, clients: Clients, table: Table, settings: Settings) -> None:
        self._clients = clients
        self._table = table
        self._kms_key = settings.kms_key

    def store(
        self, request: TokensRequest, mint: Callable[[], Sequence[IssuedToken]], now: Instant
    ) -> Stored:
        """Mint and store the tokens of a request, unless that is done already.

        Raises :class:`InvalidRequestError` where its id was that of another request.
        """
        opened = self._open(request) or self._begin(request, now)
        if opened.count is not None:
            return Stored(Change.REPEATED, opened.count)
        tokens = mint()
        with _reporting():
            self._table.put_all(_sealed(request.request_id, token, opened.data_key) for token in tokens)
        self._complete(request, tokens, now)
        return Stored(Change.APPLIED, len(tokens))

    def get(self, request_id: str, user_id: str, now: Instant) -> IssuedToken | None:
        """The token of a request for a user; None where there is none, or it has expired."""
        with _reporting():
            request = self._table.get(_key(request_id, _REQUEST))
            token = self._table.get(_key(request_id, _row(user_id)))
        if request is None or token is None or int(token["expires_at"]["N"]) <= now.wall:
            return None
        data_key = self._data_key(request_id, request)
        sealed = token["sealed"]["B"]
        try:
            plaintext = AESGCM(data_key).decrypt(
                sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound_to(request_id, user_id)
            )
        except InvalidTag:
            logger.error("a provisioned token cannot be opened", request_id=request_id)
            return None
        return _token(json.loads(plaintext))

    def _open(self, request: TokensRequest) -> _Opened | None:
        with _reporting():
            item = self._table.get(_key(request.request_id, _REQUEST))
        if item is None:
            return None
        if item["digest"]["S"] != _digest(request):
            raise InvalidRequestError("another request had this id", "request_id")
        count = int(item["token_count"]["N"]) if "token_count" in item else None
        return _Opened(self._data_key(request.request_id, item), count)

    def _begin(self, request: TokensRequest, now: Instant) -> _Opened:
        with _key_usable():
            data_key, encrypted = self._clients.generate_data_key(self._kms_key, _context(request.request_id))
        # The request is remembered for longer than its tokens are valid, so that it mints no others.
        expires_at = now.unix + request.effective_time_in_seconds + REMEMBERED_SECONDS
        item: Item = {
            **_key(request.request_id, _REQUEST),
            "digest": {"S": _digest(request)},
            "data_key": {"B": encrypted},
            "expires_at": {"N": str(expires_at)},
        }
        with _reporting():
            try:
                self._table.add(item)
            except ConditionFailedError:
                raise GrantsUnavailableError from None  # another process has begun: retry finds its key
        return _Opened(data_key, count=None)

    def _complete(self, request: TokensRequest, tokens: Sequence[IssuedToken], now: Instant) -> None:
        """Remember that all tokens are there, for longer than they are valid."""
        last = max((token.expires_at for token in tokens), default=now.unix)
        with _reporting():
            try:
                self._table.update(
                    _key(request.request_id, _REQUEST),
                    "SET token_count = :count, expires_at = :expires_at",
                    "digest = :digest",
                    {
                        ":count": {"N": str(len(tokens))},
                        ":expires_at": {"N": str(last + REMEMBERED_SECONDS)},
                        ":digest": {"S": _digest(request)},
                    },
                )
            except ConditionFailedError:
                raise GrantsUnavailableError from None  # the request's row has expired: retry begins again

    def _data_key(self, request_id: str, item: Item) -> bytes:
        with _key_usable():
            return self._clients.decrypt(item["data_key"]["B"], _context(request_id))


@contextmanager
def _key_usable() -> Iterator[None]:
    try:
        yield
    except OutageError as outage:
        logger.error("the KMS key cannot be used", cause=outage.cause)
        raise KeyUnavailableError from None


def _reporting() -> AbstractContextManager[None]:
    return reporting("GrantsUnavailable", GrantsUnavailableError)


def _digest(request: TokensRequest) -> str:
    return hashlib.sha256(json.dumps(asdict(request)).encode()).hexdigest()


def _context(request_id: str) -> dict[str, str]:
    return {"request_id": request_id}


def _key(request_id: str, row: str) -> Item:
    return {"pk": {"S": f"PROVISIONED#{request_id}"}, "sk": {"S": row}}


def _row(user_id: str) -> str:
    return f"USER#{user_id}"


def _bound_to(request_id: str, user_id: str) -> bytes:
    return json.dumps([request_id, user_id]).encode()


def _sealed(request_id: str, token: IssuedToken, data_key: bytes) -> Item:
    nonce = os.urandom(_NONCE_BYTES)
    plaintext = json.dumps(asdict(token)).encode()
    sealed = nonce + AESGCM(data_key).encrypt(nonce, plaintext, _bound_to(request_id, token.user_id))
    return {
        **_key(request_id, _row(token.user_id)),
        "sealed": {"B": sealed},
        "expires_at": {"N": str(token.expires_at)},
    }


def _token(fields: dict[str, Any]) -> IssuedToken:
    privilege, stream_ids = fields["privilege"], fields["stream_ids"]
    return IssuedToken(
        **fields
        | {
            "cipher": Cipher(fields["cipher"]),
            "privilege": None if privilege is None else RoomPrivilege(**privilege),
            "stream_ids": None if stream_ids is None else tuple(stream_ids),
        }
    )
