"""Times the probes of a real server at 100 a second, a third of them to each address.

Writes `bench/results/health.json`; run it with `PYTHONPATH=. .venv/bin/python bench/health.py`.
"""

import asyncio
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime

import httpx2

from bench.working import RESULTS, ROOT, machine

PATHS = ("/health", "/health/readiness", "/health/liveness")
RATE = 100
SECONDS = 20


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


async def probe(url: str) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Milliseconds of each answer and how many said no, by address; each asked at its time."""
    refused = dict.fromkeys(PATHS, 0)
    taken: dict[str, list[float]] = {path: [] for path in PATHS}
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:

        async def ask(path: str) -> None:
            start = time.perf_counter()
            answer = await client.get(path)
            taken[path].append((time.perf_counter() - start) * 1000)
            refused[path] += answer.is_error

        for path in PATHS:
            await ask(path)
            taken[path].clear()
        start = time.perf_counter()
        asked = []
        for n in range(RATE * SECONDS):
            await asyncio.sleep(max(0.0, start + n / RATE - time.perf_counter()))
            asked.append(asyncio.create_task(ask(PATHS[n % len(PATHS)])))
        await asyncio.gather(*asked)
    return taken, refused


def percentile(values: list[float], share: float) -> float:
    """The value that `share` of all do not exceed."""
    ordered = sorted(values)
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 2)


async def serve_and_probe() -> tuple[dict[str, list[float]], dict[str, int]]:
    """Start a server on SQLite, wait until it is ready, probe it, end it."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(  # noqa: ASYNC220, S603  # our own program; nothing else runs on this loop
            [sys.executable, "-m", "app", "serve", "--port", str(port)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "APP_DRAIN__WAIT_S": "0"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            async with httpx2.AsyncClient() as client:
                while True:
                    try:
                        answer = await client.get(f"http://127.0.0.1:{port}/health/readiness")
                    except httpx2.TransportError:
                        answer = None
                    if answer is not None and answer.status_code == httpx2.codes.OK:
                        break
                    await asyncio.sleep(0.1)
            return await probe(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait(60)


def main() -> None:
    """Measure, print and keep the results."""
    before = machine()
    taken, refused = asyncio.run(serve_and_probe())
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        "probes_a_second": RATE,
        "seconds": SECONDS,
        "refused": refused,
        "milliseconds": {
            path: {
                "p50": percentile(all_, 0.5),
                "p99": percentile(all_, 0.99),
                "max": round(max(all_), 2),
            }
            for path, all_ in taken.items()
        },
    }
    (RESULTS / "health.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
