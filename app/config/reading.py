"""Reads the settings once, from the environment and `.env`; a name that nobody knows is told by the nearest."""

import difflib
import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from dotenv import dotenv_values

from app.config.groups import Group
from app.config.settings import Settings


class BadSettings(Exception):
    """The settings cannot be used. The message says which line to change, and to what."""


def setting_names() -> list[str]:
    """Every name that may stand in `.env`, in the order of declaration."""
    names: list[str] = []
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, Group):
            names += [f"APP_{name.upper()}__{inner.upper()}" for inner in group.model_fields]
        else:
            names.append(name.upper())
    return names


def unknown_keys(keys: Iterable[str], *, near_only: bool) -> dict[str, str | None]:
    """Map each unknown key to the name most like it.

    `near_only` leaves out keys like nothing of ours, for the process environment, which is full of
    other programs' names.
    """
    known = setting_names()
    found: dict[str, str | None] = {}
    for key in keys:
        if key.upper() in known:
            continue
        near = difflib.get_close_matches(key.upper(), known, n=1, cutoff=0.82 if near_only else 0.6)
        if near or not near_only:
            found[key] = near[0] if near else None
    return found


def load_settings(env_file: Path | None = Path(".env")) -> tuple[Settings, list[str]]:
    """Read the settings; the environment stands over the file.

    Returns the settings and warnings for names in the environment that look misspelt (orchestrators
    inject names of their own, so those are no errors).

    Raises:
        BadSettings: a key of the file is unknown, or a value cannot be used.
    """
    from_file = dotenv_values(env_file) if env_file and env_file.is_file() else {}
    for key, near in unknown_keys(from_file, near_only=False).items():
        hint = f" Did you mean {near}?" if near else ""
        raise BadSettings(
            f"{env_file}: unknown setting {key}.{hint} See docs/reference/settings.md."
        )
    warnings = [
        f"{key} in the environment is no setting; did you mean {near}?"
        for key, near in unknown_keys(os.environ, near_only=True).items()
        # OpenTelemetry's own are more than those that are settings here.
        if not key.startswith(("AI_SEO_BLOGGER_", "OTEL_"))
    ]
    try:
        return Settings(_env_file=env_file), warnings  # pyright: ignore[reportCallIssue]  # pydantic-settings' own argument, not a field
    except ValueError as error:
        raise BadSettings(str(error)) from error


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The process's settings. Only `main`, `cli` and the façade call this."""
    return load_settings()[0]
