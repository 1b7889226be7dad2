"""What differs between two texts, line by line."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "gone", "new", "gap"]

MOST_LINES = 4000
"""Comparing takes time by the square of the lines at worst: longer texts are not compared."""


def differing_lines(before: str, after: str, *, around: int = 2) -> list[tuple[Kind, str]] | None:
    """The lines that went and came with `around` lines about them; a `gap` stands for what is left out.

    Empty when the texts are the same; None when they are too long to compare.
    """
    if before == after:
        return []
    old, new = before.split("\n"), after.split("\n")
    if max(len(old), len(new)) > MOST_LINES:
        return None
    matcher = SequenceMatcher(None, old, new)
    return list(_lines(matcher, old, new, around))


def _lines(
    matcher: "SequenceMatcher[str]", old: list[str], new: list[str], around: int
) -> Iterator[tuple[Kind, str]]:
    end = 0
    for group in matcher.get_grouped_opcodes(around):
        if group[0][1] > end:
            yield "gap", ""
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                for line in old[i1:i2]:
                    yield "same", line
                continue
            for line in old[i1:i2]:
                yield "gone", line
            for line in new[j1:j2]:
                yield "new", line
        end = group[-1][2]
    if end < len(old):
        yield "gap", ""
