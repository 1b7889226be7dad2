"""The key that signs what leaves the program and comes back."""

from pathlib import Path

from app.config import Settings
from app.web.token import kept_secret

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
