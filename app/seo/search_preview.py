"""How a title, a description and an address would stand in a search result: a preview, no promise.

Search engines publish no widths and often show something else than what the page says. The widths are
conventions and nothing that was measured: Google's title is one line of 600 px at 20 px on a computer
and two lines of 328 px (a phone 360 px wide) at 18 px; its description two lines of 600 px, or three of
328 px, at 14 px. Naver's are taken as one line of 600 px at 18 px and two at 15 px. Widths of letters
are those of `font_metrics`.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from app.seo.font_metrics import width_px

Engine = Literal["google", "google_mobile", "naver"]

_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Line:
    """A text as it is shown. `pixels` is the whole text's width, `limit` the room there is."""

    text: str
    pixels: int
    limit: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """One engine's result. `place` is the line that stands for the address."""

    engine: Engine
    title: Line
    description: Line
    place: str


@dataclass(frozen=True, slots=True)
class _Room:
    engine: Engine
    title: tuple[int, int]
    """Pixels of all lines together, and of the font."""
    description: tuple[int, int]


_ROOMS = (
    _Room("google", (600, 20), (1200, 14)),
    _Room("google_mobile", (656, 18), (984, 14)),
    _Room("naver", (600, 18), (1200, 15)),
)


def preview(title: str, description: str, url: str) -> tuple[Preview, ...]:
    """The article in each engine's list; `url` is whole, or a path where the host is not known."""
    return tuple(
        Preview(
            room.engine,
            fit(title, *room.title),
            fit(description, *room.description),
            _place(url, room.engine),
        )
        for room in _ROOMS
    )


def fit(text: str, limit: int, font_px: int) -> Line:
    """`text` as it is, or what of it fits into `limit` pixels with an ellipsis at its end.

    It is cut after a word, or, where a word is longer than a quarter of the room, after a letter.
    """
    text = " ".join(unicodedata.normalize("NFC", text).split())
    pixels = round(width_px(text, font_px))
    if pixels <= limit:
        return Line(text, pixels, limit, cut=False)
    room = limit - width_px(_ELLIPSIS, font_px)
    kept = ""
    for sign in _signs(text):
        if width_px(kept + sign, font_px) > room:
            break
        kept += sign
    words = kept.rpartition(" ")[0]
    if words and width_px(words, font_px) > room * 0.75:
        kept = words
    return Line(kept.rstrip() + _ELLIPSIS, pixels, limit, cut=True)


def _signs(text: str) -> Iterator[str]:
    """Letters with the marks that stand on them."""
    sign = ""
    for each in text:
        if sign and not unicodedata.combining(each) and each not in "\u200d\ufe0f":
            yield sign
            sign = ""
        sign += each
    if sign:
        yield sign


def _place(url: str, engine: Engine) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    steps = [unquote(each) for each in parts.path.split("/") if each]
    if engine == "naver":
        return " › ".join([parts.netloc, *steps]) if parts.netloc else " › ".join(steps)
    front = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return " › ".join([each for each in (front, *steps) if each])
