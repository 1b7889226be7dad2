"""A line is read alike, whoever printed it and whatever it was wrapped in on its way."""

import json

import pytest

from app.ops.collecting.lines import entries, moment_of, names, read_line

EVENT = {
    "time": "2026-11-28T10:00:00.123456Z",
    "event": "request",
    "request_id": "abcd-1234",
    "글": "한국어",
}
JSON = json.dumps(EVENT, ensure_ascii=False)


@pytest.mark.parametrize(
    ("printed", "source"),
    [
        (JSON, "file"),
        (f"app1-1  | {JSON}", "app1-1"),
        (f"\x1b[36mapp2-1   | \x1b[0m{JSON}", "app2-1"),
        (f"nginx-1  | 2026-11-28T10:00:00.200Z {JSON}", "nginx-1"),
        (f"[pod/blog-7d9f-abcde/ai-seo-blogger] {JSON}", "blog-7d9f-abcde"),
        (f"2026-11-28T10:00:00.200000000Z stdout F {JSON}", "file"),
        (f"<134>1 2026-11-28T10:00:00Z host instance1 - - - {JSON}", "file"),
        (
            json.dumps({"log": JSON + "\n", "stream": "stdout", "time": "2026-11-28T11:00:00Z"}),
            "file",
        ),
        (json.dumps({"message": JSON, "timestamp": "2026-11-28T11:00:00Z", "host": "a"}), "file"),
        (json.dumps({"date": 1764327600.5, "log": JSON}), "file"),
        (json.dumps({"time": "2026-11-28T11:00:00Z", "line": JSON}), "file"),
    ],
)
def test_an_event_is_found_in_what_was_put_around_it(printed: str, source: str) -> None:
    entry, event = read_line(printed + "\n", "file")

    assert event == EVENT
    assert (entry.line, entry.source, entry.at) == (JSON, source, EVENT["time"])
    assert names(entry, event, "abcd-1234")


def test_what_was_no_event_is_shown_as_it_was_printed() -> None:
    wrapped = json.dumps({"time": "2026-11-28T10:00:00+00:00", "line": "  FATAL: 안녕 abcd-1234."})

    entry, event = read_line(wrapped, "postgres")

    assert (entry.line, entry.at) == ("  FATAL: 안녕 abcd-1234.", "2026-11-28T10:00:00.000000Z")
    assert names(entry, event, "abcd-1234")
    assert not names(entry, event, "abcd-123")


@pytest.mark.parametrize(
    ("event", "named"),
    [
        ({"request_id": "abcd-12345"}, False),
        ({"path": "/x?abcd-1234"}, False),
        ({"job_id": "abcd-1234"}, True),
        ({"request": {"headers": {"X-Request-Id": ["abcd-1234"]}}}, True),
    ],
)
def test_a_line_names_a_request_by_a_whole_value(event: dict[str, object], named: bool) -> None:
    assert names(*read_line(json.dumps(event), ""), "abcd-1234") is named


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-11-28T19:00:00.5+09:00", "2026-11-28T10:00:00.500000Z"),
        ("2026-11-28T10:00:00.123456789Z", "2026-11-28T10:00:00.123456Z"),
        (1795860000.25, "2026-11-28T10:00:00.250000Z"),
        ("yesterday", ""),
        (1e30, ""),
        (None, ""),
    ],
)
def test_a_moment_is_told_in_utc(value: object, moment: str) -> None:
    assert moment_of({"time": value}) == moment


def test_lines_of_one_file_keep_their_order_and_a_traceback_its_place() -> None:
    printed = [
        '{"time": "2026-11-28T10:00:02Z", "n": 1}',
        "Traceback (most recent call last):",
        '{"time": "2026-11-28T10:00:01Z", "n": 2}',
    ]

    found = list(entries(printed, "a"))

    assert [entry.line for entry in found] == printed
    assert len({entry.at for entry in found}) == 1
