"""Many token04 at a time: what they share is made once.

A CBC batch is one chain with a fresh random block before each plaintext. The ciphertext of that block is
the token's IV. AES is a permutation, so the IV is as uniform as the block, and as unknown beforehand; see
docs/decisions/0006-tokens-in-bulk.md of the project.
"""

import os
import time
from binascii import b2a_base64
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from struct import Struct, unpack_from
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
from zego_token.ciphers import PADDINGS, Cipher, gcm_library
from zego_token.errors import ErrorCode, TokenError
from zego_token.plaintexts import MAX_NONCE04, NONCE04_BYTES, around_user04, json_text, plaintext04, too_long
from zego_token.wire import GCM_MARK, MAX_EXPIRES_AT, MAX_SEALED_BYTES, VERSION_04, header

BATCH_TOKENS = 256
_BLOCK_BYTES = 16
_PREFIX = VERSION_04.encode()
_CHAIN_START = bytes(_BLOCK_BYTES)  # any will do, since a random block comes first
_BLOCK_AND_NONCE = Struct(">16sI")
_NONCE_BYTES = 12  # of GCM
_LENGTH = Struct(">H")
_MOST_BYTES = 6  # of a character in JSON

Seal = Callable[[Sequence[str]], list[str]]


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
    return _Tokens(users, sealer(key, header(cipher, expires_at), around), _Checks(cipher, around, payload))


class _Tokens(Iterator[str]):
    """Makes tokens batch by batch.

    A process that was forked has the tokens of the current batch twice, in the parent and in the child.
    The child therefore makes its own for the users that are left.
    """

    def __init__(self, user_ids: Iterator[str], seal: Seal, checks: "_Checks") -> None:
        self._user_ids = user_ids
        self._seal = seal
        self._checks = checks
        self._lock = Lock()
        self._ready: deque[str] = deque()
        self._take = self._ready.popleft
        self._made: list[str] = []  # the users of the last batch, whose tokens are ready or taken
        self._left: list[str] = []  # users whose tokens are not made yet
        self._failure: Exception | None = None  # of ``user_ids`` itself, after the users that are left
        _live.add(self)

    def __next__(self) -> str:
        while True:
            try:
                return self._take()
            except IndexError:
                self._make_ready()

    def _make_ready(self) -> None:
        """Make the next batch; or raise StopIteration at the end, or the error that comes next."""
        with self._lock:
            if self._ready:
                return  # another thread has made it
            self._fill()
            if not self._left:
                failure, self._failure = self._failure, None
                raise failure or StopIteration
            good = self._checks.count_good(self._left)
            if good == 0:
                self._checks.check(self._left.pop(0))
            made = self._left[:good]
            self._ready.extend(self._seal(made))
            self._made, self._left = made, self._left[good:]

    def _fill(self) -> None:
        if self._failure is None:
            try:
                self._left.extend(islice(self._user_ids, BATCH_TOKENS - len(self._left)))
            except Exception as failure:  # noqa: BLE001, raised when the users before it have their tokens
                self._failure = failure

    def _start_child(self) -> None:
        if self._ready:
            self._left = self._made[-len(self._ready) :] + self._left
            self._ready.clear()
        self._lock = Lock()  # a thread of the parent may hold the old one


_live: "WeakSet[_Tokens]" = WeakSet()


def _start_children() -> None:
    for tokens in list(_live):
        tokens._start_child()  # noqa: SLF001


if hasattr(os, "register_at_fork"):  # where processes can fork
    os.register_at_fork(after_in_child=_start_children)


class _Checks:
    """Which user ids are good."""

    def __init__(self, cipher: Cipher, around: tuple[str, str], payload: str) -> None:
        before, after = around
        longest = cipher.longest_plaintext(MAX_SEALED_BYTES)
        self._payload = payload
        self._room = longest - len(plaintext04(before, "", MAX_NONCE04, after))

    def count_good(self, user_ids: Sequence[str]) -> int:
        """How many user ids come before the first bad one."""
        if (
            set(map(type, user_ids)) == {str}
            and all(user_ids)
            and all(map(str.isascii, user_ids))
            and max(map(len, user_ids)) * _MOST_BYTES <= self._room
        ):
            return len(user_ids)  # as nearly always
        for number, user_id in enumerate(user_ids):
            try:
                self.check(user_id)
            except TokenError:
                return number
        return len(user_ids)

    def check(self, user_id: str) -> None:
        """Raise :class:`TokenError` for a user id that no token can hold."""
        check_text(user_id, ErrorCode.USER_ID_INVALID, "user_id")
        if len(json_text(user_id).encode()) - len('""') > self._room:
            raise too_long({"payload": self._payload, "user_id": user_id})


# The sealers write out what plaintexts.plaintext04 and wire.pack do: calls of those take as long as AES.


def _gcm_sealer(key: bytes, head: bytes, around: tuple[str, str]) -> Seal:
    seal, (before, after) = gcm_library().gcm_sealer(key), around

    def seal_all(user_ids: Sequence[str]) -> list[str]:
        count = len(user_ids)
        random = os.urandom((_NONCE_BYTES + NONCE04_BYTES) * count)
        ivs = [random[start : start + _NONCE_BYTES] for start in range(0, _NONCE_BYTES * count, _NONCE_BYTES)]
        numbers = unpack_from(f">{count}I", random, _NONCE_BYTES * count)
        plaintexts = [
            f'{before}{json_text(user_id)},"nonce":{number >> 1}{after}'.encode()
            for user_id, number in zip(user_ids, numbers, strict=True)
        ]
        sealed = list(map(seal, ivs, plaintexts, repeat(None)))
        lengths = map(_LENGTH.pack, map(len, sealed))
        bodies = map(b"".join, zip(repeat(head), ivs, lengths, sealed, repeat(GCM_MARK)))
        lines = _PREFIX.join([b"", *map(b2a_base64, bodies)])  # Base64 ends each with a new line
        return lines.decode("ascii").split("\n")[:-1]

    return seal_all


def _cbc_sealer(key: bytes, head: bytes, around: tuple[str, str]) -> Seal:
    library, (before, after) = gcm_library(), around  # which is faster at large pieces too

    def seal_all(user_ids: Sequence[str]) -> list[str]:
        drawn = _BLOCK_AND_NONCE.iter_unpack(os.urandom(_BLOCK_AND_NONCE.size * len(user_ids)))
        parts: list[bytes] = []
        for user_id, (block, number) in zip(user_ids, drawn, strict=True):
            plaintext = f'{before}{json_text(user_id)},"nonce":{number >> 1}{after}'.encode()
            parts += (block, plaintext + PADDINGS[len(plaintext) % _BLOCK_BYTES])
        chain = library.cbc_chain(key, _CHAIN_START)(b"".join(parts))
        tokens, start = [], 0
        for padded in parts[1::2]:
            middle = start + _BLOCK_BYTES
            end = middle + len(padded)
            body = b"%b%b%b%b" % (head, chain[start:middle], len(padded).to_bytes(2), chain[middle:end])
            tokens.append(VERSION_04 + b2a_base64(body, newline=False).decode("ascii"))
            start = end
        return tokens

    return seal_all


def _iterator(user_ids: object) -> Iterator[str]:
    if isinstance(user_ids, Iterable) and not isinstance(user_ids, str | bytes | bytearray):
        return iter(user_ids)
    raise TokenError(
        ErrorCode.USER_ID_INVALID, "user_ids must be an iterable of strings, such as a list", "user_ids"
    )
