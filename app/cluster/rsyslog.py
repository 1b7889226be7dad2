"""rsyslog, where the machine has one: brings the lines of everything in a cluster to one place, by day."""

import os
import shutil
import signal
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import ClassVar

from app.cluster.processes import CannotStart, Server
from app.ops.collecting.rsyslog import on_one_host

_USUAL = ("/usr/sbin", "/usr/local/sbin", "/sbin")
"""Not in everybody's PATH."""


def find_rsyslog() -> Path:
    """The program, installed or unpacked out of a package.

    Raises:
        CannotStart: there is none.
    """
    everywhere = os.pathsep.join((os.environ.get("PATH", os.defpath), *_USUAL))
    found = shutil.which("rsyslogd", path=everywhere)
    if found is None:
        raise CannotStart("rsyslog is not on this machine. On Debian: apt install rsyslog")
    return Path(found).resolve()


class RsyslogServer(Server):
    """An rsyslogd with a configuration of our own. It runs as whoever starts it."""

    name = "rsyslog"
    seconds: ClassVar = 20.0
    _PID = "pid"

    def __init__(
        self, configuration: str, *, home: Path | None = None, program: Path | None = None
    ) -> None:
        program = program or find_rsyslog()
        super().__init__(home=home)
        self._configuration = configuration
        self._program = program

    def environment(self) -> Mapping[str, str]:
        """Beside the usual, the libraries of an unpacked package, if it is one."""
        libraries = os.pathsep.join(str(each.parent) for each in self._beside("libfastjson.so*"))
        return {
            **super().environment(),
            **({"LD_LIBRARY_PATH": libraries} if libraries else {}),
        }

    def prepare(self) -> None:
        """Write its configuration."""
        (self.home / self._PID).unlink(missing_ok=True)
        (self.home / "rsyslog.conf").write_text(self._configuration, encoding="utf-8")

    def command(self) -> list[str]:
        """The daemon in the foreground."""
        modules = [f"-M{each.parent}" for each in self._beside("lmnet.so")]
        files = ["-f", str(self.home / "rsyslog.conf"), "-i", str(self.home / self._PID)]
        return [str(self._program), "-n", *modules, *files]

    def answers(self) -> bool:
        """Whether it has read its configuration and begun: it writes its number then."""
        try:
            return (self.home / self._PID).read_text().strip() == str(self.pid)
        except OSError:
            return False

    def _beside(self, name: str) -> list[Path]:
        """A file of the package the program came in, unless it is the machine's own."""
        top = self._program.parent.parent
        return [] if top in {Path("/"), Path("/usr")} else sorted(top.parent.rglob(name))[:1]


class Collector(RsyslogServer):
    """Keeps what `sources` (folders of a cluster, patterns) log as `FOLDER/SOURCE/DAY.jsonl`."""

    file_bytes: ClassVar[int] = 128 * 2**20
    """A day's file of this length is put aside as `DAY.1.jsonl`, `DAY.2.jsonl`, …"""
    kept_bytes: ClassVar[int] = 1024 * 2**20
    """The most that is kept: the oldest files go first."""

    def __init__(
        self,
        cluster: Path,
        sources: Iterable[str],
        *,
        folder: Path,
        home: Path,
        program: Path | None = None,
    ) -> None:
        files = [str(cluster.resolve() / source / "log") for source in sources]
        where = {"folder": str(folder.resolve()), "work": str(home.resolve())}
        try:
            super().__init__(on_one_host(files=files, **where), home=home, program=program)
        except ValueError as error:
            raise CannotStart(str(error)) from None
        self.folder = folder

    @property
    def address(self) -> str:
        """Where the lines are."""
        return str(self.folder)

    def shorten(self) -> None:
        """Put long files aside and drop the oldest of too many. What is written now is never dropped."""
        days = [file for file in self.folder.glob("*/*.jsonl") if file.name.count(".") == 1]
        newest = {file.parent: file for file in sorted(days)}
        long = [file for file in newest.values() if file.stat().st_size > self.file_bytes]
        for file in long:
            names = (file.with_name(f"{file.stem}.{number}.jsonl") for number in count(1))
            file.rename(next(name for name in names if not name.exists()))
        if long:
            self.signal(signal.SIGHUP)  # it closes its files, and goes on in new ones
        total = sum(file.stat().st_size for file in self.folder.glob("*/*.jsonl"))
        done = set(self.folder.glob("*/*.jsonl")) - set(newest.values())
        for oldest in sorted(done, key=lambda file: file.stat().st_mtime):
            if total <= self.kept_bytes:
                return
            total -= oldest.stat().st_size
            oldest.unlink()
