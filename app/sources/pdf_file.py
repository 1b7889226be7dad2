"""The text of a PDF file. Parses what strangers wrote: runs in the child process only."""

# pypdf's callbacks hand over untyped dictionaries.
# pyright: reportUnknownMemberType=false

import io
import re
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from app.sources.characters import clean_characters
from app.sources.documents import Document, iso_date
from app.sources.errors import Unreadable
from app.sources.markdown import first_heading, normalise_markdown
from app.sources.reflow import Line, reflow

MAX_PAGES = 300
MIN_CHARACTERS = 120

_NO_TITLE = re.compile(
    r"$|untitled|microsoft word|제목 ?없음|document\d*$|.*\.(?:docx?|hwpx?|indd|pptx?)$",
    re.IGNORECASE,
)
_CREATED = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
_MONOSPACED = re.compile(r"courier|mono|nimbusmon|consolas|menlo|typewriter|cmtt", re.IGNORECASE)


def read_pdf(data: bytes, *, name: str) -> Document:
    """The file's text, lines joined to paragraphs, and what it states of itself.

    Raises:
        Unreadable: `damaged`, `encrypted`, `too_many_pages` or `scanned`.
    """
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(
                "encrypted", f"{name} is locked with a password; save an open copy and give that."
            )
        count = len(reader.pages)
        if count > MAX_PAGES:
            raise Unreadable(
                "too_many_pages",
                f"{name} has {count:,} pages, more than the {MAX_PAGES} that are read; give the part "
                "that matters.",
            )
        pages = [_lines(page) for page in reader.pages]
        stated: Any = reader.metadata or {}
        title, author, created = (
            " ".join(clean_characters(str(stated.get(field) or "")).split())
            for field in ("/Title", "/Author", "/CreationDate")
        )
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        NotImplementedError,  # what pypdf raises for filters and ciphers that it does not know
        LookupError,
        OSError,
    ) as error:
        raise Unreadable(
            "damaged", f"{name} cannot be read as PDF; open it, save it anew and give that."
        ) from error
    text = normalise_markdown(reflow(pages), indented_code=False)
    if len(text) < MIN_CHARACTERS:
        raise Unreadable(
            "scanned",
            f"{name} holds {len(text)} characters of text on {count} page(s), so it is pictures of text; "
            "run it through OCR and give that.",
        )
    day = _CREATED.match(created)
    return Document(
        title=(first_heading(text) or "") if _NO_TITLE.match(title) else title,
        text=text,
        author=author or None,
        published_on=iso_date("-".join(day.groups())) if day else None,
    )


def _lines(page: PageObject) -> list[Line]:
    """The page's printed lines in the order of the file, with place and size in points."""
    lines = [Line()]

    def take(text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        scale = abs(cm[3] * tm[3]) or abs(cm[1] * tm[1]) or 1.0
        x, y = cm[0] * tm[4] + cm[2] * tm[5] + cm[4], cm[1] * tm[4] + cm[3] * tm[5] + cm[5]
        # The whole dictionary as text: it holds the face's name and is small.
        even = _MONOSPACED.search(str(font)) is not None
        first, *others = clean_characters(text).split("\n")
        for n, piece in enumerate([first, *others]):
            if n:
                lines.append(Line())
            lines[-1].add(piece, x=x, y=y, size=size * scale, even=even)

    page.extract_text(visitor_text=take)
    return [line for line in lines if line.text.strip()]
