"""Programs that come neither from PyPI nor with this machine: unpacked from Debian's packages, without being installed."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

RSYSLOG = ("rsyslog", "libestr0", "libfastjson4")
"""Its package, and libraries that few machines have without it."""

TOOLS = Path(__file__).resolve().parents[1] / ".tools"
_PATIENCE_S = 120
_USUAL = ("/usr/sbin", "/sbin")


def program(config: pytest.Config, name: str, *packages: str) -> str:
    """The path of a program: the machine's, or one out of `packages`, the first of which brings it.

    Skips the test, or fails it where CI requires services, when it cannot be had.
    """
    if (found := _found(name, packages[0])) is not None:
        return found
    why = _unpack(packages)
    if (found := _found(name, packages[0])) is not None:
        return found
    reason = f"no {name} here ({why}): apt install {packages[0]}"
    if config.getoption("--require-services"):
        pytest.fail(reason)
    pytest.skip(reason)


def _found(name: str, package: str) -> str | None:
    unpacked = [str(TOOLS / package / "usr" / folder) for folder in ("bin", "sbin")]
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *_USUAL, *unpacked))
    return shutil.which(name, path=path)


def _unpack(packages: tuple[str, ...]) -> str:
    """Fetch packages into a folder of ours. Answers why not, if they cannot be had."""
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        return "this is no Debian"
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / f"{packages[0]}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one worker fetches, the others wait
        if (TOOLS / packages[0]).exists():
            return "its package does not bring it"
        with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
            download = ("apt-get", "download", "-qq", *packages)
            why = _ran(folder, *download)
            if why and os.geteuid() == 0 and not _ran(folder, "apt-get", "update", "-qq"):
                why = _ran(folder, *download)  # a new machine does not know what there is
            if why:
                return why
            for file in Path(folder).glob("*.deb"):
                if why := _ran(folder, "dpkg", "-x", file.name, "new"):
                    return why
            (Path(folder) / "new").rename(TOOLS / packages[0])
    return ""


def _ran(folder: str, *command: str) -> str:
    """Why a command failed, or nothing."""
    try:
        ran = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return f"{command[0]} took longer than {_PATIENCE_S} s"
    return (ran.stderr.strip() or command[0]).splitlines()[0] if ran.returncode else ""
