"""Writes `docs/reference/` from the code; `--check` fails when a page is not what the code says."""

import subprocess
import sys
from pathlib import Path

from app.config import Group, Settings

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"


def settings_page() -> str:
    """All settings with their defaults."""
    lines = [
        "# Settings",
        "",
        "Written by `make docs` from `app/config`. Settings come from the environment or from `.env`;",
        "the environment stands over the file. An unknown key in `.env` is an error naming the nearest one.",
        "",
        "| setting | default | meaning |",
        "|---|---|---|",
    ]
    groups: list[str] = []
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            groups += ["", f"## {(kind.__doc__ or '').strip()}", "", *lines[5:7]]
            for inner, inner_field in kind.model_fields.items():
                groups.append(_row(f"APP_{name.upper()}__{inner.upper()}", inner_field))
        else:
            lines.append(_row(name.upper(), field))
    return "\n".join([*lines, *groups]) + "\n"


def _row(name: str, field: object) -> str:
    default = getattr(field, "default", "")
    shown = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    if isinstance(shown, frozenset | tuple):
        shown = ",".join(sorted(shown))
    if isinstance(shown, bool):
        shown = str(shown).lower()
    text = f"`{shown}`" if shown not in {"", None} else "–"
    return f"| `{name}` | {text} | {getattr(field, 'description', '')} |"


def cli_page() -> str:
    """Every command's help, as it prints itself."""
    parts = ["# Command line", "", "Written by `make docs` from the commands' own help.", ""]
    commands = ["", "write", "analyze", "quickstart", "serve", "costs"]
    commands += [
        f"posts {c}"
        for c in ("list", "show", "edit", "submit", "publish", "unpublish", "delete", "export")
    ]
    commands += [f"jobs {c}" for c in ("list", "show", "watch", "resume", "cancel", "retry")]
    commands += [f"jobs {c}" for c in ("priority", "queues", "pause-queue", "resume-queue")]
    commands += [
        f"bulk {c}" for c in ("preview", "run", "status", "pause", "resume", "cancel", "export")
    ]
    commands += [
        f"users {c}"
        for c in ("create-owner", "create", "list", "role", "disable", "enable", "reset-password")
    ]
    commands += [f"keys {c}" for c in ("create", "list", "revoke")]
    commands += ["model status", "model pull", "media copy"]
    commands += [f"db {c}" for c in ("upgrade", "copy", "verify", "backup")]
    commands += [f"scale {c}" for c in ("check", "info", "checklist", "lb", "prove")]
    for command in commands:
        shown = subprocess.run(
            [sys.executable, "-m", "app", *command.split(), "--help"],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": "/usr/bin:/bin", "TERM": "dumb", "COLUMNS": "100", "NO_COLOR": "1"},
        ).stdout
        lines = [
            line.rstrip() for line in shown.replace("python -m app", "ai-seo-blogger").splitlines()
        ]
        parts += [f"## ai-seo-blogger {command}".rstrip(), "", "```text", *lines, "```", ""]
    return "\n".join(parts)


def main() -> int:
    """Write the pages, or compare them."""
    stale = 0
    for name, page in (("settings.md", settings_page()), ("cli.md", cli_page())):
        file = REFERENCE / name
        if "--check" in sys.argv:
            if not file.is_file() or file.read_text(encoding="utf-8") != page:
                print(f"docs/reference/{name} is not what the code says; run `make docs`")
                stale = 1
        else:
            REFERENCE.mkdir(parents=True, exist_ok=True)
            file.write_text(page, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
