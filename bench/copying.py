"""Ten thousand articles copied from SQLite to PostgreSQL: once through, and once killed and gone on with.

Two articles are written by the pipeline, one in each language, and multiplied with their revisions, claims,
addresses, jobs and events. Copies are `ai-seo-blogger db copy` as a person runs it, each ending with the
comparison of every row. Writes `bench/results/copying.json`; run it with
`PYTHONPATH=. .venv/bin/python bench/copying.py [ARTICLES]`.
"""

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from app.cluster import PostgresServer
from app.infra.moving import back_up
from bench.working import KEYWORDS, RESULTS, ROOT, examples, machine, working

ARTICLES = 10_000
KILL_AT = 0.5

_KEYS = {"jobs": "id", "posts": "id", "revisions": "post_id", "claims": "post_id", "slugs": "post_id",
         "job_events": "job_id", "attempts": "job_id"}  # fmt: skip
"""Tables in the order of their references, and the column that says whose a row is."""

_UNIQUE = {"jobs": ("workflow_id",), "posts": ("translation_group", "slug", "job_id"), "slugs": ("slug",),
           "attempts": ("workflow_id",)}  # fmt: skip
"""Columns that are another article's in each copy too."""


async def seed(file: Path, articles: int) -> None:
    """Write one article a language, then as many like them as are asked for."""
    async with working() as desk:
        for language, keyword in KEYWORDS.items():
            await desk.write(keyword, examples(language), language)
        back_up(desk.database.url, file)
    with closing(sqlite3.connect(file)) as connection, connection:
        for table, key in _KEYS.items():
            cursor = connection.execute(f"select * from {table}")  # noqa: S608
            names = [column[0] for column in cursor.description]
            rows = cursor.fetchall()
            changed = [names.index(name) for name in (key, *_UNIQUE.get(table, ()))]
            marks = ", ".join("?" * len(names))
            more = (
                [
                    f"{n:05}{value[5:]}" if at in changed and value else value
                    for at, value in enumerate(row)
                ]
                for n in range(articles // len(KEYWORDS) - 1)
                for row in rows
            )
            connection.executemany(f"insert into {table} values ({marks})", more)  # noqa: S608


def copying(source: str, target: str) -> "subprocess.Popen[str]":
    """`db copy`, begun."""
    return subprocess.Popen(  # noqa: S603  # our own command
        [sys.executable, "-m", "app", "db", "copy", source, "env:TARGET", "--json"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "TARGET": target},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: "subprocess.Popen[str]", began: float) -> dict[str, Any]:
    """What it printed, and how long it took from start to exit."""
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(err)
    return {**json.loads(out), "seconds": round(time.perf_counter() - began, 1)}


def arrived(url: str) -> int:
    """Rows that a copy has brought so far."""
    try:
        with psycopg.connect(url) as connection:
            row = connection.execute("select sum(rows) from moving.chunks").fetchone()
    except psycopg.errors.UndefinedTable:
        return 0
    return int(row[0] or 0) if row else 0


def main() -> None:
    """Measure and write down."""
    articles = int(sys.argv[1]) if sys.argv[1:] else ARTICLES
    before = machine()
    server = PostgresServer()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "blog.db"
        asyncio.run(seed(file, articles))
        server.start()
        try:
            with psycopg.connect(server.url, autocommit=True) as connection:
                for name in ("once", "killed"):
                    connection.execute(f"create database {name}".encode())
            began = time.perf_counter()
            once = ended(copying(f"sqlite:///{file}", server.url_of("once")), began)
            total = sum(once["rows"].values())
            killed = server.url_of("killed")
            first = copying(f"sqlite:///{file}", killed)
            while arrived(killed) < total * KILL_AT:
                time.sleep(0.02)
            first.send_signal(signal.SIGKILL)
            first.communicate()
            there = arrived(killed)
            began = time.perf_counter()
            resumed = ended(copying(f"sqlite:///{file}", killed), began)
            size = file.stat().st_size
        finally:
            server.close()
    results = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": before,
        "articles": once["rows"]["posts"],
        "rows": total,
        "sqlite_mib": round(size / 2**20, 1),
        "once": {"seconds": once["seconds"], "verified": once["same"]},
        "killed": {
            "rows_at_kill": there,
            "resumed_seconds": resumed["seconds"],
            "verified": resumed["same"],
            "same_hashes": resumed["hashes"] == once["hashes"],
        },
        "load_after": round(os.getloadavg()[0], 2),
        "rows_of_each_table": once["rows"],
    }
    if articles == ARTICLES:
        (RESULTS / "copying.json").write_text(json.dumps(results, indent=1) + "\n")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
