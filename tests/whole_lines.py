"""Lines of a file that somebody writes at this moment."""

from pathlib import Path


def whole_lines(file: Path) -> list[str]:
    """Those that are complete: what is written in blocks ends anywhere."""
    written = file.read_bytes()
    return written[: written.rfind(b"\n") + 1].decode().splitlines()
