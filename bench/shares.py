"""Holds processes to a share of a core by the kernel's own quota (cgroup v1 or v2); needs root."""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_US = 100_000
"""The kernel's usual period. With 20 ms an instance ran 1.6 ms at a time, and one page cost it 55 to 114 µs."""
_GONE_S = 5.0


class NotEnforced(Exception):
    """This machine does not let us hold anybody to a share. Says why."""


class Shares:
    """Groups of one process each, all with the same share."""

    def __init__(self, share: float) -> None:
        self.share = share
        self._groups: dict[int, Path] = {}
        v1 = _ROOT / "cpu"
        self._v1 = (v1 / "cpu.cfs_quota_us").exists()
        self._parent = v1 if self._v1 else _ROOT

    def hold(self, pid: int) -> None:
        """Hold a process and all its threads to the share from now on.

        Raises:
            NotEnforced: the kernel does not take it.
        """
        group = self._parent / f"blogger-bench-{os.getpid()}-{pid}"
        try:
            if not self._v1:
                with contextlib.suppress(OSError):
                    (_ROOT / "cgroup.subtree_control").write_text("+cpu")
            group.mkdir()
            self._groups[pid] = group
            if self._v1:
                (group / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
            self._limit(group)
            (group / "cgroup.procs").write_text(str(pid))
        except OSError as error:
            raise NotEnforced(f"not measured: no share can be enforced here ({error})") from error

    def change(self, share: float) -> None:
        """Hold all to another share from now on."""
        self.share = share
        for group in self._groups.values():
            with contextlib.suppress(FileNotFoundError):  # its process has ended
                self._limit(group)

    def _limit(self, group: Path) -> None:
        quota = round(self.share * _PERIOD_US)
        if self._v1:
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {_PERIOD_US}")

    def throttled(self) -> dict[int, tuple[int, int]]:
        """Of each process: periods in which it wanted more than its share, and periods in all."""
        found: dict[int, tuple[int, int]] = {}
        for pid, group in self._groups.items():
            with contextlib.suppress(OSError):
                lines = (group / "cpu.stat").read_text().splitlines()
                stat = dict(line.split() for line in lines)
                found[pid] = (int(stat["nr_throttled"]), int(stat["nr_periods"]))
        return found

    def close(self) -> None:
        """Remove the groups; their processes must have ended."""
        until = time.monotonic() + _GONE_S
        for group in self._groups.values():
            while group.exists() and time.monotonic() < until:
                with contextlib.suppress(OSError):
                    group.rmdir()
                    break
                time.sleep(0.05)


_BALLAST = """
import json
texts = [json.dumps({str(k): "x" * (k % 97) for k in range(n % 700)}) for n in range(400)]
while True:
    for text in texts:
        json.loads(text)
"""
"""A few MB of what a web application does: text into objects, and away with them."""


@contextmanager
def ballast() -> Generator[None]:
    """Fill what is left of every core while the block runs, with work that gives way to all other (SCHED_IDLE).

    So a core is as fast for one instance as for eight. One that sleeps between two slices is put aside by the
    host of a virtual machine and comes back cold; one whose sibling or caches nobody else uses is faster
    than among others. Pages of one instance a second, on the same share: 857 with sleeping cores, 1,950 to
    2,150 beside a loop that touches no memory; and those of five 6,100 to 7,300, whichever.
    """
    cores = sorted(os.sched_getaffinity(0))
    spin = [sys.executable, "-c", _BALLAST]
    processes = [subprocess.Popen(spin) for _ in cores]  # noqa: S603  # the lines above
    try:
        for core, process in zip(cores, processes, strict=True):
            os.sched_setscheduler(process.pid, os.SCHED_IDLE, os.sched_param(0))
            os.sched_setaffinity(process.pid, {core})
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


@contextmanager
def shares(share: float) -> Generator[Shares]:
    """The groups of a measurement. Enter it before what is measured, so that it is left after that."""
    found = Shares(share)
    try:
        yield found
    finally:
        found.close()
