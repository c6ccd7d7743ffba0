"""Tokens that were minted ahead, encrypted in the table until they are fetched or expire.

Each request has a data key of its own (KMS, AES-256). Each token is sealed with it (AES-GCM), bound
to its request and its user.
"""

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from zego_service.errors import GrantsUnavailableError, InvalidRequestError, KeyUnavailableError
from zego_service.issuing.issuer import IssuedToken
from zego_service.issuing.requests import RoomPrivilege
from zego_service.provisioning.events import TokensRequest
from zego_service.provisioning.grants import Change
from zego_service.settings import Settings
from zego_service.table import Item, put_all, reachable
from zego_service.telemetry import logger
from zego_token import Cipher

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_kms import KMSClient

REMEMBERED_SECONDS = 30 * 86_400  # longer than a queue keeps an event that may come again
_REQUEST = "REQUEST"
_NONCE_BYTES = 12
_CLIENT_CONFIG = Config(
    connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2}
)


def kms_client() -> "KMSClient":
    """A client that gives up on a dead endpoint after about six seconds."""
    return boto3.client("kms", config=_CLIENT_CONFIG)


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


class ProvisionedTokens:
    """The tokens in the table.

    Methods raise :class:`GrantsUnavailableError` or :class:`KeyUnavailableError` where the table or the
    key cannot be used.
    """

    def __init__(
        self,
        dynamodb: "DynamoDBClient",
        make_kms: "Callable[[], KMSClient]",
        settings: Settings,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._dynamodb = dynamodb
        self._kms = cache(make_kms)  # made when it is needed: few requests do
        self._table = settings.table
        self._kms_key = settings.kms_key
        self._clock = clock

    def store(self, request: TokensRequest, mint: Callable[[], Sequence[IssuedToken]]) -> Stored:
        """Mint and store the tokens of a request, unless that is done already.

        Raises :class:`InvalidRequestError` where its id was that of another request.
        """
        opened = self._open(request) or self._begin(request)
        if opened.count is not None:
            return Stored(Change.REPEATED, opened.count)
        tokens = mint()
        with _reachable():
            put_all(
                self._dynamodb,
                self._table,
                [_sealed(request.request_id, token, opened.data_key) for token in tokens],
            )
        self._complete(request, tokens)
        return Stored(Change.APPLIED, len(tokens))

    def get(self, request_id: str, user_id: str) -> IssuedToken | None:
        """The token of a request for a user; None where there is none, or it has expired."""
        request, token = self._items(request_id, _REQUEST, _row(user_id))
        if request is None or token is None or int(token["expires_at"]["N"]) <= self._clock():
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
        (item,) = self._items(request.request_id, _REQUEST)
        if item is None:
            return None
        if item["digest"]["S"] != _digest(request):
            raise InvalidRequestError("another request had this id", "request_id")
        count = int(item["token_count"]["N"]) if "token_count" in item else None
        return _Opened(self._data_key(request.request_id, item), count)

    def _begin(self, request: TokensRequest) -> _Opened:
        with _key_usable():
            made = self._kms().generate_data_key(
                KeyId=self._kms_key, KeySpec="AES_256", EncryptionContext=_context(request.request_id)
            )
        # The request is remembered for longer than its tokens are valid, so that it mints no others.
        expires_at = int(self._clock()) + request.effective_time_in_seconds + REMEMBERED_SECONDS
        item: Item = {
            **_key(request.request_id, _REQUEST),
            "digest": {"S": _digest(request)},
            "data_key": {"B": made["CiphertextBlob"]},
            "expires_at": {"N": str(expires_at)},
        }
        with _reachable():
            try:
                self._dynamodb.put_item(
                    TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)"
                )
            except self._dynamodb.exceptions.ConditionalCheckFailedException:
                raise GrantsUnavailableError() from None  # somebody else has begun: see then
        return _Opened(made["Plaintext"], count=None)

    def _complete(self, request: TokensRequest, tokens: Sequence[IssuedToken]) -> None:
        """Remember that all tokens are there, for longer than they are valid."""
        last = max((token.expires_at for token in tokens), default=int(self._clock()))
        with _reachable():
            try:
                self._dynamodb.update_item(
                    TableName=self._table,
                    Key=_key(request.request_id, _REQUEST),
                    UpdateExpression="SET token_count = :count, expires_at = :expires_at",
                    ConditionExpression="digest = :digest",
                    ExpressionAttributeValues={
                        ":count": {"N": str(len(tokens))},
                        ":expires_at": {"N": str(last + REMEMBERED_SECONDS)},
                        ":digest": {"S": _digest(request)},
                    },
                )
            except self._dynamodb.exceptions.ConditionalCheckFailedException:
                raise GrantsUnavailableError() from None  # it has expired: begin again then

    def _data_key(self, request_id: str, item: Item) -> bytes:
        with _key_usable():
            answer = self._kms().decrypt(
                CiphertextBlob=item["data_key"]["B"], EncryptionContext=_context(request_id)
            )
        return answer["Plaintext"]

    def _items(self, request_id: str, *rows: str) -> list[Item | None]:
        with _reachable():
            return [
                self._dynamodb.get_item(
                    TableName=self._table, Key=_key(request_id, row), ConsistentRead=True
                ).get("Item")
                for row in rows
            ]


@contextmanager
def _key_usable() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        logger.error("the KMS key cannot be used", cause=type(error).__name__)
        raise KeyUnavailableError() from None


def _reachable() -> AbstractContextManager[None]:
    return reachable("GrantsUnavailable", GrantsUnavailableError)


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
