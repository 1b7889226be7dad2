"""What a second signal does wherever it arrives."""

import subprocess
import sys

SIGNALLED_WHILE_LOGGING = """
import io, os, sys
from contextlib import suppress
from app.cli.leaving import end_hard

class Signalled(io.RawIOBase):
    def writable(self):
        return True
    def write(self, data):
        end_hard()  # as a handler does that runs in the middle of a write
        return len(data)

sys.stdout = io.TextIOWrapper(io.BufferedWriter(Signalled()))
with suppress(Exception):  # a server answers a request that failed, and goes on
    print("a line of the log", flush=True)
os._exit(3)
"""


def test_a_write_of_the_log_is_no_shelter_from_a_hard_end() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SIGNALLED_WHILE_LOGGING], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 70
    assert "ended hard" in ended.stderr
