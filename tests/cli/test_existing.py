"""What `write` and `bulk` say of articles that are there already, to people and to programs."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.doors.conftest import ROOT, environment_of

ENGLISH = str(ROOT / "examples/en/horizontal-scaling.md")
WRITE = ("write", "--keyword", "horizontal scaling", "--source", ENGLISH)

pty = pytest.importorskip("pty", reason="there are no terminals of this kind on Windows")


def at_a_terminal(folder: Path, answer: str, *more: str) -> tuple[int, str]:
    """Run `write` with a terminal for all that it reads and says; its code and what stood there."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *WRITE, *more],
        cwd=folder,
        env={**environment_of("", folder / "data"), "PYTHONPATH": str(ROOT), "LANG": "C"},
        stdin=its,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    said = b""
    answered = False
    end = time.monotonic() + 100
    while time.monotonic() < end:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # Linux says so when nobody holds the other end any more
            break
        if not piece:
            break
        said += piece
        if b"all the same?" in said and not answered:
            answered = True
            os.write(ours, f"{answer}\n".encode())
    code = process.wait(20)
    os.close(ours)
    return code, said.decode("utf-8", "replace")


def test_the_second_article_is_announced_and_never_asked_about_in_a_pipe(command: Command) -> None:
    first = json.loads(command(*WRITE, "--json").stdout)
    for_people = command(*WRITE, LANG="ko_KR.UTF-8")
    for_programs = command("write", "-k", "horizontal scaling today", "-s", ENGLISH, "--json")

    assert first["existing"] == []
    assert for_people.returncode == 0, for_people.stderr
    lines = for_people.stderr.splitlines()
    assert lines[0].startswith("키프레이즈가 같은 글이 이미 있습니다: “")
    assert f"/en/{first['slug']}, 초안" in lines[0]
    assert lines[1] == "그래도 새 글을 씁니다."
    told = json.loads(for_programs.stdout)
    assert [each["why"] for each in told["existing"]] == ["near", "near"]
    assert first["post_id"] in {each["post_id"] for each in told["existing"]}
    assert for_programs.stdout.count("\n") == 1
    assert "There is an article" not in for_programs.stderr


def test_the_same_key_answers_the_same_job_and_names_no_article_of_its_own(
    command: Command,
) -> None:
    one = command(*WRITE, "--json", "--idempotency-key", "a")
    other = command(*WRITE, "--json", "--idempotency-key", "a")

    assert json.loads(one.stdout) == json.loads(other.stdout)


@pytest.mark.slow  # four processes at terminals, one after another
def test_at_a_terminal_it_asks_and_goes_by_the_answer(command: Command, tmp_path: Path) -> None:
    command(*WRITE, "--json")

    refused, said = at_a_terminal(tmp_path, "n")
    by_default, _said = at_a_terminal(tmp_path, "")
    after_no = len(json.loads(command("jobs", "list", "--json").stdout))
    meant, _said = at_a_terminal(tmp_path, "y")
    unasked, told = at_a_terminal(tmp_path, "n", "--new")

    assert "Write another all the same? [y/N]" in said
    assert "ai-seo-blogger posts edit " in said
    assert (refused, by_default, after_no) == (4, 4, 1)
    assert (meant, unasked) == (0, 0)
    assert "There is an article with this keyphrase" in told
    assert "all the same?" not in told
    assert len(json.loads(command("jobs", "list", "--json").stdout)) == 3


def test_a_table_says_which_rows_are_there_already(command: Command, tmp_path: Path) -> None:
    first = json.loads(command(*WRITE, "--json").stdout)
    (tmp_path / "a.csv").write_text(
        "keyword,sources\nhorizontally scaled,https://a.example/\ntea,https://a.example/\n"
        "teas,https://a.example/\nhorizontal scaling,https://a.example/\n"
    )

    shown = command("bulk", "preview", "a.csv")
    begun = command("bulk", "run", "a.csv", "--no-wait", "--json")

    (row,) = [line for line in shown.stdout.splitlines() if "horizontal scaling ·" in line]
    assert f"there is already “{first['title']}” (/en/{first['slug']}, draft)" in row
    assert "teas · en · 1 sources · normal · draft · like row 3 of this file" in shown.stdout
    (told,) = [
        each
        for each in json.loads(begun.stdout)["existing"]
        if each["keyword"] == "horizontal scaling"
    ]
    assert told["articles"][0]["post_id"] == first["post_id"]
    assert "there is already" in begun.stderr
