"""What a program prints is kept whole: put aside when it is long, followed across that, and no reason to stop."""

import itertools
import json
import resource
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cluster import Server
from app.cluster.journal import follow, read

LINES = 4_000
SAYS = """
import os, sys, time
for number in range({lines}):
    print('{{"time": "2026-11-28T10:%02d:%02d.%06dZ", "n": %d, "글": "한국어"}}' % (
        number // 60000, number // 1000 % 60, number % 1000 * 1000, number), flush=number % 7 == 0)
    if number % {at_once} == 0:
        sys.stdout.flush()
        time.sleep({rest_s})
    while number == 0 and not os.path.exists({awaited!r}):
        time.sleep(0.01)
sys.stdout.flush()
{then}
"""


class Talker(Server):
    """Prints lines with their number, then rests or ends."""

    name = "instance1"
    log_bytes = 160_000
    then = "time.sleep(600)"
    at_once = LINES
    """Lines between two rests."""
    rest_s = 0.1
    awaited = "."
    """A file that has to be there before it goes on after its first line."""

    def command(self) -> list[str]:
        return [
            sys.executable,
            "-I",
            "-c",
            SAYS.format(
                lines=LINES,
                then=self.then,
                at_once=self.at_once,
                rest_s=self.rest_s,
                awaited=self.awaited,
            ),
        ]

    def answers(self) -> bool:
        return self.log.exists()


def numbers(home: Path) -> list[int]:
    return [json.loads(entry.line)["n"] for entry in read(home)]


def until(home: Path, last: int) -> list[int]:
    deadline = time.monotonic() + 60
    while (found := numbers(home))[-1:] != [last] and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def test_a_long_log_is_put_aside_between_two_lines(tmp_path: Path) -> None:
    with Talker(home=tmp_path / "instance1") as talker:
        found = until(tmp_path, LINES - 1)

        aside = talker.log.with_name("log.1")
        assert found == list(range(LINES))
        assert aside.read_bytes().endswith(b"}\n")
        assert talker.log_bytes <= aside.stat().st_size < talker.log_bytes + 2**17
        assert talker.log.stat().st_mode & 0o077 == 0


def test_what_a_program_says_last_is_kept(tmp_path: Path) -> None:
    talker = Talker(home=tmp_path / "instance1")
    talker.then = "print('{\"n\": -1}', end=''); sys.exit(7)"
    talker.start(wait=False)

    deadline = time.monotonic() + 60
    while talker.running and time.monotonic() < deadline:
        time.sleep(0.02)

    assert numbers(tmp_path) == [*range(LINES), -1]
    talker.close()


@pytest.fixture
def followed(tmp_path: Path) -> Iterator[list[int]]:
    (tmp_path / "instance1").mkdir()
    heard: list[int] = []

    def hear() -> None:
        for entry in itertools.islice(follow(tmp_path), LINES):
            heard.append(json.loads(entry.line)["n"])

    hearing = threading.Thread(target=hear, daemon=True)
    hearing.start()
    yield heard
    hearing.join(5)
    assert heard == list(range(LINES))


def test_following_goes_on_in_a_new_file(tmp_path: Path, followed: list[int]) -> None:
    talker = Talker(home=tmp_path / "instance1")
    talker.awaited = "go"
    with talker:
        deadline = time.monotonic() + 60
        while len(followed) < LINES and time.monotonic() < deadline:
            if followed == [0]:
                (talker.home / "go").touch()
            time.sleep(0.05)


@pytest.mark.skipif(
    not hasattr(resource, "prlimit"), reason="another process's limits are set on Linux alone"
)
def test_a_full_disk_costs_lines_and_not_the_program(tmp_path: Path) -> None:
    talker = Talker(home=tmp_path / "instance1")
    talker.then = "while True: print('{\"n\": -1}', flush=True); time.sleep(0.01)"
    talker.log_bytes = 2**30
    with talker:
        until(tmp_path, -1)
        assert talker._keeper is not None
        keeper = talker._keeper.pid
        before = resource.prlimit(keeper, resource.RLIMIT_FSIZE)

        resource.prlimit(keeper, resource.RLIMIT_FSIZE, (talker.log.stat().st_size, before[1]))
        full = talker.log.stat().st_size
        time.sleep(0.5)
        still = talker.log.stat().st_size
        resource.prlimit(keeper, resource.RLIMIT_FSIZE, before)
        told: list[str] = []
        deadline = time.monotonic() + 60
        while not told and time.monotonic() < deadline:
            told = [entry.line for entry in read(tmp_path) if "output_lost" in entry.line]

        assert talker.running
        assert still <= full
        assert json.loads(told[0])["bytes"] >= len('{"n": -1}\n')
