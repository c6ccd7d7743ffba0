"""Token generators, each in a process of its own: this library's, and ZEGO's official ones.

`python -m benchmarks.generators SUBJECT [FILE]` runs one of this library's. Each line of its input is a
number of tokens. For each it answers with the CPU seconds that they took. The official ones do the same, so
that programs beside them on the machine, and starts of processes, do not count.
"""

import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from local.arguments import ArgumentError, shown
from zego_token import (
    Cipher,
    decode_token,
    generate_token03,
    generate_token04,
    generate_tokens04,
    room_payload,
)

SECRET = "fa94dd0f974cf2e293728a526b028271"
PAYLOAD = room_payload("demo", publish=True)
GCM, CBC = "GCM", "CBC"
BULK_GCM, BULK_CBC = "bulk, GCM", "bulk, CBC"
MEMORY, WRITE = "memory", "write"
Work = Callable[[int], object]


def _singly(call: Callable[[], object]) -> Work:
    def work(tokens: int) -> None:
        for _ in range(tokens):
            call()

    return work


def _bulk(cipher: Cipher) -> Work:
    def work(tokens: int) -> None:
        users = (f"user-{number}" for number in range(tokens))
        for _ in generate_tokens04(1, users, SECRET, 3600, PAYLOAD, cipher=cipher):
            pass

    return work


def _write(file: Path) -> Work:
    """Write tokens to a file, a line each."""

    def work(tokens: int) -> None:
        users = (f"user-{number}" for number in range(tokens))
        with file.open("w", encoding="ascii") as lines:
            for token in generate_tokens04(1, users, SECRET, 3600, PAYLOAD):
                lines.write(token + "\n")

    return work


def _opening(token: str) -> Work:
    return _singly(lambda: decode_token(token, SECRET))


OURS: dict[str, Callable[[], Work]] = {
    GCM: lambda: _singly(lambda: generate_token04(1, "alice", SECRET, 3600, PAYLOAD)),
    CBC: lambda: _singly(lambda: generate_token04(1, "alice", SECRET, 3600, PAYLOAD, cipher=Cipher.CBC)),
    "token03": lambda: _singly(lambda: generate_token03(1, "demo", "alice", {1: 1, 2: 1}, SECRET, 3600)),
    "decode, GCM": lambda: _opening(generate_token04(1, "alice", SECRET, 3600, PAYLOAD)),
    "decode, CBC": lambda: _opening(generate_token04(1, "alice", SECRET, 3600, PAYLOAD, cipher=Cipher.CBC)),
    BULK_GCM: lambda: _bulk(Cipher.GCM),
    BULK_CBC: lambda: _bulk(Cipher.CBC),
}

_PYTHON = """
import sys, time
sys.path.insert(0, sys.argv[1])
from src.token04 import generate_token04
for line in sys.stdin:
    started = time.process_time()
    for number in range(int(line)):
        generate_token04(1, f"user-{number}", sys.argv[2], 3600, sys.argv[3])
    print(time.process_time() - started, flush=True)
"""
_PHP = """
require_once $argv[1] . '/auto_loader.php';
function cpu() {
    $used = getrusage();
    return $used['ru_utime.tv_sec'] + $used['ru_stime.tv_sec']
        + ($used['ru_utime.tv_usec'] + $used['ru_stime.tv_usec']) / 1e6;
}
while (($line = fgets(STDIN)) !== false) {
    $started = cpu();
    for ($number = 0; $number < (int) $line; $number++) {
        ZEGO\\ZegoServerAssistant::generateToken04(1, "user-$number", $argv[2], 3600, $argv[3]);
    }
    echo cpu() - $started, "\\n";
}
"""
# It prints plaintexts and IVs, which is left out here.
_NODE = """
const [folder, secret, payload] = process.argv.slice(1);
const { generateToken04 } = require(folder + '/server/zegoServerAssistant.js');
console.log = () => {};
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const started = process.cpuUsage();
    for (let number = 0; number < Number(line); number++) {
        generateToken04(1, 'user-' + number, secret, 3600, payload);
    }
    const used = process.cpuUsage(started);
    process.stdout.write((used.user + used.system) / 1e6 + '\\n');
});
"""


@dataclass(frozen=True)
class Official:
    """One of ZEGO's generators, in a checkout of zegoim/zego_server_assistant."""

    name: str
    program: str
    option: str
    code: str
    folder: str

    def command(self, checkout: Path) -> list[str] | None:
        """How to run it; None where its program or its files are missing."""
        program, folder = shutil.which(self.program), checkout.resolve() / "token" / self.folder
        if program is None or not folder.is_dir():
            return None
        return [program, self.option, self.code, str(folder), SECRET, PAYLOAD]


PYTHON = Official("official Python, CBC", sys.executable, "-c", _PYTHON, "python/token04")
NODE = Official("official Node.js, CBC", "node", "-e", _NODE, "nodejs/token04")
PHP = Official("official PHP, CBC", "php", "-r", _PHP, "php/token04")
OFFICIAL = (PYTHON, NODE, PHP)


def checkout_of(environment: Mapping[str, str]) -> Path | None:
    """The folder that OFFICIAL names, if any. Raises :class:`ArgumentError` where it is no such checkout."""
    name = environment.get("OFFICIAL", "").strip()
    if not name:
        return None
    if not Path(name, "token").is_dir():
        raise ArgumentError(
            f"OFFICIAL={shown(name)} must be a checkout of zegoim/zego_server_assistant,\n"
            "which has a folder named token."
        )
    return Path(name)


class Generator:
    """A generator that runs until it is left."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @classmethod
    def ours(cls, subject: str, *arguments: str) -> Self:
        return cls([sys.executable, "-m", "benchmarks.generators", subject, *arguments])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def start(self, tokens: int) -> None:
        """Let it make tokens."""
        if self._process.stdin is None:
            raise ValueError
        print(tokens, file=self._process.stdin, flush=True)

    def answer(self) -> float:
        """What it answers when it is done."""
        if self._process.stdout is None:
            raise ValueError
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a generator ended early")
        return float(line)

    def microseconds(self, tokens: int) -> float:
        """The CPU time of a token, of as many as are named."""
        self.start(tokens)
        return self.answer() / tokens * 1e6


def _peak_growth(tokens: int) -> float:
    """By how many MB the process grows while it makes tokens."""
    _bulk(Cipher.GCM)(1000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _bulk(Cipher.GCM)(tokens)
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main() -> None:
    subject, *file = sys.argv[1:]
    work = _write(Path(file[0])) if subject == WRITE else OURS[subject]() if subject in OURS else None
    for line in sys.stdin:
        started = time.process_time()
        if work is None:
            print(_peak_growth(int(line)), flush=True)
            continue
        work(int(line))
        print(time.process_time() - started, flush=True)


if __name__ == "__main__":
    main()
