"""Where folders lie that are shipped with the program and are no code of it: `migrations` and `examples`."""

from pathlib import Path

_APP = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """The folder: inside the package where a wheel was installed, beside it in a checkout (pyproject.toml)."""
    inside = _APP / name
    return inside if inside.is_dir() else _APP.parent / name
