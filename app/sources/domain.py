"""Snapshots and passages: the immutable text that every claim points into.

A snapshot's text is *normalised Markdown*: block marks are kept (`#` headings, `-` items, `|` rows,
fenced code, `>` quotations), inline marks are gone (bold, italics, links become their words) except
for inline code, so that any span of it can be quoted as it stands.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from app.kit.ids import content_id
from app.language.types import Language

PassageKind = Literal["paragraph", "item", "row", "code", "quotation"]


class Rights(StrEnum):
    """Whose words a source holds: decides how much of it an article may repeat."""

    OWN = "own"
    LICENSED = "licensed"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Passage:
    """One block of a snapshot: a paragraph, a list item, a table row, a code block or a quotation.

    `start` and `end` are code points in the snapshot's text and cover the block's words without
    its mark.
    """

    id: str
    snapshot_id: str
    kind: PassageKind
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    """The headings above it, outermost first, without their marks."""

    @staticmethod
    def id_of(snapshot_id: str, start: int) -> str:
        """The stable id: a hash of the snapshot and the offset."""
        return content_id(snapshot_id, start)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a source said when it was read. Never changed; other words are another one."""

    id: str
    origin: str
    """The address after redirects, a file's name, or `note:` and a number for pasted text."""
    url: str | None
    title: str
    text: str
    language: Language
    rights: Rights
    fetched_at: datetime
    author: str | None = None
    published_on: str | None = None
    """ISO 8601 date, as the page states it."""
    site: str | None = None

    @staticmethod
    def id_of(origin: str, text: str) -> str:
        """The stable id: a hash of where it is from and what it says."""
        return content_id(origin, text, length=32)
