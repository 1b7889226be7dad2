"""Writes `docs/reference/` from the code; `--check` fails when a page is not what the code says."""

import ast
import subprocess
import sys
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from types import ModuleType

from app.config import Group, Settings
from app.review.page_audit.auditing import PAGE_CHECKS
from app.seo import thresholds
from app.seo.analysis import ANALYSER_VERSION
from app.seo.registry import CHECKS

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
    commands = [
        "",
        "write",
        "analyze",
        "keyphrases",
        "brief",
        "audit",
        "quickstart",
        "serve",
        "costs",
    ]
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


def checks_page() -> str:
    """Every check of the analyser, and every threshold with where it is from."""
    lines = [
        "# Checks of the analyser",
        "",
        "Written by `make docs` from `app/seo`. What they are for and how scores are made of them:",
        "[the guide](../guide/analysing.md). Grades: A an engine or a standard says so,",
        "B studies, C convention.",
        "A check marked *gate* holds publishing while it is red. Some are told and never scored.",
        "",
        "| check | lamp | grade | languages | what it looks at |",
        "|---|---|---|---|---|",
    ]
    for check in CHECKS:
        says = (check.measure.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
        says = " ".join(says.split())
        gate = ", *gate*" if check.gate else ""
        languages = " ".join(check.languages)
        lines.append(
            f"| `{check.id}` | {check.lamp} | {check.grade}{gate} | {languages} | {says} |"
        )
    lines += [
        "",
        "## Page audit",
        "",
        "What `ai-seo-blogger audit` looks at on a published page. *gate*: while it is red, search engines or",
        "readers are kept from the page.",
        "",
        "| check | grade | threshold | good is | why |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{each.id}` | {each.grade}{', *gate*' if each.gate else ''} | {each.threshold} "
        f"| {each.good} | {each.why} |"
        for each in PAGE_CHECKS
    ]
    lines += [
        "",
        "## Thresholds",
        "",
        f"Analyser version {ANALYSER_VERSION}. A site sets its own by name:",
        '`APP_SEO__THRESHOLDS={"ko": {"sentence_words": 18}}`.',
        "",
        '"Reference" is the most used on-page analyser, whose numbers were observed by running it; "converted"',
        "are these times what 140 parallel articles in both languages gave.",
        "",
        "| name | en | ko | meaning and source |",
        "|---|---|---|---|",
    ]
    notes = _notes(thresholds)
    for field in fields(thresholds.Limits):
        both = [getattr(one, field.name) for one in (thresholds.ENGLISH, thresholds.KOREAN)]
        shown = [
            ", ".join(map(str, one)) if isinstance(one, tuple) else str("–" if one is None else one)
            for one in both
        ]
        lines.append(f"| `{field.name}` | {shown[0]} | {shown[1]} | {notes[field.name]} |")
    return "\n".join(lines) + "\n"


def _notes(module: ModuleType) -> dict[str, str]:
    """The words that stand below each field of the module's `Limits`."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    limits = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Limits")
    notes: dict[str, str] = {}
    for node, below in pairwise(limits.body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            says = ast.literal_eval(below.value) if isinstance(below, ast.Expr) else ""
            notes[node.target.id] = " ".join(str(says).split())
    return notes


def main() -> int:
    """Write the pages, or compare them."""
    stale = 0
    pages = (
        ("settings.md", settings_page()), ("cli.md", cli_page()), ("checks.md", checks_page())
    )  # fmt: skip
    for name, page in pages:
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
