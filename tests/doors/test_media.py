"""Uploads on real servers: who may, what is kept, how it is shown, and that every instance has it."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from app.cluster import S3Server
from tests.clients import NO_TLS
from tests.doors.conftest import Server, serving
from tests.posts.media.files import ALLOWED, PDF, PNG, REFUSED


def upload(
    client: httpx2.Client, data: bytes, name: str = "a.png", type_: str = "image/png"
) -> httpx2.Response:
    return client.post("/api/v1/media", files={"file": (name, data, type_)})


@pytest.fixture(scope="module")
def media_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("media")
    url = f"sqlite:///{folder / 'blog.db'}"
    with serving(folder, url, ROLE="web", APP_MEDIA__MAX_BYTES="100000") as running:
        yield running


def test_a_picture_is_uploaded_shown_listed_and_deleted(media_server: Server) -> None:
    with media_server.operator() as client, media_server.anybody() as reader:
        uploaded = upload(client, PNG, "../사진.png")
        file = uploaded.json()
        again = upload(client, PNG)
        shown = reader.get(file["path"])
        unchanged = reader.get(file["path"], headers={"if-none-match": shown.headers["etag"]})
        listed = client.get("/api/v1/media").json()["items"]
        deleted = client.delete(f"/api/v1/media/{file['id']}")
        gone = reader.get(file["path"])
        twice = client.delete(f"/api/v1/media/{file['id']}")

    assert uploaded.status_code == 201
    assert uploaded.headers["location"] == file["path"]
    assert (file["name"], file["type"], file["bytes"]) == ("사진.png", "image/png", len(PNG))
    assert (again.status_code, again.json()["id"]) == (200, file["id"])
    assert (shown.status_code, shown.content) == (200, PNG)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert shown.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "set-cookie" not in shown.headers
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert file["id"] in [item["id"] for item in listed]
    assert (deleted.status_code, gone.status_code, twice.status_code) == (204, 404, 404)
    assert gone.headers["cache-control"] == "no-store"


def test_what_a_file_is_decides_how_it_is_shown(media_server: Server) -> None:
    with media_server.operator() as client:
        for expected, data in ALLOWED.items():
            file = upload(client, data + secrets.token_bytes(8), "a.html", "text/html").json()
            shown = client.get(file["path"])

            assert shown.headers["content-type"] == expected
            inline = shown.headers["content-disposition"] == "inline"
            assert inline == (data != PDF)


def test_what_may_not_be_uploaded_is_refused(media_server: Server) -> None:
    with media_server.operator() as client:
        for what, data in REFUSED.items():
            answer = upload(client, data, "a.png", "image/png")

            assert answer.status_code == 422, what
            assert answer.headers["content-type"] == "application/problem+json"


def test_nobody_uploads_lists_or_deletes_without_a_key(media_server: Server) -> None:
    with media_server.anybody() as client:
        answers = [
            upload(client, PNG),
            client.get("/api/v1/media"),
            client.delete("/api/v1/media/x"),
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


def test_a_file_that_is_too_large_is_refused(media_server: Server) -> None:
    with media_server.operator() as client:
        largest = upload(client, PNG + b"\x00" * (100_000 - len(PNG)))
        larger = upload(client, PNG + b"\x00" * (100_001 - len(PNG)))

    assert (largest.status_code, larger.status_code) == (201, 413)
    assert "100000" in larger.json()["detail"]


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"file": "x"}},
        {"content": b"", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"--x\r\nnonsense", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        {"data": {"file": "text, not a file"}},
        {"files": {"other": ("a.png", PNG)}},
        {"files": [("file", ("a.png", PNG)), ("file", ("b.png", PNG))]},
    ],
)  # fmt: skip
def test_what_is_no_upload_is_a_problem(media_server: Server, sent: dict[str, object]) -> None:
    with media_server.operator() as client:
        answer = client.post("/api/v1/media", **sent)  # type: ignore[arg-type]

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "path", ["/media/", "/media/x", "/media/..%2f..%2ftoken", "/media/%2e%2e/token", "/media/" + "0" * 64,
             "/media/" + "0" * 64 + ".svg", "/media/" + "0" * 64 + ".png"],
)  # fmt: skip
def test_an_address_of_no_file_is_not_found(media_server: Server, path: str) -> None:
    with media_server.anybody() as client:
        answer = client.get(path)

    assert answer.status_code == 404
    assert media_server.key not in answer.text


@pytest.mark.processes
def test_a_file_uploaded_on_one_instance_is_shown_and_deleted_on_another(
    tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    with S3Server() as s3:
        shared = {**s3.variables, "BLOB_URL": s3.blob_url, "ROLE": "web"}
        url = new_database("postgresql")
        folders = tmp_path / "a", tmp_path / "b"
        for folder in folders:
            folder.mkdir()
        with serving(folders[0], url, **shared) as a, serving(folders[1], url, **shared) as b:
            with a.operator() as on_a, b.operator() as on_b:
                file = upload(on_a, PNG).json()
                shown = on_b.get(file["path"])
                s3.kill()
                away = on_b.get(file["path"])
                refused = upload(on_a, PDF)
                s3.start()
                back = asyncio.run(until_shown(b.url + file["path"]))
                deleted = on_b.delete(f"/api/v1/media/{file['id']}")
                gone = on_a.get(file["path"])

    assert (shown.status_code, shown.content) == (200, PNG)
    assert (away.status_code, away.headers["retry-after"]) == (503, "5")
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert back == PNG
    assert (deleted.status_code, gone.status_code) == (204, 404)


async def until_shown(url: str) -> bytes:
    async with httpx2.AsyncClient(verify=NO_TLS) as client:
        for _ in range(300):
            answer = await client.get(url)
            if answer.status_code == 200:
                return answer.content
            await asyncio.sleep(0.1)
    pytest.fail("the file is not shown again within 30 s")
