"""The vocabulary of the room: which languages there are, and what a span is."""

from typing import Literal, NamedTuple

Language = Literal["ko", "en"]

LANGUAGES: tuple[Language, ...] = ("ko", "en")


class Span(NamedTuple):
    """A half-open range of code points, `text[start:end]`."""

    start: int
    end: int

    def moved(self, by: int) -> "Span":
        """The span, `by` characters farther on."""
        return Span(self.start + by, self.end + by)

    def of(self, text: str) -> str:
        """Return the characters of `text` that the span covers."""
        return text[self.start : self.end]
