"""Which package does AES: the faster one of those that are installed, and no other is imported."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.aes_packages import BOTH, COMBINATIONS, CRYPTOGRAPHY, PYCRYPTODOME, installed
from tests.factories import OTHER_SECRET, SECRET
from tests.token_arguments import TOKEN03, TOKEN04
from zego_token import Cipher, ciphers, decode_token, generate_token03, generate_token04

MAKE = {
    "gcm": f"zego_token.decode_token(zego_token.generate_token04(**{TOKEN04}), {SECRET!r})",
    "cbc": f"zego_token.decode_token(zego_token.generate_token04(**{TOKEN04}, cipher=CBC), {SECRET!r})",
    "token03": f"zego_token.decode_token(zego_token.generate_token03(**{TOKEN03}), {SECRET!r})",
    "nothing": "",
}
PROGRAM = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, *_):
        if name.partition(".")[0] in {absent}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())
import zego_token
CBC = zego_token.Cipher.CBC
{make}
print(*sorted({both} & {{name.partition(".")[0] for name in sys.modules}}))
"""


def imported(make: str, installed: frozenset[str]) -> list[str]:
    """The packages for AES that a process of its own has imported after making and opening a token."""
    program = PROGRAM.format(absent=set(BOTH - installed) or "()", make=MAKE[make], both=set(BOTH))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("make", "packages", "expected"),
    [
        ("nothing", BOTH, []),
        ("gcm", BOTH, [CRYPTOGRAPHY]),
        ("cbc", BOTH, [PYCRYPTODOME]),
        ("token03", BOTH, [PYCRYPTODOME]),
        *((make, {package}, [package]) for make in ("gcm", "cbc") for package in sorted(BOTH)),
    ],
)
def test_a_process_imports_what_it_uses(make: str, packages: frozenset[str], expected: list[str]) -> None:
    assert imported(make, frozenset(packages)) == expected


def test_without_any_package_the_error_says_what_to_install() -> None:
    with installed(frozenset()), pytest.raises(ImportError, match="pip install cryptography"):
        generate_token04(**TOKEN04)


@pytest.mark.parametrize("opener", COMBINATIONS, ids=sorted)
@pytest.mark.parametrize("maker", COMBINATIONS, ids=sorted)
@given(user_id=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), cipher=st.sampled_from(Cipher))
def test_what_one_package_makes_the_other_opens(
    maker: frozenset[str], opener: frozenset[str], user_id: str, cipher: Cipher
) -> None:
    arguments = TOKEN04 | {"user_id": user_id, "cipher": cipher}
    with installed(maker):
        tokens = generate_token04(**arguments), generate_token03(**TOKEN03 | {"user_id": user_id})

    with installed(opener):
        assert [decode_token(token, SECRET).user_id for token in tokens] == [user_id, user_id]


@pytest.mark.usefixtures("aes_packages")
def test_a_kept_key_serves_its_own_secret_alone() -> None:
    secrets = [f"{number:032}" for number in range(3 * ciphers.MAX_KEPT_KEYS)] + [SECRET, OTHER_SECRET]
    for secret in secrets * 2:
        decoded = decode_token(generate_token04(**TOKEN04 | {"secret": secret}), secret)

        assert decoded.user_id == TOKEN04["user_id"]


def test_few_keys_are_kept_and_none_is_shown() -> None:
    with installed(BOTH):
        for number in range(3 * ciphers.MAX_KEPT_KEYS):
            secret = f"{number:032}"
            generate_token04(**TOKEN04 | {"secret": secret})

            shown = repr(ciphers._kept)
            assert secret not in shown
            assert secret.encode().hex() not in shown
            assert 1 <= len(ciphers._kept) <= ciphers.MAX_KEPT_KEYS


def test_a_key_is_made_once_for_many_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    with installed(BOTH):
        library = ciphers.gcm_library()
        make, made = library.gcm_sealer, []

        def note(key: bytes) -> ciphers.Seal:
            made.append(key)
            return make(key)

        monkeypatch.setattr(library, "gcm_sealer", note)
        for _ in range(10):
            generate_token04(**TOKEN04)
        generate_token04(**TOKEN04 | {"secret": OTHER_SECRET})

    assert made == [SECRET.encode(), OTHER_SECRET.encode()]


@pytest.mark.parametrize(("cipher", "size"), [(Cipher.GCM, 16), (Cipher.CBC, 20)])
def test_a_token04_asks_for_randomness_once(
    cipher: Cipher, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate_token04(**TOKEN04, cipher=cipher)
    assert drawn_by(lambda: generate_token04(**TOKEN04, cipher=cipher), monkeypatch) == [size]


def test_a_token03_asks_for_randomness_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawn_by(lambda: generate_token03(**TOKEN03), monkeypatch) == [24]


def drawn_by(make: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many random bytes were asked for, call by call."""
    drawn: list[int] = []
    draw = os.urandom

    def note(size: int) -> bytes:
        drawn.append(size)
        return draw(size)

    monkeypatch.setattr("os.urandom", note)
    make()
    return drawn
