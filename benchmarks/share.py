"""A share of one processor, as Lambda gives it: by the kernel's quota, or by stopping processes in turns."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import subprocess

_PERIOD_SECONDS = 0.02  # Lambda's own
_GROUPS = Path("/sys/fs/cgroup")


class CpuShare:
    """Limits processes to a share of one processor. ``method`` says how, for the report."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._group: Path | None = None
        self.method = "SIGSTOP and SIGCONT in turns"

    def __enter__(self) -> Self:
        period = round(_PERIOD_SECONDS * 1e6)
        quota = round(period * self._share)
        for folder, limits in (
            (_GROUPS / "cpu", {"cpu.cfs_period_us": str(period), "cpu.cfs_quota_us": str(quota)}),
            (_GROUPS, {"cpu.max": f"{quota} {period}"}),
        ):
            group = folder / f"zego-bench-{os.getpid()}"
            try:
                group.mkdir()
                for name, value in limits.items():
                    (group / name).write_text(value)
            except OSError:  # not root, another version of cgroups, or none
                with suppress(OSError):
                    group.rmdir()
                continue
            self._group, self.method = group, "a quota of a cgroup"
            break
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._group is not None:
            with suppress(OSError):
                self._group.rmdir()

    @contextmanager
    def limiting(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        """Limit a process, which leads a session of its own, and what it will start."""
        if self._group is not None:
            (self._group / "cgroup.procs").write_text(str(process.pid))
            yield
            return
        done = threading.Event()
        stopping = threading.Thread(target=self._stop_in_turns, args=(process.pid, done))
        stopping.start()
        try:
            yield
        finally:
            done.set()
            stopping.join()

    def _stop_in_turns(self, session: int, done: threading.Event) -> None:
        with suppress(ProcessLookupError):
            while not done.is_set():
                time.sleep(_PERIOD_SECONDS * self._share)
                os.killpg(session, signal.SIGSTOP)
                time.sleep(_PERIOD_SECONDS * (1 - self._share))
                os.killpg(session, signal.SIGCONT)
