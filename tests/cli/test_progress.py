"""Progress where there is no terminal to draw on."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from app.cli.progress import Progress
from app.generation.jobs import Event

_START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def event(seq: int, step: str, kind: str, n: int = 0, *, at: float, note: str = "") -> Event:
    data = {"note": note} if note else {}
    return Event(seq=seq, step=step, kind=kind, n=n, data=data, at=_START + timedelta(seconds=at))


def shown(capsys, *events: Event) -> list[str]:
    with Progress(quiet=False) as progress:
        for each in events:
            progress.show(each, SimpleNamespace())
    return capsys.readouterr().err.splitlines()


def test_a_model_that_takes_minutes_says_how_far_it_is(capsys) -> None:
    lines = shown(
        capsys,
        event(1, "draft", "started", 0, at=0),
        event(2, "draft", "finished", 0, at=30, note="part 1 of 3"),
        event(3, "draft", "finished", 2, at=31, note="part 3 of 3"),
        event(4, "draft", "finished", 1, at=70, note="part 2 of 3"),
        event(5, "verify", "started", at=70),
    )

    assert lines == [
        "  draft     30.0 s  1 of 3 so far",
        "  draft     70.0 s  3 of 3 so far",
        "draft       70.0 s  3 of 3",
    ]


def test_parts_of_one_second_are_told_as_one_line(capsys) -> None:
    lines = shown(
        capsys,
        event(1, "draft", "started", 0, at=0),
        event(2, "draft", "finished", 0, at=0.2, note="part 1 of 2"),
        event(3, "draft", "finished", 1, at=0.4, note="part 2 of 2"),
        event(4, "verify", "started", at=0.5),
    )

    assert lines == ["draft        0.5 s  2 of 2"]


def test_a_job_that_waits_for_its_model_says_so_and_until_when(capsys) -> None:
    waiting = event(2, "outline", "waiting", 1, at=1, note="waiting for openai:m, next try at 9:01")
    waiting.data["message"] = "openai:m failed on its side."

    lines = shown(capsys, event(1, "outline", "started", at=0), waiting)

    assert lines == ["  waiting for openai:m, next try at 9:01: openai:m failed on its side."]


def test_the_judge_s_questions_are_one_line_that_says_what_they_came_to(capsys) -> None:
    lines = shown(
        capsys,
        event(1, "judge", "started", 1, at=0),
        event(2, "judge", "started", 2, at=0),
        event(3, "judge", "finished", 2, at=3, note="10 sentences asked about, objections to 0"),
        event(4, "judge", "finished", 1, at=4, note="10 sentences asked about, objections to 1"),
        event(5, "judge", "started", at=4),
        event(6, "judge", "finished", at=5, note="20 sentences judged, 1 lowered, 1 removed"),
        event(7, "optimise", "started", at=5),
    )

    assert lines == ["judge        5.0 s  20 sentences judged, 1 lowered, 1 removed"]
