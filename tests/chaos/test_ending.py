"""Whoever ends the harness, everything that it started ends."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.chaos, pytest.mark.processes]  # a whole fleet comes up first

ROOT = Path(__file__).resolve().parents[2]


def children_of(pid: int) -> list[int]:
    """All that descend from a process, which must still be there."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = [pid]
    for member in family:
        family += [child for child, parent in parents.items() if parent == member]
    return family[1:]


def serves(pid: int) -> bool:
    try:
        return b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_nothing_is_left_when_the_harness_is_ended(number: signal.Signals) -> None:
    harness = subprocess.Popen(
        [sys.executable, "-m", "chaos", "--scenario", "kill", "--short"],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    family: list[int] = []
    for _ in range(1200):
        family = children_of(harness.pid)
        if sum(map(serves, family)) >= 3:
            break
        time.sleep(0.05)
    assert len(family) > 6

    harness.send_signal(number)
    harness.wait(90)

    # One whose database goes first may drain for its whole grace (`Instance.grace_s`) before it is killed.
    for _ in range(1800):
        left = [pid for pid in family if not is_gone(pid)]
        if not left:
            break
        time.sleep(0.1)
    assert left == []
