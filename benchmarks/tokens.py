"""Tokens a second, by kind, and whether an IV ever repeats.

With ``--official FILE`` (the ``token04.py`` of ZEGO's official Python generator), that generator is
measured in the same run.
"""

import argparse
import time
from base64 import b64decode
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from zego_token import Cipher, decode_token, generate_token03, generate_token04, room_payload

SECRET = "fa94dd0f974cf2e293728a526b028271"
PAYLOAD = room_payload("demo", publish=True)
ROUNDS = 7
CALLS = 5_000
MANY = 1_000_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--official", type=Path)
    official = parser.parse_args().official
    gcm = generate_token04(1, "alice", SECRET, 3600, PAYLOAD)
    cbc = generate_token04(1, "alice", SECRET, 3600, PAYLOAD, cipher=Cipher.CBC)
    subjects: dict[str, Callable[[], object]] = {
        "token04, GCM": lambda: generate_token04(1, "alice", SECRET, 3600, PAYLOAD),
        "token04, CBC": lambda: generate_token04(1, "alice", SECRET, 3600, PAYLOAD, cipher=Cipher.CBC),
        "token03": lambda: generate_token03(1, "demo", "alice", {1: 1, 2: 1}, SECRET, 3600),
        "decode, GCM": lambda: decode_token(gcm, SECRET),
        "decode, CBC": lambda: decode_token(cbc, SECRET),
    }
    if official:
        subjects["official token04, CBC"] = _official(official)
    _compare(subjects)
    _count_ivs()


def _compare(subjects: dict[str, Callable[[], object]]) -> None:
    """Time the subjects in turns, so that a machine that slows down slows them all; quote the best round."""
    best = dict.fromkeys(subjects, float("inf"))
    for _ in range(ROUNDS):
        for name, call in subjects.items():
            started = time.perf_counter()
            for _ in range(CALLS):
                call()
            best[name] = min(best[name], (time.perf_counter() - started) / CALLS)
    first = next(iter(best.values()))
    for name, seconds in best.items():
        print(f"{name:24}{seconds * 1e6:8.1f} µs{1 / seconds:12,.0f} a second{seconds / first:8.2f} ×")


def _count_ivs() -> None:
    started = time.perf_counter()
    ivs = {b64decode(generate_token04(1, "alice", SECRET, 3600)[2:34])[10:22] for _ in range(MANY)}
    seconds = time.perf_counter() - started
    print(f"{MANY:,} tokens in {seconds:.1f} s, {MANY - len(ivs)} repeated IVs")


def _official(path: Path) -> Callable[[], object]:
    spec = spec_from_file_location("official", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is no Python module")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return lambda: module.generate_token04(1, "alice", SECRET, 3600, PAYLOAD)


if __name__ == "__main__":
    main()
