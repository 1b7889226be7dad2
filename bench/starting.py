"""One instance by itself: how long from its command to ready, what memory it holds at rest, what a 304 costs.

Starts `ai-seo-blogger serve` on a new SQLite database (which it migrates), then again on the same one, each
time alone. Ready is a 200 of /health/readiness, asked every 5 ms. Beside each stands the processor's, which a
busy machine disturbs less. A 304 is asked with the page's own ETag, by `wrk`, and left out without it.
Writes `bench/results/starting.json`.

Run: PYTHONPATH=. .venv/bin/python bench/starting.py [--short]
"""

import argparse
import asyncio
import http.client
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
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cluster.processes import free_port
from bench.pages import processor_s, publish
from bench.working import RESULTS, ROOT, machine

WANTED_S = 2.0
_PATIENCE_S = 120.0
_LOOK_S = 0.005
_REST_S = 10.0
"""After so long an instance has done what it does once after its start."""


@dataclass
class Running:
    """A started instance."""

    pid: int
    port: int
    ready_s: float
    processor_s: float


@contextmanager
def instance(folder: Path) -> Iterator[Running]:
    """Start one, wait until it is ready, end it."""
    port = free_port()
    environment = {
        name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ
    }
    environment |= {"DATA_DIR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/blog.db"}
    began = time.perf_counter()
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # the program itself
            [sys.executable, "-m", "app", "serve", "--host", "127.0.0.1", "--port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        while status(port, "/health/readiness")[0] != http.HTTPStatus.OK:
            if process.poll() is not None or time.perf_counter() - began > _PATIENCE_S:
                raise SystemExit(f"it did not start:\n{(folder / 'log').read_text()[-2000:]}")
            time.sleep(_LOOK_S)
        ready_s = time.perf_counter() - began
        yield Running(process.pid, port, ready_s, processor_s(process.pid))
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def status(port: int, path: str, **headers: str) -> tuple[int, str]:
    """The status of an answer and its ETag; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("etag") or ""
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()


def memory_mib(pid: int) -> dict[str, float]:
    """What a process holds, MiB: all its pages (RSS), and with shared ones by parts (PSS)."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = dict(re.findall(r"^(Rss|Pss):\s+(\d+) kB", rollup, re.MULTILINE))
    return {name.lower(): round(int(kib) / 1024, 1) for name, kib in found.items()}


def unchanged(running: Running, path: str, seconds: int) -> dict[str, Any]:
    """304s a second and the instance's processor time for one, µs, beside those of whole pages."""
    if shutil.which("wrk") is None:
        return {"not_measured": "wrk is missing; on Debian: apt install wrk"}
    _, etag = status(running.port, path)
    told: dict[str, Any] = {}
    for name, headers in (("page", {}), ("unchanged", {"if-none-match": etag})):
        code, _ = status(running.port, path, **headers)
        used = processor_s(running.pid)
        options = [part for key, value in headers.items() for part in ("-H", f"{key}: {value}")]
        command = ["wrk", "-t1", "-c16", f"-d{seconds}s", *options]
        said = subprocess.run(  # noqa: S603  # a known program
            [*command, f"http://127.0.0.1:{running.port}{path}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        number = re.search(r"(\d+) requests in", said)
        rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
        if number is None or rate is None or "Non-2xx" in said or "Socket errors" in said:
            raise SystemExit(said)
        each = (processor_s(running.pid) - used) / int(number[1]) * 1e6
        told[name] = {"status": code, "per_s": float(rate[1]), "processor_us": round(each, 1)}
    return told


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="two starts; not kept")
    given = parser.parse_args()
    rounds, rest_s, seconds = (2, 2.0, 1) if given.short else (9, _REST_S, 4)
    before = machine()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with instance(folder) as first:
            first_start = {"ready_s": first.ready_s, "processor_s": first.processor_s}
        path = asyncio.run(publish(f"sqlite:///{folder}/blog.db"))
        starts: list[Running] = []
        for _ in range(rounds):
            with instance(folder) as running:
                starts.append(running)
        with instance(folder) as running:
            time.sleep(rest_s)
            held = memory_mib(running.pid)
            told = unchanged(running, path, seconds)
            after_load = memory_mib(running.pid)
    ready = [each.ready_s for each in starts]
    results: dict[str, Any] = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        "first_start": {key: round(value, 2) for key, value in first_start.items()},
        "starts": len(starts),
        "ready_s": {
            "median": round(statistics.median(ready), 2),
            "least": round(min(ready), 2),
            "most": round(max(ready), 2),
            "wanted_below": WANTED_S,
        },
        "processor_s": round(statistics.median(each.processor_s for each in starts), 2),
        "memory_mib": {"at_rest": held, "after_load": after_load},
        "not_modified": told,
    }
    print(json.dumps(results, indent=1))
    if not given.short:
        (RESULTS / "starting.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
