"""The key that signs what leaves the program and comes back."""

import os
import secrets
from pathlib import Path

from app.config import Settings

FILE = "secret_key"


def secret_key(settings: Settings) -> str:
    """`SECRET_KEY`, or one made in `DATA_DIR` on first use (0600): enough for one machine, not for a fleet.

    Raises:
        OSError: the folder cannot be written.
    """
    return settings.secret_key.get_secret_value() or kept_secret(file_of(settings))


def file_of(settings: Settings) -> Path:
    """Where a key that was made is kept."""
    return settings.data_dir / FILE


def kept_secret(file: Path) -> str:
    """The secret in a file, made on first use and readable by its owner alone (0600).

    Raises:
        OSError: the folder cannot be written.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    made = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not file.exists():
        # Written whole beside its place and linked there, so that two first starters agree on one.
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(32) + "\n")
        try:
            os.link(made, file)
        except FileExistsError:
            pass
        finally:
            made.unlink()
    return file.read_text().strip()
