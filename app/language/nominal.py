"""What a noun run consists of."""

from typing import NamedTuple

from app.language.types import Span


class Unit(NamedTuple):
    """A word of a noun run (in Korean: what of an eojeol is nouns)."""

    stem: str
    span: Span
    opens: bool = True
    """Whether a phrase may begin with it."""
    closes: bool = True
    """Whether a phrase may end with it: whether it can be what the phrase is about."""
    alone: bool = True
    """Whether it says enough by itself."""
    strong: bool = True
    """Whether the phrase may be said once; with another it must be said again, or be the title's."""
    words: int = 1
    """Content words in it: 콜드브루커피 has two."""
