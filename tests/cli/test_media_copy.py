"""`media copy`, as a person runs it against a folder and a real bucket."""

import asyncio
import json
import secrets
from collections.abc import Callable
from pathlib import Path

from app.infra.blobs import open_blobs
from app.infra.db import open_database
from app.posts.media.library import Library
from tests.cli.conftest import Command
from tests.posts.articles import NOW

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def test_files_are_copied_to_a_bucket_read_back_and_gone_on_with(
    command: Command, new_database: Callable[[str], str], s3_server: dict[str, str], tmp_path: Path
) -> None:
    url = new_database("sqlite")
    database = open_database(url)
    source = open_blobs("", tmp_path / "media")
    library = Library(database, source, lambda: NOW)
    kept = [
        (await library.keep(PNG + bytes([n]), name=f"{n}.png", uploaded_by="p"))[0]
        for n in range(9)
    ]
    await database.close()
    bucket, query = s3_server["url"].split("?")
    target = f"{bucket}/t/{secrets.token_hex(6)}?{query}"
    given = {"DATABASE_URL": url, **{n: s3_server[n] for n in s3_server if n.startswith("AWS")}}
    (tmp_path / "media" / kept[3].key).rename(tmp_path / "aside")

    one = await asyncio.to_thread(
        command, "media", "copy", f"file://{tmp_path}/media", target, **given
    )
    (tmp_path / "media" / kept[3].key).write_bytes(b"rotten")
    two = await asyncio.to_thread(
        command, "media", "copy", f"file://{tmp_path}/media", target, **given
    )
    (tmp_path / "aside").rename(tmp_path / "media" / kept[3].key)
    three = await asyncio.to_thread(
        command, "media", "copy", f"file://{tmp_path}/media", target, "--json", **given
    )
    away = await asyncio.to_thread(
        command,
        "media",
        "copy",
        f"file://{tmp_path}/media",
        "s3://b?endpoint=http://127.0.0.1:1",
        **given,
    )

    assert one.returncode == 1
    assert "8 copied" in one.stderr
    assert f"missing or damaged in the source: {kept[3].key}" in one.stderr
    assert two.returncode == 1
    assert "0 copied (0 bytes), 8 there already" in two.stderr
    assert three.returncode == 0, three.stderr
    assert json.loads(three.stdout) == {
        "copied": 1, "there": 8, "bytes": kept[3].bytes, "missing": [], "wrong": [],
    }  # fmt: skip
    assert away.returncode == 3
    assert "Run the command again" in away.stderr
    await source.close()
