"""What every store of files does, held against memory, a folder and SeaweedFS's S3."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.cluster import S3Server
from app.infra.blobs import Blobs, BlobsAway, open_blobs

MEBIBYTE = 1024 * 1024


@pytest.fixture(params=["memory", "folder", "s3"])
async def blobs(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Blobs]:
    match request.param:
        case "memory":
            opened = open_blobs("memory:///", tmp_path)
        case "folder":
            opened = open_blobs("", tmp_path / "media")
        case _:
            server: dict[str, str] = request.getfixturevalue("s3_server")
            for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
                monkeypatch.setenv(name, server[name])
            bucket, query = server["url"].split("?")
            opened = open_blobs(f"{bucket}/t/{secrets.token_hex(6)}?{query}", tmp_path)
    yield opened
    await opened.close()


async def test_what_was_put_is_got(blobs: Blobs) -> None:
    data = bytes(range(256)) * 40

    written = await blobs.put("a/b-c_d.png", data)

    assert written
    assert await blobs.get("a/b-c_d.png") == data


async def test_an_empty_file_is_a_file(blobs: Blobs) -> None:
    await blobs.put("empty", b"")

    assert await blobs.get("empty") == b""
    found = await blobs.head("empty")
    assert found is not None
    assert found.size == 0


async def test_a_file_of_ten_megabytes_is_kept_whole(blobs: Blobs) -> None:
    data = secrets.token_bytes(10 * MEBIBYTE)

    await blobs.put("large", data, new=True)

    assert await blobs.get("large") == data


async def test_what_was_never_put_is_none(blobs: Blobs) -> None:
    assert await blobs.get("none") is None
    assert await blobs.head("none") is None
    await blobs.delete("none")


async def test_a_second_file_takes_the_place_of_the_first(blobs: Blobs) -> None:
    await blobs.put("a", b"1")

    await blobs.put("a", b"22")

    assert await blobs.get("a") == b"22"


async def test_a_new_file_does_not_take_the_place_of_another(blobs: Blobs) -> None:
    first = await blobs.put("a", b"1", new=True)
    second = await blobs.put("a", b"2", new=True)

    assert (first, second) == (True, False)
    assert await blobs.get("a") == b"1"


async def test_one_of_sixteen_who_put_a_new_file_at_once_succeeds(blobs: Blobs) -> None:
    written = await asyncio.gather(
        *(blobs.put("raced", b"%d" % number, new=True) for number in range(16))
    )

    assert sum(written) == 1


async def test_the_head_tells_size_and_tag(blobs: Blobs) -> None:
    await blobs.put("a", b"12345")

    found = await blobs.head("a")

    assert found is not None
    assert (found.key, found.size) == ("a", 5)
    assert found.etag


async def test_a_deleted_file_is_gone(blobs: Blobs) -> None:
    await blobs.put("a/b", b"1")

    await blobs.delete("a/b")

    assert await blobs.get("a/b") is None
    await blobs.put("a/b", b"2", new=True)


@pytest.mark.parametrize(
    "wrong",
    ["", "/a", "a/", "a//b", "..", "../a", "a/../b", "a/.b", ".a", "a b", "a\\b", "한글", "a\x00b",
     "a%2e", "x" * 513, "a\n"],
)  # fmt: skip
async def test_a_key_that_leads_elsewhere_is_refused(blobs: Blobs, wrong: str) -> None:
    with pytest.raises(ValueError, match="A key is"):
        await blobs.put(wrong, b"1")
    with pytest.raises(ValueError, match="A key is"):
        await blobs.get(wrong)
    with pytest.raises(ValueError, match="A key is"):
        await blobs.delete(wrong)


async def test_a_sign_of_life_is_answered(blobs: Blobs) -> None:
    await blobs.ping()


@pytest.fixture
async def s3(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[S3Server]:
    server = S3Server()
    await asyncio.to_thread(server.start)
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)
    yield server
    await asyncio.to_thread(server.close)


@pytest.mark.processes
async def test_a_store_that_is_killed_is_away_soon_and_found_again(
    s3: S3Server, tmp_path: Path
) -> None:
    blobs = open_blobs(s3.blob_url, tmp_path)
    await blobs.put("a", b"1")
    await asyncio.to_thread(s3.kill)

    began = time.monotonic()
    with pytest.raises(BlobsAway, match="does not answer"):
        await blobs.get("a")
    took = time.monotonic() - began
    with pytest.raises(BlobsAway, match="a moment ago"):
        await blobs.put("b", b"1")
    await asyncio.to_thread(s3.start)

    assert took < 10
    assert await until_found(blobs, "a") == b"1"
    await blobs.close()


async def until_found(blobs: Blobs, key: str) -> bytes | None:
    for _ in range(300):
        try:
            return await blobs.get(key)
        except BlobsAway:
            await asyncio.sleep(0.1)
    pytest.fail("the store is not found again within 30 s")


@pytest.mark.processes
async def test_a_store_that_hangs_holds_up_nothing_else(s3: S3Server, tmp_path: Path) -> None:
    blobs = open_blobs(s3.blob_url, tmp_path)
    await blobs.put("a", b"1")
    s3.pause()

    hanging = [asyncio.ensure_future(blobs.get("a")) for _ in range(20)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(10):
        answer = await asyncio.to_thread(lambda: 7)
    s3.resume()
    answers = await asyncio.gather(*hanging, return_exceptions=True)

    assert answer == 7
    assert all(found == b"1" or isinstance(found, BlobsAway) for found in answers)
    await blobs.close()


async def test_a_wrong_key_says_so_and_is_not_repeated(
    s3_server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server["AWS_ACCESS_KEY_ID"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    blobs = open_blobs(s3_server["url"], tmp_path)

    with pytest.raises(BlobsAway, match="refuses our key") as refused:
        await blobs.put("a", b"1")

    assert "hunter2" not in str(refused.value)
    await blobs.close()


async def test_the_environment_may_name_a_plain_endpoint_too(
    s3_server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, query = s3_server["url"].split("?")
    asked = dict(pair.split("=", 1) for pair in query.split("&"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, s3_server[name])
    monkeypatch.setenv("AWS_ENDPOINT_URL", asked["endpoint"])
    monkeypatch.setenv("AWS_REGION", asked["region"])
    monkeypatch.setenv("AWS_ALLOW_HTTP", "true")
    blobs = open_blobs(f"{bucket}/t/{secrets.token_hex(6)}", tmp_path)

    await blobs.put("a", b"1")

    assert await blobs.get("a") == b"1"
    await blobs.close()


@pytest.mark.parametrize(
    "url",
    ["ftp://bucket", "bucket", "s3://", "s3://key:hunter2@bucket", "s3://bucket?secret=hunter2",
     "s3://bucket?endpoint=127.0.0.1:9000", "s3://[hunter2"],
)  # fmt: skip
def test_an_address_that_names_no_store_is_refused_and_not_repeated(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="BLOB_URL") as refused:
        open_blobs(url, tmp_path)

    assert "hunter2" not in str(refused.value)


async def test_a_folder_named_by_its_address_is_made(tmp_path: Path) -> None:
    blobs = open_blobs(f"file://{tmp_path}/one/two%20three", tmp_path)

    await blobs.put("a/b", b"1")

    assert (tmp_path / "one/two three/a/b").read_bytes() == b"1"
    await blobs.close()
