"""The two packages that do AES, as if only some of them were installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from typing import Any

import pytest

import zego_token
from zego_token import ciphers

CRYPTOGRAPHY, PYCRYPTODOME = "cryptography", "Crypto"
BOTH = frozenset({CRYPTOGRAPHY, PYCRYPTODOME})
COMBINATIONS = (BOTH, frozenset({CRYPTOGRAPHY}), frozenset({PYCRYPTODOME}))
_ADAPTERS = ("aes_cryptography", "aes_pycryptodome")


class Absent(MetaPathFinder):
    """Finds none of some packages, wherever they are installed."""

    def __init__(self, packages: frozenset[str]) -> None:
        self.packages = packages

    def find_spec(self, fullname: str, *_: Any) -> None:
        if fullname.partition(".")[0] in self.packages:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


@contextmanager
def installed(packages: frozenset[str]) -> Iterator[None]:
    """Only these packages can be imported, and the library has imported none of them yet."""
    absent = BOTH - packages
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] in absent]:
            patch.delitem(sys.modules, name)
        for adapter in _ADAPTERS:
            patch.delitem(sys.modules, f"zego_token.{adapter}", raising=False)
            patch.delattr(zego_token, adapter, raising=False)
        patch.setattr(sys, "meta_path", [Absent(absent), *sys.meta_path])
        _forget()
        yield
    _forget()


def _forget() -> None:
    ciphers.gcm_library.cache_clear()
    ciphers.cbc_library.cache_clear()
    ciphers._kept.clear()
