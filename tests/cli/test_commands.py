"""What a person at a terminal, or a script, gets from each command."""

import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.clients import get
from tests.doors.conftest import ROOT, environment_of

ENGLISH = str(ROOT / "examples/en/horizontal-scaling.md")
KOREAN = str(ROOT / "examples/ko/horizontal-scaling.md")
WRITE = ("write", "--keyword", "horizontal scaling", "--source", ENGLISH)

KEYS = """job_id post_id slug url title meta_description language words characters score
    claims_total claims_supported sources model llm_calls tokens cost_usd seconds""".split()


def test_write_json_is_one_object_and_nothing_else(command_from_nothing: Command) -> None:
    told = command_from_nothing(*WRITE, "--json")

    result = json.loads(told.stdout)
    assert told.returncode == 0, told.stderr
    assert set(KEYS) <= set(result)
    assert result["claims_supported"] == result["claims_total"] > 10
    assert (result["language"], result["model"], result["state"]) == ("en", "composer", "draft")
    assert (result["llm_calls"], result["tokens"], result["cost_usd"]) == (0, 0, 0.0)
    assert told.stdout.count("\n") == 1


def test_write_shows_each_step_and_where_the_article_is(command: Command) -> None:
    told = command(*WRITE, "--publish")

    for step in (
        "brief",
        "sources",
        "outline",
        "draft",
        "verify",
        "optimise",
        "repair",
        "score",
        "save",
    ):
        assert re.search(rf"^{step} ", told.stdout + told.stderr, re.MULTILINE), step
    assert "http://127.0.0.1:8000/en/" in told.stdout
    assert "claims supported" in told.stdout


def test_a_korean_keyword_makes_a_korean_article_at_a_korean_address(command: Command) -> None:
    told = command("write", "-k", "수평 확장", "-s", KOREAN, "--publish", "--json")

    result = json.loads(told.stdout)
    assert result["language"] == "ko"
    assert result["slug"].startswith("수평-확장")
    assert result["url"].isascii()
    assert result["claims_supported"] == result["claims_total"]


def test_a_job_that_fails_is_told_as_one_object_too(command: Command) -> None:
    told = command("write", "-k", "x", "--note", "Too little.", "--json")

    result = json.loads(told.stdout)
    assert told.returncode == 1
    assert (result["state"], result["error_code"]) == ("failed", "not_enough_facts")
    assert result["error"] in told.stderr
    assert json.loads(command("jobs", "list", "--json").stdout)[0]["id"] == result["job_id"]


def test_a_note_is_read_from_input(command: Command) -> None:
    told = command(
        *("write", "-k", "horizontal scaling", "--note", "-", "--json"),
        stdin=Path(ENGLISH).read_text(),
    )

    assert json.loads(told.stdout)["claims_total"] > 10


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("write", "-k", "x"), 2, "--source"),
        (("write", "-k", "x", "-s", "missing.md"), 2, "missing.md"),
        (("write", "-k", "x", "-s", "."), 2, "."),
        (("write", "-k", "  ", "-s", ENGLISH), 2, "keyword"),
        (("write", "-k", "x", "-s", "ftp://a.example"), 2, "ftp://"),
        (("write", "-k", "x", "-s", ENGLISH, "-m", "gpt-99"), 2, "gpt-99"),
        (("write", "-k", "x", "--note", "Too little."), 1, "facts"),
        (("write", "-k", "x", "-s", "http://127.0.0.1:9/"), 1, "FETCH_ALLOW"),
        (("write", "-k", "x", "-s", ENGLISH, "-m", "compatible:a"), 2, "LLM_BASE_URL"),
        (("posts", "show", "nothing"), 4, "posts list"),
        (("posts", "publish", "nothing"), 4, "posts list"),
        (("jobs", "watch", "nothing"), 4, "nothing"),
        (("jobs", "resume", "nothing"), 4, "nothing"),
        (("model", "pull", "nothing"), 2, "nothing"),
        (("nonsense",), 2, "nonsense"),
    ],
)
def test_a_mistake_is_one_clear_sentence_and_an_exit_code(
    command: Command, arguments: tuple[str, ...], code: int, said: str
) -> None:
    told = command(*arguments)

    assert told.returncode == code, told.stderr
    assert said in told.stderr
    assert "Traceback" not in told.stderr
    assert told.stdout.strip() == ""


def test_settings_that_cannot_be_used_exit_with_three(command: Command, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_ULR=sqlite:///x.db\n")

    told = command("posts", "list")

    assert told.returncode == 3
    assert "Did you mean DATABASE_URL?" in told.stderr


def test_a_judge_that_is_none_is_told_with_what_to_write(command: Command) -> None:
    small = command("model", "status", APP_WRITING__JUDGE="writer", LLM_MODEL="composer")
    wrong = command("model", "status", APP_WRITING__JUDGE="local")

    assert small.stdout.splitlines()[-1] == "- no judge: the composer keeps its sources' words"
    assert wrong.returncode == 3
    assert "write a hosted model such as openai:gpt-5-mini, or off" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_judge_s_key_is_looked_at_with_the_writer_s(command: Command) -> None:
    told = command("model", "status", APP_WRITING__JUDGE="anthropic:judge")

    assert "✗ anthropic:judge: " in told.stdout
    assert "ANTHROPIC_API_KEY" in told.stdout


def test_a_database_that_is_away_says_so_without_its_password(command: Command) -> None:
    told = command("posts", "list", DATABASE_URL="postgresql://me:hunter22@127.0.0.1:9/x")

    assert told.returncode == 3
    assert "127.0.0.1:9" in told.stderr
    assert "hunter22" not in told.stderr
    assert "Traceback" not in told.stderr


def test_an_article_goes_through_its_whole_life(command: Command) -> None:
    result = json.loads(command(*WRITE, "--json").stdout)
    name = result["post_id"]

    assert "draft" in command("posts", "show", name).stdout
    assert command("posts", "publish", name).returncode == 0
    assert command("posts", "edit", name, "--title", "A new title").returncode == 0
    listed = json.loads(command("posts", "list", "--json").stdout)
    assert [(p["title"], p["state"]) for p in listed] == [("A new title", "published")]
    assert command("posts", "delete", name, "--yes").returncode == 4
    assert command("posts", "unpublish", name).returncode == 0
    exported = command("posts", "export", name).stdout
    assert exported.startswith("---\ntitle: A new title\n")
    assert command("posts", "delete", name, "--yes").returncode == 0
    assert json.loads(command("posts", "list", "--json").stdout) == []


def test_ctrl_c_leaves_a_job_that_is_resumed(tmp_path: Path, command: Command) -> None:
    environment = environment_of("", tmp_path / "data") | {"PYTHONPATH": str(ROOT)}
    writer = subprocess.Popen(
        [sys.executable, "-m", "app", "write", "-k", "수평 확장", "-s", KOREAN],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert writer.stdout is not None
    first = ""
    while "sources" not in first:  # the Korean analyser takes about two seconds after this
        line = writer.stdout.readline()
        assert line, first
        first += line
    writer.send_signal(signal.SIGINT)
    rest, _ = writer.communicate(timeout=60)

    assert writer.returncode == 130, rest
    named = re.search(r"ai-seo-blogger jobs resume (\S+)", rest)
    assert named is not None, rest
    resumed = command("jobs", "resume", named[1], "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads(resumed.stdout)["job_id"] == named[1]
    assert len(json.loads(command("posts", "list", "--json").stdout)) == 1


def test_quickstart_writes_once_and_reuses(command: Command) -> None:
    first = command("quickstart", "--no-serve", "--json")
    again = command("quickstart", "--no-serve", "--json")
    korean = command("quickstart", "--no-serve", "--json", ARTICLE_LANG="ko")

    results = [json.loads(told.stdout) for told in (first, again, korean)]
    assert results[0]["post_id"] == results[1]["post_id"] != results[2]["post_id"]
    assert [result["language"] for result in results] == ["en", "en", "ko"]
    assert "there already" in again.stderr


def test_quickstart_steps_over_a_busy_port_and_serves(tmp_path: Path) -> None:
    environment = environment_of("", tmp_path / "data") | {"PYTHONPATH": str(ROOT)}
    with socket.socket() as busy:
        try:
            busy.bind(("127.0.0.1", 8000))
            busy.listen()
        except OSError:
            pass  # somebody else's server makes the port as busy
        server = subprocess.Popen(
            [sys.executable, "-m", "app", "quickstart"],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert server.stdout is not None
        told = ""
        deadline = time.monotonic() + 60
        while "until Ctrl-C" not in told and time.monotonic() < deadline:
            told += server.stdout.readline()
        for found in re.findall(r"blog is on (\d+)", told):
            assert get(f"http://127.0.0.1:{found}/api/v1/posts").status_code == 200
        server.send_signal(signal.SIGINT)
        told += server.communicate(timeout=60)[0]

    port = re.search(r"Port 8000 is in use, so the blog is on (\d+)", told)
    assert port is not None, told
    assert f"http://127.0.0.1:{port[1]}/en/" in told
    assert '"event"' not in told, "lines for machines are not what somebody who tries it reads"


def test_serve_on_a_busy_port_says_which_to_take(command: Command) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        told = command("serve", "--port", str(port))

    assert told.returncode == 2
    assert f"--port {port + 1}" in told.stderr


def test_a_second_server_on_one_sqlite_file_says_what_to_set(
    tmp_path: Path, command: Command
) -> None:
    from tests.doors.conftest import serving

    (tmp_path / "data").mkdir()
    with serving(tmp_path / "data", "") as server:
        told = command("serve", "--port", "0")

    assert told.returncode == 1
    assert str(server.process.pid) in told.stdout + told.stderr
    assert "PostgreSQL" in told.stdout + told.stderr


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys, app.cli; from typer.main import get_command; get_command(app.cli.app); "
        "print(*sorted({m.split('.')[0] for m in sys.modules}))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )

    heavy = {"sqlalchemy", "pydantic", "fastapi", "starlette", "dbos", "kiwipiepy", "pydantic_ai"}
    assert not heavy & set(told.stdout.split())


def test_the_version_is_told(command_from_nothing: Command) -> None:
    assert command_from_nothing("--version").stdout == "ai-seo-blogger 0.1.0\n"
