"""Reads the labelled articles: `key: value` lines between two rules, then Markdown."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article of a labelled set.

    `fields` are the lines of its front matter; a list in brackets stays text (see `listed`).
    """

    name: str
    fields: dict[str, str]
    markdown: str

    def listed(self, key: str) -> list[str]:
        return [part.strip() for part in self.fields[key].strip("[]").split(",") if part.strip()]

    def words(self) -> int:
        return len(self.markdown.split())

    def links(self) -> list[tuple[str, str]]:
        """The links as (anchor, address), pictures left out."""
        return re.findall(r"(?<!!)\[([^]]*)\]\(([^)\s]+)", self.markdown)

    def pictures(self) -> list[tuple[str, str]]:
        """The pictures as (alternative text, address)."""
        return re.findall(r"!\[([^]]*)\]\(([^)\s]+)", self.markdown)

    def headings(self, level: int) -> list[str]:
        return re.findall(rf"^{'#' * level} (.+)$", self.markdown, re.MULTILINE)

    def blocks(self) -> list[str]:
        return [block for block in re.split(r"\n\s*\n", self.markdown.strip()) if block]


def read_article(path: Path) -> Labelled:
    """Raises ValueError where the front matter is not whole."""
    _, head, markdown = path.read_text(encoding="utf-8").split("---\n", 2)
    fields = dict(line.split(":", 1) for line in head.strip().splitlines())
    return Labelled(
        path.stem, {key: value.strip().strip('"') for key, value in fields.items()}, markdown
    )
