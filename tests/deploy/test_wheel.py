"""What `pip wheel` builds, installed far from the checkout, is the whole program."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from app.infra.db.migrate import head
from tests.clients import get
from tests.doors.conftest import ROOT, environment_of
from tests.doors.test_scaling import until

pytestmark = pytest.mark.slow  # builds, and makes an environment

FOLDERS = ("app", "migrations", "examples")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (file,) = folder.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of a new environment: the wheel is installed, what it needs is looked up where the tests have it."""
    folder = tmp_path_factory.mktemp("elsewhere") / "venv"
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", folder], check=True)
    pip = [folder / "bin/python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    done = subprocess.run([*pip, wheel], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (packages,) = folder.glob("lib/python3*/site-packages")
    # A path alone: the .pth files of that folder, which name the checkout, are not read.
    ours = next(path for path in sys.path if path.endswith("site-packages"))
    (packages / "needed.pth").write_text(f"{ours}\n")
    return folder / "bin"


def test_every_file_of_the_program_is_in_the_wheel(wheel: Path) -> None:
    there = {
        str(file.relative_to(ROOT))
        for name in FOLDERS
        for file in (ROOT / name).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }

    with zipfile.ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if ".dist-info/" not in name}

    moved = {name if name.startswith("app/") else f"app/{name}" for name in there}
    assert names == moved


def run(
    installed: Path, folder: Path, environment: dict[str, str], *arguments: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [installed / "ai-seo-blogger", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


@contextmanager
def serving(installed: Path, folder: Path, environment: dict[str, str], port: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{port}"
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [installed / "ai-seo-blogger", "serve", "--port", str(port)],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )

    def ready() -> bool:
        assert process.poll() is None, (folder / "log").read_text()
        try:
            return get(f"{url}/health/readiness").status_code == 200
        except httpx2.TransportError:
            return False  # it does not listen yet

    try:
        until(ready)
        yield url
    finally:
        process.terminate()
        process.wait(120)


def test_it_upgrades_a_database_writes_and_serves(
    installed: Path, tmp_path: Path, unused_port: int
) -> None:
    environment = environment_of("", tmp_path / "data")
    where = subprocess.run(
        [installed / "python", "-c", "import app; print(app.__file__)"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(str(installed.parent)), "the checkout would prove nothing"

    upgraded = run(installed, tmp_path, environment, "db", "upgrade")
    written = run(installed, tmp_path, environment, "quickstart", "--no-serve", "--json")
    with serving(installed, tmp_path, environment, unused_port) as url:
        article = get(url + urlsplit(json.loads(written.stdout)["url"]).path)
        korean = get(f"{url}/ko", follow_redirects=True)
        style = get(f"{url}/static/site.css")
        desk = get(f"{url}/desk/sign-in")

    assert upgraded.returncode == 0, upgraded.stderr
    assert f"revision {head()}" in upgraded.stderr
    assert written.returncode == 0, written.stderr
    assert (article.status_code, style.status_code, desk.status_code) == (200, 200, 200)
    assert "horizontal scaling" in article.text.lower()
    assert "본문으로 건너뛰기" in korean.text
