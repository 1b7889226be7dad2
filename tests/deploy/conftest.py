"""Prometheus as Debian packages it: where it is not installed it is unpacked into a folder of the checkout."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.doors.conftest import ROOT

DEPLOY = ROOT / "deploy"
UNPACKED = ROOT / ".tools" / "prometheus"


def _program(name: str) -> str | None:
    unpacked = UNPACKED / "usr" / "bin" / name
    return shutil.which(name) or (str(unpacked) if unpacked.exists() else None)


def _unpack() -> str:
    """Debian's package in a folder of its own: nothing is installed. Answers why not, if it cannot be had."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return "this is no Debian"
    UNPACKED.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=UNPACKED.parent) as folder:
        for command in (["apt-get", "download", "-qq", "prometheus"], ["dpkg", "-x", "", "new"]):
            if command[0] == "dpkg":
                command[2] = next(file.name for file in Path(folder).glob("prometheus_*.deb"))
            try:
                ran = subprocess.run(
                    command, cwd=folder, capture_output=True, text=True, check=False, timeout=120
                )
            except subprocess.TimeoutExpired:
                return f"{command[0]} took longer than two minutes"
            if ran.returncode:
                return ran.stderr.strip().splitlines()[0]
        try:
            (Path(folder) / "new").rename(UNPACKED)
        except OSError:
            assert _program("prometheus")  # another worker was first
    return ""


@pytest.fixture(scope="session")
def program(pytestconfig: pytest.Config) -> Callable[[str], str]:
    """The path of `prometheus` or `promtool`: the machine's, or unpacked from Debian's package."""

    def path(name: str) -> str:
        if (found := _program(name)) is not None:
            return found
        why = _unpack()
        if (found := _program(name)) is None:
            reason = f"no Prometheus here ({why}): apt install prometheus"
            if pytestconfig.getoption("--require-services"):
                pytest.fail(reason)
            pytest.skip(reason)
        return found

    return path


def promtool(path: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [path, *arguments],
        cwd=DEPLOY / "prometheus",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
