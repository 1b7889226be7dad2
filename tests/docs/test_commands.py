"""Commands, settings and targets that README, CONTRIBUTING and the guides name exist, with those options."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from app.cli import app
from app.config import Group, Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "README.ko.md", "CONTRIBUTING.md")),
    *sorted((ROOT / "docs/guide").glob("*.md")),
]
PROGRAM = "ai-seo-blogger"
COMMANDS: Any = typer.main.get_command(app)

_FENCE = re.compile(r"```(?:sh|shell|bash)?\n(.*?)```", re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`", re.DOTALL)
_NAMES_A_THING = re.compile(r"\s*(?:kubectl|docker build|docker run)\b")
"""There, our name is that of an image, a namespace or a deployment."""
_OF_OTHERS = ("AI_SEO_BLOGGER_SERVICE_", "APP_GROUP__")


def snippets(page: str) -> Iterator[str]:
    """What the page shows as code: lines of blocks, and spans, which may be broken over two lines."""
    for block in _FENCE.findall(page):
        yield from block.replace("\\\n", " ").splitlines()
    for span in _SPAN.findall(_FENCE.sub("", page)):
        yield " ".join(span.split())


def invocations(snippet: str) -> Iterator[list[str]]:
    """The words after the program's name, up to a comment, a pipe or another command."""
    if _NAMES_A_THING.match(snippet):
        return
    for found in re.finditer(rf"(?:^|[\s/;&|(]){PROGRAM}(?=\s|$)", snippet):
        rest = re.split(r"\s#|[|;&]", snippet[found.end() :])[0]
        yield shlex.split(rest.replace("…", " ").replace("'", "’"))


def wrong(words: list[str]) -> str:
    """Why a command cannot be run, or nothing."""
    command = COMMANDS
    while words and hasattr(command, "commands") and not words[0].startswith("-"):
        if words[0] not in command.commands:
            return f"{command.name} has no command {words[0]}"
        command = command.commands[words.pop(0)]
    known = {
        name
        for parameter in command.params
        for name in (*parameter.opts, *parameter.secondary_opts)
    }
    for word in words:
        if word.startswith("-") and len(word) > 1:
            option = word.split("=")[0].rstrip(".,:")
            if option not in known | {"--help"}:
                return f"{command.name} has no option {option}"
    return ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    found = [
        (words, reason)
        for snippet in snippets(page.read_text("utf-8"))
        for words in invocations(snippet)
        if (reason := wrong(list(words)))
    ]

    assert found == []


@pytest.mark.parametrize("name", ["README.md", "README.ko.md"])
def test_the_table_of_commands_names_what_exists(name: str) -> None:
    rows = re.findall(
        r"^\| `([a-z-]+)((?: [^`|]*)?)` \|", (ROOT / name).read_text("utf-8"), re.MULTILINE
    )

    found = 0
    for group, rest in rows:
        if group not in COMMANDS.commands:
            assert not rest, f"there is no command {group}"
            continue
        plain = re.sub(r"\[[^]]*\]", "", rest)
        for command in (part.strip() for part in plain.split("·") if part.strip()):
            assert not wrong([group, command]), f"{group} {command}"
            found += 1

    assert found > 20


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_of_make_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for snippet in snippets(page.read_text("utf-8"))
        for target in re.findall(r"(?:^|\s)make ([a-z-]+)", snippet)
    }

    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_of_a_page_exists(page: Path) -> None:
    known = {
        f"APP_{name.upper()}__{inner.upper()}"
        for name, field in Settings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Group)
        for inner in field.annotation.model_fields
    }
    text = page.read_text("utf-8")
    # `APP_GROUP__NAME_…` stands for all that begin so.
    named = set(re.findall(r"(APP_[A-Z]+__[A-Z0-9_]*[A-Z0-9])(_…)?", text))

    unknown = {
        name
        for name, more in named
        if not (any(each.startswith(f"{name}_") for each in known) if more else name in known)
    }
    assert {name for name in unknown if not name.startswith(_OF_OTHERS)} == set()


@pytest.mark.parametrize(
    ("snippet", "reason"),
    [
        ("ai-seo-blogger db copy A B --anew", ""),
        ("X=1 .venv/bin/ai-seo-blogger posts show ID | less --nonsense", ""),
        ("ai-seo-blogger db clone A B", "no command clone"),
        ("ai-seo-blogger db copy A B --anwe", "no option --anwe"),
        ("ai-seo-blogger nothing", "no command nothing"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(snippet: str, reason: str) -> None:
    words = next(invocations(snippet))

    told = wrong(words)

    assert reason in told if reason else not told


TWINS = [page for page in PAGES if page.name.endswith(".ko.md")]


@pytest.mark.parametrize("korean", TWINS, ids=lambda page: page.name)
def test_a_page_and_its_korean_twin_name_the_same_commands_and_settings(korean: Path) -> None:
    english = korean.with_name(korean.name.replace(".ko.md", ".md"))

    def named(page: Path) -> tuple[list[str], set[str], int]:
        text = page.read_text("utf-8")
        commands = sorted(
            " ".join(words[:2]) for snippet in snippets(text) for words in invocations(snippet)
        )
        settings = set(re.findall(r"APP_[A-Z]+__[A-Z0-9_]*[A-Z0-9]", text))
        return commands, settings, len(re.findall(r"^#+ ", _FENCE.sub("", text), re.MULTILINE))

    assert named(korean) == named(english)
