"""Lines of three instances and their balancer on their way to one place, by the real rsyslog at both ends."""

import json
import shutil
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from app.cluster import Fleet, Instance, NginxServer, free_port
from app.cluster.rsyslog import RsyslogServer
from app.ops.collecting.finding import find, places_in
from app.ops.collecting.rsyslog import central, sender
from tests import debian
from tests.clients import connect
from tests.doors import people
from tests.doors.test_api import REQUEST, ended
from tests.limits import UNMET
from tests.whole_lines import whole_lines

pytestmark = pytest.mark.processes

ASKED = 600
READERS = 4


@pytest.fixture(scope="session")
def rsyslogd(pytestconfig: pytest.Config) -> Path:
    return Path(debian.program(pytestconfig, "rsyslogd", *debian.RSYSLOG)).resolve()


@pytest.fixture
def folder() -> Iterator[Path]:
    """One of a short name: instances have sockets in theirs."""
    made = Path(tempfile.mkdtemp(prefix="blogger-shipping-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


class Place:
    """A running central rsyslog."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.tcp, self.udp = free_port(), free_port()
        self.folder = folder / "collected"
        ports = {"tcp": self.tcp, "udp": self.udp}
        where = {"folder": str(self.folder), "work": str(folder / "central")}
        self.server = RsyslogServer(
            central(**ports, **where), home=folder / "central", program=program
        )

    def lines(self) -> list[tuple[str, str]]:
        """Every line that has arrived, behind its source."""
        return [
            (file.parent.name, line)
            for file in sorted(self.folder.rglob("*.jsonl"))
            for line in whole_lines(file)
        ]

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not true() and time.monotonic() < deadline:
            time.sleep(0.1)
        complaints = self.server.home / "complaints"
        assert true(), complaints.read_text() if complaints.exists() else self.server.log_end()


@pytest.fixture
def place(folder: Path, rsyslogd: Path) -> Iterator[Place]:
    made = Place(folder, rsyslogd)
    with made.server:
        yield made


def test_nothing_is_lost_and_one_request_is_followed_through_all(
    place: Place,
    rsyslogd: Path,
    folder: Path,
    new_database: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kind in (Instance, NginxServer):
        monkeypatch.setattr(kind, "log_bytes", 40_000)  # put aside several times on the way
    url = new_database("postgresql")
    key = people.make_key(url, people.make_person(url, "owner@example.org", "owner"))
    home = folder / "home"
    files = [str(home / source / "log") for source in ("instance*", "nginx")]
    work = folder / "sender"
    sending = sender(files=files, port=place.tcp, work=str(work))
    own = [{"ROLE": "web"}, {"ROLE": "web"}, {}]  # the third one alone works on jobs
    names = [f"asked-{number:06}" for number in range(ASKED)]
    jobs = [f"wanted-{number:06}" for number in range(8)]  # not all are answered by who works

    with (
        RsyslogServer(sending, home=work, program=rsyslogd),
        Fleet(
            3,
            settings={**UNMET, "APP_LOGS__SLOW_REQUEST_S": "600"},
            own=own,
            database_url=url,
            redis_url="",
            blob_url="",
            home=home,
        ) as fleet,
        connect(fleet.url, headers={"authorization": f"Bearer {key}"}) as client,
    ):

        def ask(mine: list[str]) -> list[int]:
            with connect(fleet.url) as reader:
                return [
                    reader.get("/api/v1/posts", headers={"X-Request-ID": name}).status_code
                    for name in mine
                ]

        with ThreadPoolExecutor(READERS) as pool:
            answers = [*pool.map(ask, (names[n::READERS] for n in range(READERS)))]
        for name in jobs:
            accepted = client.post(
                "/api/v1/generate-post", json=REQUEST, headers={"X-Request-ID": name}
            )
            assert ended(client, accepted.json()["job_id"])["state"] == "succeeded"
        place.until(lambda: events(place)["request"] >= ASKED + len(jobs))
        place.until(lambda: events(place)["step_finished"] >= len(jobs) * 8)

    assert {status for each in answers for status in each} == {200}
    arrived = Counter(
        (event["request_id"], event["event"])
        for event in map(json.loads, (line for _source, line in place.lines()))
        if event.get("request_id", "").startswith("asked-")
        and event["event"] in {"request", "balanced"}
    )
    assert arrived == Counter((name, event) for name in names for event in ("request", "balanced"))
    assert {source for source, _line in place.lines()} == {
        "nginx",
        *(f"instance{number}" for number in (1, 2, 3)),
    }
    put_aside = [file.parent.name for file in home.glob("*/log.1")]
    assert {"nginx", "instance1"} <= set(put_aside)
    worked_elsewhere = 0
    for name in jobs:
        found = find(name, places_in(place.folder)).entries
        said = [(entry.source.rpartition("/")[2], json.loads(entry.line)) for entry in found]
        by = {event["event"]: source for source, event in said}
        assert by["balanced"] == "nginx"
        assert by["step_finished"] == "instance3"
        steps = [event["step"] for _source, event in said if event["event"] == "step_finished"]
        # A draft of each part; a round of repair only where something failed.
        assert [step for step in dict.fromkeys(steps) if step != "repair"] == (
            "brief sources outline draft verify optimise score save".split()
        )
        worked_elsewhere += by["request"] != by["step_finished"]
    assert worked_elsewhere, "a request was answered by one and its job done by another"


def events(place: Place) -> Counter[str]:
    return Counter(json.loads(line).get("event", "") for _source, line in place.lines())


def tcp(place: Place, *messages: bytes) -> None:
    with socket.create_connection(("127.0.0.1", place.tcp), timeout=60) as connection:
        for message in messages:
            connection.sendall(b"%d %b" % (len(message), message))


def test_a_line_arrives_as_it_was_by_tcp_and_by_udp(place: Place) -> None:
    event = json.dumps({"글": "한국어 형태소", "long": "가" * 20_000, "n": 1}, ensure_ascii=False)
    head = "<134>1 2026-11-28T10:00:00Z host instance1 - - - "
    by_nginx = '<134>Nov 28 10:00:00 nginx: {"글": "한국어", "n": 2}'

    tcp(place, (head + event).encode(), f'{head}  no JSON: 안\t녕 "\\'.encode())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
        sending.sendto(by_nginx.encode(), ("127.0.0.1", place.udp))
    place.until(lambda: len(place.lines()) == 3)

    arrived: dict[str, list[Any]] = {"instance1": [], "nginx": []}
    for source, line in place.lines():
        arrived[source].append(json.loads(line))
    assert arrived["instance1"][0] == json.loads(event)
    assert arrived["instance1"][1]["line"].strip() == 'no JSON: 안\t녕 "\\'
    assert arrived["nginx"] == [{"글": "한국어", "n": 2}]


def test_no_name_that_a_sender_gives_leads_out_of_the_folder(place: Place, folder: Path) -> None:
    before = {file for file in folder.rglob("*") if place.folder not in (file, *file.parents)}
    names = [("..", ".."), ("../../..", "x"), ("/etc", "../y"), (".", "a/../../b")]

    tcp(
        place,
        *(
            f'<134>1 2026-11-28T10:00:00Z {host} {source} - - - {{"n": {number}}}'.encode()
            for number, (host, source) in enumerate(names)
        ),
    )
    place.until(lambda: len(place.lines()) == len(names))

    after = {file for file in folder.rglob("*") if place.folder not in (file, *file.parents)}
    assert after == before
    assert all(
        len(file.relative_to(place.folder).parts) == 3 for file in place.folder.rglob("*.jsonl")
    )


def test_it_listens_on_loopback_alone(place: Place) -> None:
    listening = set[str]()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        file = Path("/proc/net", table)
        if not file.exists():
            continue
        for row in file.read_text().splitlines()[1:]:
            address, _, port = row.split()[1].rpartition(":")
            if int(port, 16) in (place.tcp, place.udp):
                listening.add(address)
    if not listening and not Path("/proc/net/tcp").exists():
        pytest.skip("who listens is looked up in /proc")

    assert listening == {"0100007F"}
