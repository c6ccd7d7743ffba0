"""Many token04 at a time: what they share is made once.

A CBC batch is one chain with a fresh random block before each plaintext. The ciphertext of that block is
the token's IV. AES is a permutation, so the IV is as uniform as the block, and as unknown beforehand; see
docs/decisions/0006-tokens-in-bulk.md of the project.
"""

import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from struct import Struct
from threading import Lock
from weakref import WeakSet

from zego_token.checks import (
    check_app_id,
    check_effective_time,
    check_payload,
    check_text,
    check_time,
    checked_cipher,
    secret_key,
)
from zego_token.ciphers import Cipher, gcm_library, padding_of
from zego_token.errors import ErrorCode, TokenError
from zego_token.plaintexts import around_user04, plaintext04, too_long
from zego_token.wire import MAX_EXPIRES_AT, MAX_SEALED_BYTES, VERSION_04, header, pack

BATCH_TOKENS = 256
_BLOCK_BYTES = 16
_CHAIN_START = bytes(_BLOCK_BYTES)  # any will do, since a random block comes first

Made = str | TokenError
Seal = Callable[[Sequence[str]], list[Made]]
# Random bytes, which are the IV or become it, and the plaintext or the error of each user.
Plaintexts = Callable[[Sequence[str]], Iterator[tuple[bytes, bytes | TokenError]]]


def generate_tokens04(
    app_id: int,
    user_ids: Iterable[str],
    secret: str,
    effective_time_in_seconds: int,
    payload: str = "",
    *,
    cipher: Cipher = Cipher.GCM,
    now: int | None = None,
) -> Iterator[str]:
    """A token04 for each of ``user_ids``, in order, as an iterator.

    The other arguments are those of :func:`generate_token04`, and are the same for all tokens. All tokens
    begin at ``now``; the default is the time of this call. User ids are taken 256 at a time, so memory
    stays flat however many there are. Threads may share the iterator. After a fork, parent and children
    each go on with the users that are left, with tokens of their own.

    Raises :class:`TokenError` at once for a bad argument. A bad user id raises where its token would
    come; call ``next`` again to go on with the user after it.
    """
    check_app_id(app_id)
    users = _iterator(user_ids)
    key = secret_key(secret)
    begins_at = int(time.time()) if now is None else now
    check_time(begins_at)
    check_effective_time(effective_time_in_seconds, MAX_EXPIRES_AT - begins_at)
    check_payload(payload)
    expires_at = begins_at + effective_time_in_seconds
    around = around_user04(app_id, begins_at, expires_at, payload)
    sealer = _gcm_sealer if checked_cipher(cipher) is Cipher.GCM else _cbc_sealer
    return _Tokens(users, sealer(key, expires_at, _plaintexts(cipher, around, payload)))


class _Tokens(Iterator[str]):
    """Makes tokens batch by batch.

    A process that was forked has the tokens of the current batch twice, in the parent and in the child.
    The child therefore makes its own for the users that are left.
    """

    def __init__(self, user_ids: Iterator[str], seal: Seal) -> None:
        self._user_ids = user_ids
        self._seal = seal
        self._lock = Lock()
        self._ready: deque[Made] = deque()
        self._batch: list[str] = []  # the users of which the last ones' tokens are ready
        self._taken: list[str] = []  # users whose tokens are not made yet
        self._failure: Exception | None = None
        _live.add(self)

    def __next__(self) -> str:
        while True:
            try:
                made = self._ready.popleft()
            except IndexError:
                self._make_ready()
            else:
                if isinstance(made, str):
                    return made
                raise made

    def _make_ready(self) -> None:
        """Make the next batch. Raises StopIteration at the end, and what ``user_ids`` itself raises."""
        with self._lock:
            if self._ready:
                return  # another thread has made it
            if not self._taken and self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            try:
                self._taken.extend(islice(self._user_ids, BATCH_TOKENS - len(self._taken)))
            except Exception as failure:
                if not self._taken:
                    raise
                self._failure = failure  # comes after the tokens of the users before it
            if not self._taken:
                raise StopIteration
            self._ready.extend(self._seal(self._taken))
            self._batch, self._taken = self._taken, []

    def _start_child(self) -> None:
        left = len(self._ready)
        if left:
            self._taken = self._batch[-left:] + self._taken
            self._ready.clear()
        self._lock = Lock()  # a thread of the parent may hold the old one


_live: "WeakSet[_Tokens]" = WeakSet()


def _start_children() -> None:
    for tokens in list(_live):
        tokens._start_child()  # noqa: SLF001


if hasattr(os, "register_at_fork"):  # where processes can fork
    os.register_at_fork(after_in_child=_start_children)


def _gcm_sealer(key: bytes, expires_at: int, plaintexts: Plaintexts) -> Seal:
    seal, head = gcm_library().gcm_sealer(key), header(Cipher.GCM, expires_at)

    def seal_all(user_ids: Sequence[str]) -> list[Made]:
        return [
            pack(VERSION_04, Cipher.GCM, head, iv, seal(iv, plaintext, None))
            if isinstance(plaintext, bytes)
            else plaintext
            for iv, plaintext in plaintexts(user_ids)
        ]

    return seal_all


def _cbc_sealer(key: bytes, expires_at: int, plaintexts: Plaintexts) -> Seal:
    library, head = gcm_library(), header(Cipher.CBC, expires_at)  # which is faster at large pieces too

    def seal_all(user_ids: Sequence[str]) -> list[Made]:
        parts: list[bytes] = []
        outcomes: list[int | TokenError] = []  # the size of the ciphertext, or the error
        for block, plaintext in plaintexts(user_ids):
            if isinstance(plaintext, bytes):
                padding = padding_of(plaintext)
                parts += (block, plaintext, padding)
                outcomes.append(len(plaintext) + len(padding))
            else:
                outcomes.append(plaintext)
        sealed = library.cbc_chain(key, _CHAIN_START)(b"".join(parts))
        return list(_cut(sealed, outcomes, head))

    return seal_all


def _cut(sealed: bytes, outcomes: Iterable[int | TokenError], head: bytes) -> Iterator[Made]:
    """The tokens of a chain: in turns an IV and a ciphertext."""
    start = 0
    for outcome in outcomes:
        if isinstance(outcome, int):
            middle = start + _BLOCK_BYTES
            end = middle + outcome
            yield pack(VERSION_04, Cipher.CBC, head, sealed[start:middle], sealed[middle:end])
            start = end
        else:
            yield outcome


def _plaintexts(cipher: Cipher, around: tuple[str, str], payload: str) -> Plaintexts:
    draw, (before, after) = Struct(f">{cipher.iv_bytes}sI"), around  # an IV and a nonce

    def plaintexts(user_ids: Sequence[str]) -> Iterator[tuple[bytes, bytes | TokenError]]:
        drawn = os.urandom(draw.size * len(user_ids))
        for user_id, (random, bits) in zip(user_ids, draw.iter_unpack(drawn), strict=True):
            error = _fault_of(user_id)
            if error is None:
                plaintext = plaintext04(before, user_id, bits >> 1, after)
                if cipher.sealed_bytes(len(plaintext)) <= MAX_SEALED_BYTES:
                    yield random, plaintext
                    continue
                error = too_long({"payload": payload, "user_id": user_id})
            yield random, error

    return plaintexts


def _iterator(user_ids: object) -> Iterator[str]:
    if isinstance(user_ids, Iterable) and not isinstance(user_ids, str | bytes | bytearray):
        return iter(user_ids)
    raise TokenError(
        ErrorCode.USER_ID_INVALID, "user_ids must be an iterable of strings, such as a list", "user_ids"
    )


def _fault_of(user_id: object) -> TokenError | None:
    if type(user_id) is str and user_id and user_id.isascii():  # nearly all of them
        return None
    try:
        check_text(user_id, ErrorCode.USER_ID_INVALID, "user_id")
    except TokenError as error:
        return error.with_traceback(None)
    return None
