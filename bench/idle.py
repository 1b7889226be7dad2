"""What an instance costs that does nothing: memory, connections of PostgreSQL, and how soon it is ready.

Five starts of `ai-seo-blogger serve` on one migrated database; the memory is the resident set 5 s after ready,
the connections are those that the server counts for it then. Writes `bench/results/idle.json`; run it with
`PYTHONPATH=. .venv/bin/python bench/idle.py`.
"""

import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from app.cluster import PostgresServer
from bench.working import RESULTS, ROOT, machine

ROUNDS = 5
SETTLED_S = 5.0


def resident_mib(pid: int) -> float:
    """The resident set of a process and its children."""
    pids = [pid]
    children = Path(f"/proc/{pid}/task/{pid}/children")
    pids += [int(child) for child in children.read_text().split()] if children.exists() else []
    found = 0
    for each in pids:
        status = Path(f"/proc/{each}/status").read_text()
        if (line := re.search(r"VmRSS:\s+(\d+) kB", status)) is not None:
            found += int(line[1])
    return round(found / 1024, 1)


def connections(url: str) -> int:
    """Connections that are not our own."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "select count(*) from pg_stat_activity where backend_type = 'client backend' "
            "and pid <> pg_backend_pid()"
        ).fetchone()
    return int(row[0]) if row else 0


def once(url: str, folder: str) -> dict[str, Any]:
    """One start."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "DATABASE_URL": url, "DATA_DIR": folder}
    began = time.perf_counter()
    server = subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "app", "serve", "--port", str(port)],
        cwd=ROOT,
        env={**environment, "APP_DRAIN__WAIT_S": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            if server.poll() is not None:
                raise SystemExit("the instance ended before it was ready")
            try:
                answer = httpx2.get(f"http://127.0.0.1:{port}/health/readiness")
            except httpx2.HTTPError:
                answer = None
            if answer is not None and answer.is_success:
                break
            time.sleep(0.01)
        ready = round(time.perf_counter() - began, 2)
        time.sleep(SETTLED_S)
        memory, open_ = resident_mib(server.pid), connections(url)
    finally:
        server.terminate()
        server.wait(60)
    return {"ready_s": ready, "resident_mib": memory, "connections": open_}


def main() -> None:
    """Measure and write down."""
    before = machine()
    with tempfile.TemporaryDirectory() as folder:
        server = PostgresServer()
        server.start()
        try:
            once(server.url, folder)  # migrates
            rounds = [once(server.url, folder) for _ in range(ROUNDS)]
        finally:
            server.close()
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        "rounds": rounds,
        "median": {name: statistics.median(each[name] for each in rounds) for name in rounds[0]},
        "most_connections": max(each["connections"] for each in rounds),
    }
    (RESULTS / "idle.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
