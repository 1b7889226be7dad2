"""Holds processes to a share of a core by the kernel's own quota (cgroup v1 or v2); needs root."""

import contextlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
_PERIOD_US = 20_000
"""A short period: one that has used its share waits 20 ms at most, not the usual 100."""
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
        quota = round(self.share * _PERIOD_US)
        try:
            if not self._v1:
                with contextlib.suppress(OSError):
                    (_ROOT / "cgroup.subtree_control").write_text("+cpu")
            group.mkdir()
            self._groups[pid] = group
            if self._v1:
                (group / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
                (group / "cpu.cfs_quota_us").write_text(str(quota))
            else:
                (group / "cpu.max").write_text(f"{quota} {_PERIOD_US}")
            (group / "cgroup.procs").write_text(str(pid))
        except OSError as error:
            raise NotEnforced(f"not measured: no share can be enforced here ({error})") from error

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


@contextmanager
def shares(share: float) -> Iterator[Shares]:
    """The groups of a measurement. Enter it before what is measured, so that it is left after that."""
    found = Shares(share)
    try:
        yield found
    finally:
        found.close()
