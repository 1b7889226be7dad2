"""What a source says once it is text: its words in normalised Markdown and what it states of itself."""

import re
from dataclasses import dataclass, replace
from datetime import date

from app.sources.characters import clean_characters
from app.sources.errors import Unreadable
from app.sources.markdown import first_heading, normalise_markdown, split_front_matter

MAX_CHARACTERS = 300_000
"""Of normalised text: a book of 150 pages. More is a mistake, or meant to keep the machine busy."""

_LONGEST_FIELD = 300
"""Of a title or a name, characters. Some pages state all they hold as their title."""

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
    description: str | None = None
    """What an article's page gives searchers; read only of pages that are to be analysed."""
    updated_on: str | None = None

    def titled(self, title: str) -> "Document":
        """The same under `title`, if it has none of its own."""
        return self if self.title else replace(self, title=title)


def read_markdown(text: str, *, indented_code: bool) -> Document:
    """Markdown or plain text. Title: the front matter's, else the first heading, else the first line."""
    text = clean_characters(text)
    fields, _ = split_front_matter(text)
    normal = normalise_markdown(text, indented_code=indented_code)
    return Document(
        title=fields.get("title") or first_heading(normal) or _opening(normal),
        text=normal,
        author=fields.get("author") or None,
        published_on=iso_date(fields.get("date", "")),
    )


def iso_date(text: str) -> str | None:
    """The day that a text opens with, if there is such a day."""
    found = _DATE.match(text)
    if found is None:
        return None
    try:
        return date.fromisoformat(found.group()).isoformat()
    except ValueError:
        return None


def bounded(document: Document, name: str) -> Document:
    """Return the document with what it states of itself cut, if there is not too much text in it.

    Raises:
        Unreadable: `too_long`.
    """
    if len(document.text) > MAX_CHARACTERS:
        raise Unreadable(
            "too_long",
            f"{name} holds {len(document.text):,} characters of text, more than the {MAX_CHARACTERS:,} "
            "that are read of one source; give the part that matters.",
        )
    return replace(
        document,
        title=_cut(document.title),
        author=_cut(document.author or "") or None,
        site=_cut(document.site or "") or None,
        description=_cut(document.description or "") or None,
    )


def _cut(field: str) -> str:
    return field if len(field) <= _LONGEST_FIELD else field[: _LONGEST_FIELD - 2].rstrip() + " …"


def _opening(text: str) -> str:
    """The first line's words, cut at a word's end."""
    lines = (_BLOCK_MARK.sub("", line).strip(" |") for line in text.split("\n"))
    line = next((line for line in lines if line), "")
    if len(line) <= _TITLE_LENGTH:
        return line
    return (line[:_TITLE_LENGTH].rpartition(" ")[0] or line[:_TITLE_LENGTH]) + " …"
