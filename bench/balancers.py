"""Measures the generated balancers: nginx's micro-cache against a file, and instances drained under load.

`cache`: a published article's page (12 KB) behind the generated nginx, answered by its micro-cache, against the
same nginx serving the same bytes as a file: interleaved rounds, one core for nginx and another for `wrk`, as in
`bench/pages.py`. Beside the rate stands nginx's own processor time, which a busy machine disturbs less.
The nginx is that of the wheel, or the one that NGINX names: the wheel's C library is musl, which gives the
memory of a request back to the system each time, and that costs more than the request.

`drain`: three instances under requests that no cache answers; two are told to stop (SIGTERM) in turn and
started again, for nginx with its configuration written anew before and after. Every answer that is not 200
counts.

Writes `bench/results/balancers.json`. Run: PYTHONPATH=. .venv/bin/python bench/balancers.py [cache] [drain]
"""

import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cluster import Fleet, Instance, NginxServer, free_port
from app.config import BalancerSettings, DrainSettings, Settings
from app.ops.balancers.plan import Plan
from bench.pages import publish, wrk
from bench.working import RESULTS, machine
from tests.limits import UNMET
from tests.scaling.readers import Readers, reading

ROUNDS = 9
REQUESTS = 10_000
QUICK = Settings(
    balancer=BalancerSettings(interval_s=1, timeout_s=1, deregistration_s=5),
    drain=DrainSettings(wait_s=5, deadline_s=40),
)


Save = Callable[[dict[str, Any]], None]
"""Keeps what was measured so far."""


class WithFile(NginxServer):
    """The generated nginx with one more server, which serves a folder."""

    file_port = 0

    @staticmethod
    def find() -> Path:
        """The one asked for."""
        named = os.environ.get("NGINX")
        return Path(named) if named else NginxServer.find()

    def write_numbered(self, plan: Plan, number: int, address: str) -> None:
        """Add the server."""
        super().write_numbered(plan, number, address)
        self.file_port = self.file_port or free_port()
        (self.home / "files").mkdir(exist_ok=True)
        with (self.home / "site.conf").open("a") as site:
            site.write(
                f"server {{ listen 127.0.0.1:{self.file_port}; root {self.home}/files; "
                "default_type 'text/html; charset=utf-8'; }\n"
            )

    def command(self) -> list[str]:
        """On one core."""
        serving = min(os.sched_getaffinity(0))
        return ["taskset", "-c", str(serving), *super().command()]

    def processor_s(self) -> float:
        """Processor time of its workers so far, seconds."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        ticks = 0
        for child in children:
            fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def fetch(port: int, path: str) -> tuple[bytes, dict[str, str]]:
    """One page as it is, and its headers."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise SystemExit(f"{path} answers {answer.status}")
    headers = {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    return body, headers


def rate(nginx: WithFile, core: int, url: str) -> dict[str, float]:
    """Requests a second, the 99th percentile, ms, and nginx's processor time a request, µs."""
    used = nginx.processor_s()
    measured = wrk(core, url)
    used = nginx.processor_s() - used
    return {
        "per_s": measured.per_s,
        "p99_ms": measured.p99_ms,
        "nginx_us": round(used / measured.requests * 1e6, 2),
    }


def measure_cache(save: Save) -> None:
    """Rounds of both, interleaved, and the ratios of their medians."""
    _, loading = sorted(os.sched_getaffinity(0))[:2]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/blog.db"
        path = asyncio.run(publish(url))
        with (
            Fleet(1, balancer=None, database_url=url, redis_url="", blob_url="") as fleet,
            WithFile(fleet.policy, [fleet.instances[0].address]) as nginx,
        ):
            body, _ = fetch(nginx.port, path)
            (nginx.home / "files" / "article").write_bytes(body)
            _, headers = fetch(nginx.port, path)
            rounds: list[dict[str, Any]] = []
            for _ in range(ROUNDS):
                rounds.append(
                    {
                        "file": rate(nginx, loading, f"http://127.0.0.1:{nginx.file_port}/article"),
                        "cache": rate(nginx, loading, f"http://127.0.0.1:{nginx.port}{path}"),
                    }
                )
                print(rounds[-1], flush=True)
    save(
        {
            "nginx": version(WithFile.find()),
            "page_bytes": len(body),
            "answered_by": headers["x-cache"],
            "rounds": rounds,
            "ratio_of_rates": ratio(rounds, "per_s"),
            "ratio_of_processor_time": round(1 / ratio(rounds, "nginx_us"), 3),
        }
    )


def version(program: Path) -> str:
    """What it calls itself, and whether it is the wheel's."""
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr  # noqa: S603
    whose = "wheel" if program == NginxServer.find() else "system"
    return f"{said.strip().rpartition('/')[2]} ({whose})"


def ratio(rounds: Iterable[dict[str, Any]], what: str) -> float:
    """The cache's median over the file's."""
    found = list(rounds)
    medians = [statistics.median(each[kind][what] for each in found) for kind in ("cache", "file")]
    return round(medians[0] / medians[1], 3)


def measure_drain(save: Save) -> None:
    """Per balancer: requests served and failed while two instances leave and return in turn."""
    found: dict[str, Any] = {}
    with Fleet(3, balancer=None, policy=QUICK, settings=UNMET, redis_url="", blob_url="") as fleet:
        for name in ("nginx", "haproxy", "caddy"):
            fleet.put_balancer(name)
            started = time.perf_counter()
            with reading(fleet.url, "/api/v1/posts", "/?page=1", "/health/liveness") as readers:
                readers.more(200)
                codes = [leave_and_return(fleet, each, readers) for each in fleet.instances[:2]]
                while readers.served < REQUESTS and not readers.failed:
                    readers.more(500)
            found[name] = {
                "requests": readers.served + len(readers.failed),
                "failed": len(readers.failed),
                "first_failures": readers.failed[:5],
                "exit_codes": codes,
                "seconds": round(time.perf_counter() - started, 1),
            }
            print(name, found[name], flush=True)
            save(found)


def leave_and_return(fleet: Fleet, instance: Instance, readers: Readers) -> int:
    """Tell an instance to stop, wait until it has, start it again; answers its exit code."""
    by_hand = isinstance(fleet.balancer, NginxServer)
    if by_hand:
        fleet.rebalance(without=[instance])
    code = instance.stop()  # SIGTERM: it drains; a second one would end it hard
    readers.more(300)
    instance.start()
    if by_hand:
        fleet.rebalance()
    readers.more(300)
    return code


def main(wanted: set[str]) -> None:
    """Measure what is asked for, or everything; results of other parts stay."""
    file = RESULTS / "balancers.json"
    found = json.loads(file.read_text()) if file.exists() else {}
    system = "_system" if os.environ.get("NGINX") else ""
    for name, key, measure in (
        ("cache", f"cache{system}", measure_cache),
        ("drain", "drain", measure_drain),
    ):
        if wanted and name not in wanted:
            continue
        before = machine()

        def save(measured: dict[str, Any], key: str = key, before: dict[str, Any] = before) -> None:
            found[key] = {
                "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "machine": before,
                **measured,
                "load_after": round(os.getloadavg()[0], 2),
            }
            file.write_text(json.dumps(found, indent=1) + "\n")

        measure(save)


if __name__ == "__main__":
    main(set(sys.argv[1:]))
