"""Figures in tables that name where they come from are those of the result files and of the program."""

import importlib
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "README.ko.md", *sorted((ROOT / "docs/guide").glob("*.md"))]

_ROW = re.compile(
    r"^\|.*?\| *([^|]+?) *\| *`(?:([\w-]+\.json)#([^`]+)|([\w.]+):(\w+))` *\|$", re.MULTILINE
)
"""… | value | `file.json#path.to.it` or `module:CONSTANT` |"""


def sourced(page: Path) -> list[tuple[str, str, str, str, str]]:
    return _ROW.findall(page.read_text("utf-8"))


def value_of(file: str, path: str, module: str, name: str) -> object:
    if module:
        return getattr(importlib.import_module(module), name)
    found = json.loads((ROOT / "bench/results" / file).read_text("utf-8"))
    for part in path.split("."):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return found


def same(shown: str, value: object) -> bool:
    """Whether the figure is the value, rounded to the places that are shown."""
    if not re.fullmatch(r"\d[\d,]*(\.\d+)?", shown) or isinstance(value, bool):
        return False
    figure = Decimal(shown.replace(",", ""))
    return abs(Decimal(str(value)) - figure) <= Decimal(5).scaleb(figure.as_tuple().exponent - 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_figure_that_names_its_source_is_the_sources(page: Path) -> None:
    wrong = [
        (shown, source, value)
        for shown, *source in sourced(page)
        if not same(shown, value := value_of(*source))
    ]

    assert wrong == []


def test_there_are_such_figures_in_both_languages() -> None:
    for name in ("sizing", "growing", "measurements"):
        english, korean = (sourced(ROOT / f"docs/guide/{name}{end}.md") for end in ("", ".ko"))

        assert len(english) > 4
        assert english == korean


@pytest.mark.parametrize(
    "name", ["sizing.md", "sizing.ko.md", "measurements.md", "measurements.ko.md"]
)
def test_every_figure_of_these_tables_names_its_source(name: str) -> None:
    text = (ROOT / "docs/guide" / name).read_text("utf-8")
    rows = [
        row
        for row in re.findall(r"^\|.*\|$", text, re.MULTILINE)
        if re.match(r"\|[^|]*\| *\d", row)
    ]

    assert len(rows) == len(sourced(ROOT / "docs/guide" / name))


@pytest.mark.parametrize(
    ("shown", "value", "holds"),
    [("1.8", 1.826, True), ("1.9", 1.826, False), ("42", 42.06, True), ("10,000", 10000, True),
     ("about 5", 5, False), ("1", True, False), ("COPY_ROWS", 1, False)],
)  # fmt: skip
def test_a_figure_is_compared_to_the_places_it_shows(
    shown: str, value: object, *, holds: bool
) -> None:
    assert same(shown, value) is holds
