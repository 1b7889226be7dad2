"""What a cluster's collector does with what is printed: nothing is lost, little is kept, and nothing depends on it."""

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cluster import Fleet
from app.cluster.rsyslog import Collector
from tests import debian
from tests.cluster.test_keeping import LINES, Talker
from tests.whole_lines import whole_lines

pytestmark = pytest.mark.processes


@pytest.fixture
def collector(tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[Collector]:
    program = Path(debian.program(pytestconfig, "rsyslogd", *debian.RSYSLOG)).resolve()
    made = Collector(
        tmp_path,
        ["instance*"],
        folder=tmp_path / "collected",
        home=tmp_path / "rsyslog",
        program=program,
    )
    with made:
        yield made


def collected(collector: Collector) -> list[int]:
    """The numbers of all lines that have come, sorted."""
    lines = [line for file in collector.folder.rglob("*.jsonl") for line in whole_lines(file)]
    assert all(json.loads(line)["글"] == "한국어" for line in lines)
    return sorted(json.loads(line)["n"] for line in lines)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)


class Often(Talker):
    """Its log is put aside some four times, seconds apart: each file lives long enough to be seen on a busy machine.

    Ten times a second was too often for that: a file that is renamed away twice between two looks is not read.
    """

    log_bytes = 64_000
    at_once = 1_000
    rest_s = 1.5


def test_no_line_is_lost_when_logs_are_put_aside(collector: Collector, tmp_path: Path) -> None:
    with Often(home=tmp_path / "instance1"):
        until(lambda: len(collected(collector)) >= LINES)

        assert collected(collector) == list(range(LINES))


class Whole(Talker):
    """Its log is never put aside."""

    log_bytes = 2**30


def test_what_was_printed_while_it_was_away_comes_later(
    collector: Collector, tmp_path: Path
) -> None:
    collector.stop()
    with Whole(home=tmp_path / "instance1") as talker:
        until(lambda: f'"n": {LINES - 1},' in talker.log_end())
    collector.start()
    until(lambda: len(collected(collector)) >= LINES)

    assert collected(collector) == list(range(LINES))


def test_long_files_are_put_aside_and_the_oldest_dropped(
    collector: Collector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = collector.folder / "instance1"
    old = folder / "2026-01-02.jsonl"
    folder.mkdir(parents=True)
    old.write_bytes(bytes(300_000))
    os.utime(old, (0, 0))
    monkeypatch.setattr(Collector, "file_bytes", 100_000)
    monkeypatch.setattr(Collector, "kept_bytes", 500_000)

    with Whole(home=tmp_path / "instance1") as talker:
        until(lambda: sum(f.stat().st_size for f in folder.glob("*.jsonl") if f != old) > 250_000)
        collector.shorten()
        kept = [file.name for file in folder.iterdir()]
        talker.restart()
        until(lambda: len(collected(collector)) >= 2 * LINES)

    assert [name.count(".") for name in kept] == [2], (
        "the long one under another name, the old one gone"
    )
    assert collected(collector) == sorted([*range(LINES)] * 2)


def test_a_fleet_serves_without_one_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str]
) -> None:
    broken = tmp_path / "bin" / "rsyslogd"
    broken.parent.mkdir()
    broken.write_text("#!/bin/sh\necho it is broken\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken.parent}:{os.environ['PATH']}")

    with Fleet(
        1,
        balancer=None,
        database_url=new_database("sqlite"),
        redis_url="",
        blob_url="",
        home=tmp_path / "home",
        collects=True,
    ) as fleet:
        assert fleet.collector is None
        assert "it is broken" in fleet.uncollected
        assert fleet.instances[0].answers()
    shutil.rmtree(tmp_path / "home")
