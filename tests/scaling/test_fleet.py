"""Three real instances behind each balancer, and the harness that starts them."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar

import httpx2
import pytest

from app.cluster import CannotStart, Fleet, Instance
from app.config import BalancerSettings, DrainSettings, Settings
from app.infra.db import open_database
from tests.clients import connect, get
from tests.doors import people
from tests.limits import UNMET
from tests.posts.articles import published
from tests.scaling.readers import reading

pytestmark = pytest.mark.processes

ARTICLE = "/en/load-balancing-in-practice"
QUICK = Settings(
    balancer=BalancerSettings(interval_s=1, timeout_s=1, healthy=1, unhealthy=2),
    drain=DrainSettings(wait_s=4, deadline_s=30),
)


def publish_at(url: str) -> None:
    async def publish() -> None:
        database = open_database(url)
        try:
            await published(database)
        finally:
            await database.close()

    with ThreadPoolExecutor(1) as pool:  # a loop of its own: a test's may be running
        pool.submit(asyncio.run, publish()).result()


@pytest.fixture(scope="module")
def fleet(
    tmp_path_factory: pytest.TempPathFactory, module_database: Callable[[str], str]
) -> Iterator[Fleet]:
    url = module_database("postgresql")
    publish_at(url)
    shared = {
        "DATA_DIR": str(tmp_path_factory.mktemp("shared")),
        "ROLE": "web",
        **UNMET,
    }
    with Fleet(
        balancer=None, policy=QUICK, settings=shared, database_url=url, redis_url="", blob_url=""
    ) as running:
        yield running


@pytest.fixture
def reader(fleet: Fleet) -> Iterator[httpx2.Client]:
    with connect(fleet.url) as client:
        yield client


@pytest.mark.parametrize("balancer", ["nginx", "haproxy", "caddy"])
def test_an_instance_is_killed_and_no_reader_notices(fleet: Fleet, balancer: str) -> None:
    fleet.put_balancer(balancer)
    victim = fleet.instances[1]

    paths = (ARTICLE, "/api/v1/posts", "/?page=1", "/sitemap.xml")
    with reading(fleet.url, *paths, rest_s=0.01) as readers:
        readers.more(40)
        victim.kill()
        readers.more(150)
        victim.start()
        readers.more(40)

    assert readers.failed == []
    assert readers.served >= 230


@pytest.mark.parametrize("balancer", ["nginx", "haproxy", "caddy"])
def test_a_job_is_watched_through_the_balancer_while_it_goes_on(
    fleet: Fleet, balancer: str
) -> None:
    fleet.put_balancer(balancer)
    url = fleet.environment["DATABASE_URL"]
    key = people.make_key(url, people.make_person(url, f"{balancer}@example.org", "owner"))
    with connect(fleet.url, headers={"authorization": f"Bearer {key}"}) as operator:
        asked = {
            "keyword": "balancing",
            "sources": [{"text": "A balancer spreads requests. " * 20}],
        }
        job = operator.post("/api/v1/generate-post", json=asked).json()

        with operator.stream(
            "GET", job["events_url"]
        ) as stream:  # nobody works here: it stays open
            first = next(line for line in stream.iter_lines() if line.startswith("data:"))

    assert first


def test_an_article_is_answered_from_nginx_and_what_is_private_never(
    fleet: Fleet, reader: httpx2.Client
) -> None:
    fleet.put_balancer("nginx")
    reader.base_url = fleet.url

    pages = [reader.get(ARTICLE).headers.get("x-cache") for _ in range(3)]
    private = [
        reader.get(path).headers.get("x-cache")
        for path in ("/api/v1/posts", "/desk", "/desk/articles", "/health")
        for _ in range(2)
    ]

    assert "HIT" in pages
    assert set(private) == {None}


def test_one_more_instance_joins_with_settings_of_its_own(fleet: Fleet) -> None:
    fleet.put_balancer("nginx")

    odd = fleet.add(SECRET_KEY="another", APP_SITE__NAME="Odd one")
    names = {odd_name(instance.url) for instance in fleet.instances}
    answers = {get(f"{fleet.url}/?n={number}").status_code for number in range(12)}
    code = fleet.remove(odd)

    assert names == {"AI SEO Blogger", "Odd one"}
    assert answers == {200}
    assert code == 0
    assert get(f"{fleet.url}/").status_code == 200


def odd_name(url: str) -> str:
    page = get(f"{url}/", headers={"accept-encoding": "identity"}).text
    return "Odd one" if "Odd one" in page else "AI SEO Blogger"


def test_an_instance_freezes_and_goes_on(fleet: Fleet) -> None:
    instance = fleet.instances[2]

    instance.pause()
    frozen = instance.asked("/health/liveness")
    instance.resume()

    assert frozen == 0
    instance.wait_until_it_answers()
    assert instance.asked("/health/liveness") == 200


def test_a_fleet_that_cannot_start_leaves_nothing(tmp_path: Path) -> None:
    fleet = Fleet(
        1,
        settings={"SESSION_STORAGE": "nonsense"},
        database_url=f"sqlite:///{tmp_path / 'blog.db'}",
        redis_url="",
        blob_url="",
    )

    with pytest.raises(CannotStart, match=r"(?i)session_storage"):
        fleet.start()

    assert not any(instance.running for instance in fleet.instances)
    assert not fleet.home.exists()


def test_an_unknown_balancer_is_refused_before_anything_starts() -> None:
    with pytest.raises(CannotStart, match="nginx, haproxy, caddy"):
        Fleet(1, balancer="apache", database_url="", redis_url="", blob_url="")


_STANDING = """
import http.server, sys
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


class Watched(Instance):
    """Stands in for an instance, and keeps what was so when it was told to end."""

    fleet: Fleet | None = None
    seen: ClassVar[list[tuple[bool, bool]]] = []

    def command(self) -> list[str]:
        return [sys.executable, "-c", _STANDING, str(self.port)]

    def stop(self) -> int:
        if self.fleet is not None and self.fleet.balancer is not None:
            balanced = (self.fleet.balancer.home / "site.conf").read_text()
            self.seen.append((self.address in balanced, self in self.fleet.instances))
        return super().stop()


@pytest.fixture
def standing() -> Iterator[Fleet]:
    with Fleet(2, kind=Watched, database_url="", redis_url="", blob_url="") as running:
        yield running


def test_who_leaves_is_out_of_the_balancer_before_it_ends_and_forgotten_after(
    standing: Fleet,
) -> None:
    leaving = standing.instances[1]
    assert isinstance(leaving, Watched)
    leaving.fleet = standing
    Watched.seen.clear()

    standing.remove(leaving)

    assert Watched.seen == [(False, True)], "in the balancer, among the instances"
    assert leaving not in standing.instances
    assert not leaving.running


def test_an_instance_that_the_balancer_does_not_let_go_goes_on(standing: Fleet) -> None:
    assert standing.balancer is not None
    standing.balancer.kill()
    staying = standing.instances[1]

    with pytest.raises(CannotStart):
        standing.remove(staying)

    assert staying in standing.instances
    assert staying.answers()


_PARENT = """
import sys, time
from pathlib import Path
from app.cluster import Fleet
fleet = Fleet(1, database_url=f"sqlite:///{sys.argv[1]}/blog.db", redis_url="", blob_url="", home=Path(sys.argv[1]))
fleet.start()
print(*[each.pid for each in [*fleet.instances, fleet.balancer]], flush=True)
time.sleep(600)
"""


def test_a_fleet_ends_with_whoever_started_it_however_that_dies(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in parent.stdout.readline().split()]

    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    assert len(pids) == 2
    for pid in pids:
        assert ends(pid), (tmp_path / "instance1" / "log").read_text()


def ends(pid: int) -> bool:
    for _ in range(1200):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False
