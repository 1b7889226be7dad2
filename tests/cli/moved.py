"""An installation on SQLite to be moved, and looks into databases."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg

from app.infra.db import open_database
from tests.posts.articles import NOW, published, saved


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def fill(url: str, *, events: int = 0) -> str:
    """A published Korean article, what databases like to lose, and a job with many events."""

    async def write() -> str:
        database = open_database(url)
        post = await published(
            database, language="ko", title="수평 확장 🚀 ‘인용’ \\ \t", slug="수평-확장"
        )
        await saved(database, slug="other", score={"big": 1e308, "한글": [None, True, "\u0000"]})
        await database.close()
        return post.id

    post_id = asyncio.run(write())
    moment = (NOW + timedelta(microseconds=123456)).strftime("%Y-%m-%d %H:%M:%S.%f")
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        connection.execute(
            "insert into jobs (id, workflow_id, keyword, language, model, request, state, step, usage, result, "
            "last_seq, created_at) values ('j', 'w', '', 'ko', 'composer', '{\"b\":  1, \"a\": 2}', 'failed', '', "
            "'null', '{}', 0, ?)",
            (moment,),
        )
        connection.executemany(
            "insert into job_events (job_id, seq, step, kind, n, data, at) values ('j', ?, 's', 'k', ?, '{}', ?)",
            [(n, n, moment) for n in range(events)],
        )
    return post_id


def rows(url: str, asked: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(asked.encode()).fetchall()


def count(url: str, table: str) -> int:
    with closing(sqlite3.connect(file_of(url))) as connection:
        return connection.execute(f"select count(*) from {table}").fetchone()[0]


def folder(parent: Path, name: str) -> Path:
    made = parent / name
    made.mkdir()
    return made
