"""Tables and queues from the command line, run in this process."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli import main

TABLE = "키워드,출처,우선순위\n하나,https://a.example,높음\n둘,nowhere,\n하나,https://b.example,\n"

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """Runs a command; answers its exit code, and what it wrote on output and beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    # The tests' own logging stays as it is.
    monkeypatch.setattr("app.infra.logs.configure_logging", lambda **_: None)
    (tmp_path / "t.csv").write_bytes(TABLE.encode("cp949"))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["ai-seo-blogger", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_a_table_is_looked_over_accepted_once_paused_stopped_and_exported(say: Say) -> None:
    wrong, seen, _ = say("bulk", "preview", "t.csv")
    refused, _, why = say("bulk", "run", "t.csv", "--no-wait")
    code, told, _ = say("bulk", "run", "t.csv", "--no-wait", "--skip-wrong", "--json")
    batch = json.loads(told)
    _, _, again = say("bulk", "run", "t.csv", "--no-wait", "--skip-wrong")
    _, listed, _ = say("bulk", "status")
    _, paused, _ = say("bulk", "pause", batch["id"][:30])
    _, stopped, _ = say("bulk", "cancel", batch["id"])
    _, shown, _ = say("bulk", "status", batch["id"])
    late, _, conflict = say("bulk", "resume", batch["id"])
    say("bulk", "export", batch["id"], "-o", "results.csv")
    unknown, _, _ = say("bulk", "status", "nothing")

    assert wrong == 2
    assert "write     하나 · ko · 1 sources · high · draft" in seen
    assert "wrong     둘 · 출처: “nowhere” is no address" in seen
    assert "the same as row 2 of this file" in seen
    assert "3 rows: 1 ready, 1 repeated, 1 wrong · cost $0.00 to $0.00 · read as cp949" in seen
    assert refused == 2
    assert "Rows that cannot be used: 1" in why
    assert (code, batch["counts"]) == (0, {"accepted": 1, "skipped": 2})
    assert "accepted before" in again
    assert batch["id"] in listed
    assert "paused" in paused
    assert "3 skipped" in stopped
    assert re.search(r"^ +3 +skipped +둘 +출처: ", shown, re.MULTILINE)
    assert late == 4
    assert "cancelled" in conflict
    assert len(Path("results.csv").read_text(encoding="utf-8-sig").splitlines()) == 4
    assert unknown == 4


def test_queues_are_counted_paused_and_resumed(say: Say) -> None:
    say("jobs", "pause-queue")
    _, paused, _ = say("jobs", "queues")
    say("jobs", "resume-queue", "posts")
    _, after, _ = say("jobs", "queues", "--json")
    wrong, _, _ = say("jobs", "pause-queue", "sandwiches")

    assert "posts: 0 waiting, 0 begun · paused" in paused
    assert [queue["paused"] for queue in json.loads(after)] == [False, False]
    assert wrong == 2


def test_jobs_are_listed_by_condition_shown_and_moved(say: Say) -> None:
    say("bulk", "run", "t.csv", "--no-wait", "--skip-wrong")
    _, none, _ = say("jobs", "list", "--state", "failed", "--json")
    unknown, _, why = say("jobs", "list", "--person", "nobody@example.org")
    missing, _, _ = say("jobs", "retry", "nothing")

    assert json.loads(none) == []
    assert unknown == 4
    assert "nobody@example.org" in why
    assert missing == 4
