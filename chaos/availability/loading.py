"""A load that runs beside what is done to the fleet."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from chaos.availability.orders import Order, Report, read_report

_ENDED_S = 60.0


class Load:
    """A running load; its report is there when the block has ended."""

    def __init__(self) -> None:
        self.report = Report()
        self.began_at = time.monotonic()
        """The machine's monotonic clock, which the generator's moments are of as well."""

    def last(self, seconds: float) -> None:
        """Let it go on for so long."""
        time.sleep(seconds)


@contextmanager
def loading(order: Order) -> Generator[Load]:
    """Ask as ordered while the block runs.

    Raises:
        RuntimeError: the generator ended by itself, so what it would say is no measurement.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report"
        generator = subprocess.Popen(
            [sys.executable, "-m", "chaos.availability.generator", str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).resolve().parents[2],
        )
        try:
            if generator.stdin is None or generator.stdout is None:
                raise RuntimeError("the load generator cannot be told anything")
            generator.stdin.write(order.write().encode() + b"\n")
            generator.stdin.flush()
            # A busy machine takes seconds to start it; what is timed begins when it asks.
            generator.stdout.readline()
            load = Load()
            yield load
            if generator.poll() is not None:
                raise RuntimeError(f"the load generator ended by itself ({generator.returncode})")
            generator.stdin.close()
            if generator.wait(_ENDED_S):
                raise RuntimeError(f"the load generator failed ({generator.returncode})")
            load.report = read_report(file)
        finally:
            generator.kill()
            generator.wait()
