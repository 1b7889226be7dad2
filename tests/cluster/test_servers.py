"""The launchers: real servers start, survive what tests do to them, and never outlive who started them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from app.cluster import CannotStart, PostgresServer, S3Server, Server, ValkeyServer, free_port

pytestmark = pytest.mark.processes

MAKERS: dict[str, Callable[[], Server]] = {
    "postgres": lambda: PostgresServer(durable=False),
    "valkey": lambda: ValkeyServer(keeps=True),
    "s3": S3Server,
}


@pytest.fixture(params=list(MAKERS))
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with MAKERS[request.param]() as running:
        yield running


def gone(pid: int) -> bool:
    """Whether the process ends within 30 s."""
    for _ in range(600):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def test_a_server_stops_properly_and_starts_again_on_its_port(server: Server) -> None:
    port = server.port

    code = server.stop()
    ended = not server.running
    server.start()

    assert (code, ended) == (0, True)
    assert server.port == port
    assert server.answers()


def test_a_killed_server_starts_again_on_its_port(server: Server) -> None:
    port = server.port

    server.kill()
    answered = server.answers()
    server.start()

    assert not answered
    assert server.port == port
    assert server.answers()


def test_a_paused_server_answers_again_when_it_goes_on(server: Server) -> None:
    server.pause()
    answered = server.answers()
    server.resume()

    assert not answered
    server.wait_until_it_answers()


def test_postgres_keeps_what_was_committed_before_a_kill() -> None:
    with PostgresServer() as server:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute("create table kept as select 7 as n")

        server.kill()
        server.start()

        with psycopg.connect(server.url) as connection:
            assert connection.execute("select n from kept").fetchone() == (7,)


def test_postgres_knows_hangul_as_letters(postgres_server: str) -> None:
    with psycopg.connect(postgres_server) as connection:
        found = connection.execute("select '가나다' ~ '^[[:alpha:]]+$'").fetchone()

    assert found == (True,)


def test_a_folder_of_its_own_is_gone_at_the_end() -> None:
    with ValkeyServer() as server:
        home = server.home

    assert not home.exists()


def test_a_given_folder_keeps_its_data(tmp_path: Path) -> None:
    with ValkeyServer(home=tmp_path / "v", password="p" * 20, keeps=True) as server:
        server.ask("SET", "a", "1")

    with ValkeyServer(home=tmp_path / "v", password="p" * 20, keeps=True) as again:
        assert again.ask("GET", "a").endswith("1")


def test_a_server_whose_port_is_taken_says_so() -> None:
    with ValkeyServer() as first:
        second = ValkeyServer(port=first.port)
        second.patience_s = 0.5

        with pytest.raises(CannotStart, match="in use"), second:
            pass


def test_a_server_of_no_fixed_port_takes_another_one() -> None:
    with ValkeyServer() as first:
        second = ValkeyServer()
        second.port = first.port

        with second:
            assert second.port != first.port
            assert second.answers()


STARTER = """
import sys, time
from app.cluster import PostgresServer, ValkeyServer
server = {"postgres": PostgresServer, "valkey": ValkeyServer}[sys.argv[1]]().start()
print(server.pid, server.home, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize("name", ["postgres", "valkey"])
def test_a_server_ends_when_its_starter_is_killed(name: str) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, name], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout
    pid, home = starter.stdout.readline().split()

    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()

    assert gone(int(pid))
    for _ in range(200):
        if not Path(home).exists():
            break
        time.sleep(0.05)
    assert not Path(home).exists()


STUBBORN = """
import sys, time
from app.cluster import Server

class Stubborn(Server):
    name = "stubborn"
    grace_s = 600.0
    lost_grace_s = 0.5

    def command(self):
        return [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); open('up', 'w'); time.sleep(900)"]

    def answers(self):
        return (self.home / "up").exists()

print(Stubborn().start().pid, flush=True)
time.sleep(600)
"""


def test_who_does_not_end_is_killed_once_its_starter_is_gone() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    pid = int(starter.stdout.readline())

    starter.send_signal(signal.SIGKILL)
    starter.wait()
    starter.stdout.close()

    assert gone(pid), "its own grace is for whoever waits for it"


def test_nobody_else_reads_a_password(server: Server) -> None:
    secrets = [getattr(server, name, None) for name in ("password", "secret_key")]
    shown = Path(f"/proc/{server.pid}/cmdline")
    if not shown.exists():
        pytest.skip("the command line of a process is looked up in /proc")

    line = shown.read_text()

    assert not [secret for secret in secrets if secret and secret in line]
    for file in server.home.glob("*.*"):
        assert file.stat().st_mode & 0o077 == 0 or not any(
            secret in file.read_text(errors="replace") for secret in secrets if secret
        )


def test_free_ports_leave_room_for_the_one_ten_thousand_above() -> None:
    assert all(free_port() < 32_768 for _ in range(50))
