"""The object store of the Compose fleet counts as healthy once it takes a file: its check, against the real program."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest
import yaml
from obstore.store import S3Store

from app.cluster import S3Server
from app.infra.blobs import open_blobs
from tests.deploy.conftest import DEPLOY

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with S3Server() as running:
        yield running


def bucket(s3: S3Server) -> S3Store:
    return S3Store(
        s3.bucket,
        endpoint=s3.endpoint,
        region=s3.region,
        access_key_id=s3.access_key,
        secret_access_key=s3.secret_key,
        virtual_hosted_style_request=False,
        client_options={"allow_http": True},
    )


def check(s3: S3Server, folder: Path, secret: str) -> "subprocess.CompletedProcess[str]":
    """What the engine does every two seconds, at this server instead of the container's."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine; the image has it")
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"][
        "s3"
    ]
    kind, script = service["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    for here, there in (
        ("$$", "$"),
        ("http://127.0.0.1:8333", s3.endpoint),
        ("/dev/shm", str(folder)),  # noqa: S108  # the container's own memory
    ):
        assert here in script
        script = script.replace(here, there)
    return subprocess.run(
        ["sh", "-c", script],
        env={
            "PATH": os.environ["PATH"],
            "AWS_ACCESS_KEY_ID": s3.access_key,
            "AWS_SECRET_ACCESS_KEY": secret,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_healthy_when_it_has_taken_a_file_and_leaves_none(
    s3: S3Server, tmp_path: Path
) -> None:
    first = check(s3, tmp_path, s3.secret_key)
    taken = (tmp_path / "took-a-file").exists()
    again = check(s3, tmp_path, "no key is needed any more")

    assert (first.returncode, first.stderr, taken) == (0, "", True)
    assert again.returncode == 0
    assert [file["path"] for page in obstore.list(bucket(s3)) for file in page] == []


async def test_an_instance_reaches_it_by_the_address_that_the_file_gives_it(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    given = compose["services"]["app1"]["environment"]
    url = given["BLOB_URL"].replace("http://s3:8333", s3.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3.secret_key)
    assert {name for name in given if name.startswith("AWS_")} == {*s3.variables}
    blobs = open_blobs(url, tmp_path)

    await blobs.put("a", b"1")

    assert await blobs.get("a") == b"1"
    await blobs.delete("a")
    await blobs.close()


def test_it_is_not_healthy_while_it_takes_none(s3: S3Server, tmp_path: Path) -> None:
    refused = check(s3, tmp_path, "another key")

    assert refused.returncode != 0
    assert not (tmp_path / "took-a-file").exists()


def test_it_is_not_healthy_while_it_is_away(tmp_path: Path) -> None:
    away = S3Server(home=tmp_path / "s3")
    (tmp_path / "took-a-file").touch()

    assert check(away, tmp_path, away.secret_key).returncode != 0
