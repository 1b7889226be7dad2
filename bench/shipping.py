"""Measures shipping: whether all lines of three instances and nginx reach one place, and how fast.

Three instances answer requests through the generated nginx; everything they print is followed by one rsyslog
(`deploy/logs/rsyslog/sender.conf`), sent by TCP and kept by another (`central.conf`). Logs are put aside every
2 MB, so this happens on the way. Every request has a name of its own, and must be in a line of nginx and in one
of an instance exactly once.

`steady`: nothing else happens. `restart`: the place is stopped and started again half-way. `kill`: it is killed
and started again half-way; plain TCP knows no receipts, so what is lost then is told as it is.

Writes `bench/results/shipping.json`. Run: PYTHONPATH=. .venv/bin/python bench/shipping.py [WAY …]
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.cluster import Fleet, Instance, NginxServer, free_port
from app.cluster.rsyslog import RsyslogServer
from app.ops.collecting.rsyslog import central, sender
from bench.working import RESULTS, machine
from tests.clients import connect
from tests.limits import UNMET
from tests.whole_lines import whole_lines

REQUESTS = 12_000
READERS = 4
LONGEST_S = 120.0
"""How long the last line may take after the last request, seconds."""


def ask(url: str, first: int, done: list[int]) -> None:
    """Every READERS-th request, on one connection."""
    with connect(url) as client:
        for number in range(first, REQUESTS, READERS):
            name = {"X-Request-ID": f"asked-{number:06}"}
            if client.get("/api/v1/posts?limit=1", headers=name).is_success:
                done.append(number)


def load(url: str, half_way: Callable[[], object]) -> list[int]:
    """Ask, calling `half_way` when half is asked; answers which were served."""
    done: list[int] = []
    asking = [threading.Thread(target=ask, args=(url, n, done)) for n in range(READERS)]
    for each in asking:
        each.start()
    while len(done) < REQUESTS // 2 and any(each.is_alive() for each in asking):
        time.sleep(0.05)
    half_way()
    for each in asking:
        each.join()
    return done


def arrived(folder: Path) -> Counter[tuple[str, str]]:
    """How often each request is in a line of each kind."""
    found: Counter[tuple[str, str]] = Counter()
    for file in folder.rglob("*.jsonl"):
        for line in whole_lines(file):
            event = json.loads(line)
            if str(event.get("request_id", "")).startswith("asked-"):
                found[event["request_id"], event["event"]] += 1
    return found


def processor_s(server: RsyslogServer) -> float:
    """What it has used of a processor, seconds."""
    fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(way: str) -> dict[str, Any]:
    """One fleet, one load, and what came of its lines."""
    with tempfile.TemporaryDirectory(prefix="blogger-shipping-") as given:
        folder = Path(given)
        folder.chmod(0o711)  # PostgreSQL is `nobody` where root measures
        home, work, kept = folder / "home", folder / "sender", folder / "collected"
        ports = {"tcp": free_port(), "udp": free_port()}
        files = [str(home / source / "log") for source in ("instance*", "nginx")]
        taking = RsyslogServer(
            central(**ports, folder=str(kept), work=str(folder / "place")), home=folder / "place"
        )
        sending = RsyslogServer(sender(files=files, port=ports["tcp"], work=str(work)), home=work)

        def half_way() -> None:
            if way == "restart":
                taking.restart()
            elif way == "kill":
                taking.kill()
                taking.start()

        for kind in (Instance, NginxServer):
            kind.log_bytes = 2 * 2**20
        with (
            taking,
            sending,
            Fleet(
                3,
                settings={**UNMET, "APP_LOGS__SLOW_REQUEST_S": "600"},
                redis_url="",
                blob_url="",
                home=home,
            ) as fleet,
        ):
            began = time.perf_counter()
            served = load(fleet.url, half_way)
            asked_s = time.perf_counter() - began
            wanted = {(f"asked-{n:06}", event) for n in served for event in ("request", "balanced")}
            ended = time.perf_counter()
            while len((found := arrived(kept)).keys() & wanted) < len(wanted):
                if time.perf_counter() - ended > LONGEST_S:
                    break
                time.sleep(0.2)
            late_s = time.perf_counter() - ended
            both = {"sender": sending, "place": taking} if way == "steady" else {}
            used = {name: processor_s(server) for name, server in both.items()}
            put_aside = sum(1 for _ in home.glob("*/log.1"))
    return {
        "lines_printed": len(wanted),
        "lines_arrived": len(found.keys() & wanted),
        "lost": len(wanted - found.keys()),
        "twice": sum(number - 1 for number in found.values()),
        "requests_s": round(len(served) / asked_s, 1),
        "last_line_after_s": round(late_s, 2),
        "processor_us_a_line": {
            name: round(seconds / len(wanted) * 1e6, 1) for name, seconds in used.items()
        },
        "logs_put_aside": put_aside,
    }


def main(wanted: set[str]) -> None:
    """Measure what is asked for, or everything; results of other parts stay."""
    file = RESULTS / "shipping.json"
    found = json.loads(file.read_text()) if file.exists() else {}
    for way in ("steady", "restart", "kill"):
        if wanted and way not in wanted:
            continue
        before = machine()
        found[way] = {
            "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": before,
            **measure(way),
        }
        print(way, found[way], flush=True)
        file.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(set(sys.argv[1:]))
