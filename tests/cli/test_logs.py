"""`ai-seo-blogger logs find`, as it is typed: files, folders, what other programs print, and what is not there."""

import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command

ID = "4f2a7c00-one.request"


def line(at: str, **fields: object) -> str:
    return json.dumps({"time": f"2026-11-28T10:00:{at}Z", **fields}, ensure_ascii=False) + "\n"


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """One request over three hosts, among others' lines; one file is older and compressed."""
    folder = tmp_path / "collected"
    for host, source, day, text in (
        ("edge", "nginx", "2026-11-28", line("04", event="balanced", request_id=ID, status=202)),
        ("a", "instance1", "2026-11-28", line("03", event="request", request_id=ID) * 2),
        ("b", "instance2", "2026-11-28", line("09", event="step_finished", request_id=ID, 글="끝")),
        ("b", "instance2", "2026-11-27", line("01", event="early", request_id=ID)),
    ):
        file = folder / host / source / f"{day}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        text += line("05", event="request", request_id=f"{ID}2") + "not JSON\n"
        if day.endswith("27"):
            file.with_suffix(".jsonl.gz").write_bytes(gzip.compress(text.encode()))
        else:
            file.write_text(text, encoding="utf-8")
    return folder


def test_every_line_of_a_request_comes_in_order_of_time(command: Command, collected: Path) -> None:
    told = command("logs", "find", ID, "--in", str(collected))

    assert told.returncode == 0, told.stderr
    found = [row.split(" ", 1) for row in told.stdout.splitlines()]
    assert [(source, json.loads(text)["event"]) for source, text in found] == [
        ("b/instance2", "early"),
        ("a/instance1", "request"),
        ("edge/nginx", "balanced"),
        ("b/instance2", "step_finished"),
    ]
    assert "끝" in told.stdout
    assert told.stderr == "4 lines of 3 sources, out of 13.\n"


def test_lines_are_read_from_standard_input_and_files_at_once(
    command: Command, collected: Path
) -> None:
    piped = f"app1-1  | {line('06', event='piped', request_id=ID, instance='x-1')}"
    piped += line("07", event="bare", request_id=ID, instance="y-2")
    edge = collected / "edge/nginx/2026-11-28.jsonl"

    told = command("logs", "find", ID, "--in", "-", "--in", str(edge), "--json", stdin=piped)

    found = json.loads(told.stdout)
    assert [(each["source"], json.loads(each["line"])["event"]) for each in found["lines"]] == [
        ("nginx", "balanced"),
        ("app1-1", "piped"),
        ("y-2", "bare"),
    ]
    assert found["searched"] == {"files": 1, "lines": 5}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nobody-has-this-name", "--in", "{}"), 4, "None of 13 lines in 4 files names"),
        (("short", "--in", "{}"), 2, "X-Request-ID"),
        ((ID, "--in", "{}/nowhere"), 4, "There is no "),
        ((ID,), 4, "--in FOLDER"),
    ],
)
def test_what_cannot_be_found_is_told_with_what_to_type(
    command: Command, collected: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    given = [each.format(collected) for each in arguments]

    told = command("logs", "find", *given)

    assert (told.returncode, told.stdout) == (code, "")
    assert told.stderr.startswith("error: ")
    assert said in told.stderr


def test_a_folder_without_logs_says_what_is_looked_for(command: Command, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    told = command("logs", "find", ID, "--in", str(tmp_path / "empty"))

    assert told.returncode == 4
    assert "*.jsonl" in told.stderr


def test_it_is_told_in_korean(command: Command, tmp_path: Path) -> None:
    told = command("logs", "find", ID, "--in", str(tmp_path / "nowhere"), LC_ALL="ko_KR.UTF-8")

    assert "없습니다" in told.stderr
