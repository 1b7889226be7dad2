"""What a source says once it is text: its words in normalised Markdown and what it states of itself."""

import re
from dataclasses import dataclass, replace

from app.sources.characters import clean_characters
from app.sources.errors import Unreadable
from app.sources.markdown import first_heading, normalise_markdown, split_front_matter

MAX_CHARACTERS = 300_000
"""Of normalised text: a book of 150 pages. More is a mistake, or meant to keep the machine busy."""

_TITLE_LENGTH = 80
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_BLOCK_MARK = re.compile(r"^\s*(?:#{1,6}|[-*+>|]|\d{1,3}[.)]|`{3,}.*)\s*")


@dataclass(frozen=True, slots=True)
class Document:
    """A source's text. `title` may be empty: not every text has one."""

    title: str
    text: str
    author: str | None = None
    published_on: str | None = None
    """ISO 8601 date."""
    site: str | None = None

    def titled(self, title: str) -> "Document":
        """The same under `title`, if it has none of its own."""
        return self if self.title else replace(self, title=title)


def read_markdown(text: str, *, indented_code: bool) -> Document:
    """Markdown or plain text. Title: the front matter's, else the first heading, else the first line."""
    text = clean_characters(text)
    fields, _ = split_front_matter(text)
    normal = normalise_markdown(text, indented_code=indented_code)
    date = _DATE.match(fields.get("date", ""))
    return Document(
        title=fields.get("title") or first_heading(normal) or _opening(normal),
        text=normal,
        author=fields.get("author") or None,
        published_on=date.group() if date else None,
    )


def check_length(document: Document, name: str) -> Document:
    """Return the document, if there is not too much of it.

    Raises:
        Unreadable: `too_long`.
    """
    if len(document.text) > MAX_CHARACTERS:
        raise Unreadable(
            "too_long",
            f"{name} holds {len(document.text):,} characters of text, more than the {MAX_CHARACTERS:,} "
            "that are read of one source; give the part that matters.",
        )
    return document


def _opening(text: str) -> str:
    """The first line's words, cut at a word's end."""
    lines = (_BLOCK_MARK.sub("", line).strip(" |") for line in text.split("\n"))
    line = next((line for line in lines if line), "")
    if len(line) <= _TITLE_LENGTH:
        return line
    return (line[:_TITLE_LENGTH].rpartition(" ")[0] or line[:_TITLE_LENGTH]) + " …"
