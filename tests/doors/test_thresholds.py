"""A site's thresholds over HTTP and the command line: who may set them, and that every analysis goes by them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doors.conftest import Server, serving

TEXT = {"text": "# A\n\n" + "One two three four five six seven eight nine ten. " * 4}


def long_limit(server: Server) -> str:
    with server.operator() as client:
        found = client.post("/api/v1/seo-analysis", json=TEXT).json()
    return next(f["message"] for f in found["findings"] if f["id"] == "sentence.length")


def test_only_the_owner_sets_them_and_who_is_signed_in_reads_them(one_server: Server) -> None:
    asked = {"changes": {"en": {"sentence_words": 8}}}
    for role, may in (("viewer", 403), ("writer", 403), ("editor", 403)):
        with one_server.signed_in(role) as browser:
            assert browser.get("/api/v1/thresholds").status_code == 200
            assert browser.patch("/api/v1/thresholds", json=asked).status_code == may
            assert browser.post("/api/v1/thresholds/restore", json={}).status_code == may
    with one_server.anybody() as client:
        assert client.get("/api/v1/thresholds").status_code == 401
    with one_server.signed_in("owner") as browser:
        elsewhere = browser.patch(
            "/api/v1/thresholds", json=asked, headers={"sec-fetch-site": "cross-site"}
        )
    assert elsewhere.status_code == 403


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_one_instance_sets_the_other_measures_by_at_once(
    kind: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database(kind)
    folders = tmp_path / "one", tmp_path / "other"
    for folder in folders:
        folder.mkdir()
    with serving(folders[0], url) as one, serving(folders[1], url, ROLE="web") as other:
        other.kept = one.kept
        assert "20 words" in long_limit(one)
        assert "20 words" in long_limit(other)
        with one.signed_in("owner") as browser:
            answer = browser.patch(
                "/api/v1/thresholds", json={"changes": {"en": {"sentence_words": 7}}}
            )
            assert answer.status_code == 200, answer.text
        assert "more than 7 words" in long_limit(other)
        with one.signed_in("owner") as browser:
            browser.post("/api/v1/thresholds/restore", json={})
        assert "20 words" in long_limit(other)


def test_the_command_line_sets_lists_and_undoes(one_server: Server) -> None:
    done = one_server.command("thresholds", "set", "ko", "sentence_words", "11", "--note", "짧게")
    assert done.returncode == 0, done.stderr
    listed = json.loads(one_server.command("thresholds", "list", "ko", "--json").stdout)
    row = next(r for r in listed["languages"]["ko"] if r["name"] == "sentence_words")
    assert (row["value"], row["ours"], row["origin"]) == (11, 15, "site")
    assert "짧게" in one_server.command("thresholds", "history").stdout
    wrong = one_server.command("thresholds", "set", "ko", "sentence_wrds", "11")
    assert (wrong.returncode, "did you mean sentence_words" in wrong.stderr) == (2, True)
    assert one_server.command("thresholds", "undo").returncode == 0
    listed = json.loads(one_server.command("thresholds", "list", "--json").stdout)
    row = next(r for r in listed["languages"]["ko"] if r["name"] == "sentence_words")
    assert row["origin"] == "ours"
