"""Korean morphemes, by Kiwi: loaded once a process, on first use (about 2 s, 340 MB)."""

import sys
import threading
import time
from typing import TYPE_CHECKING, NamedTuple, cast

from app.language.remembered import Remembered
from app.language.types import Span

if TYPE_CHECKING:
    from kiwipiepy import Kiwi, Token

_REMEMBERED = 300_000
"""Characters whose analyses are kept: sentences come back in every step of a job."""
_AT_HAND = 30_000
"""Characters whose morphemes are kept ready to use: those of the texts that are at work now."""

_lock = threading.Lock()
_loaded: "Kiwi | None" = None
_seconds: float | None = None


class Morpheme(NamedTuple):
    """A morpheme with its tag (Sejong tag set, as Kiwi gives it) and place."""

    form: str
    tag: str
    span: Span


def analyser() -> "Kiwi":
    """The process's analyser; the first call loads it."""
    global _loaded, _seconds  # noqa: PLW0603  # one analyser a process: it holds 340 MB
    with _lock:
        if _loaded is None:
            start = time.perf_counter()
            from kiwipiepy import Kiwi  # noqa: PLC0415  # 0.5 s that English never needs

            # Without the dictionary of multi-word names: 2.2 s and 343 MiB instead of 5.5 s and 524.
            _loaded = Kiwi(load_multi_dict=False, num_workers=1)
            _seconds = time.perf_counter() - start
        return _loaded


def load_seconds() -> float | None:
    """How long loading took in this process; None if it has not happened."""
    return _seconds


def morphemes(text: str) -> tuple[Morpheme, ...]:
    """The morphemes of `text`, with spans in code points of `text`."""
    return _analysed(text)


def readings(
    word: str, *, number: int, without: str = ""
) -> list[tuple[tuple[Morpheme, ...], float]]:
    """The likeliest readings of a word with their log-probabilities, best first; none has `without` as one."""
    found = analyser().analyze(word, top_n=number, blocklist=[without] if without else None)
    return [(tuple(_morpheme(token) for token in tokens), score) for tokens, score in found]


def _morpheme(token: "Token") -> Morpheme:
    return Morpheme(token.form, token.tag, Span(token.start, token.start + token.len))


_Packed = tuple[tuple[str, ...], tuple[str, ...], tuple[int, ...], tuple[int, ...]]
"""Forms, tags, starts and ends of a text's morphemes.

Python's search for garbage looks at every morpheme and span that is kept, but at no plain tuple of words and
numbers: with 300,000 characters of morphemes a full search stopped all threads for 60 ms, packed for 1
(and they take 13 MiB in place of 25). To unpack one takes 0.6 µs, to analyse its text thirty times that.
"""


def _pack(text: str) -> _Packed:
    # Kiwi counts UTF-16 units internally but answers code points; lone surrogates it refuses.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    tokens = cast("list[Token]", analyser().tokenize(clean))
    return (
        tuple(token.form for token in tokens),
        tuple(sys.intern(token.tag) for token in tokens),
        tuple(token.start for token in tokens),
        tuple(token.start + token.len for token in tokens),
    )


def _unpacked(text: str) -> tuple[Morpheme, ...]:
    forms, tags, starts, ends = packed(text)
    return tuple(map(Morpheme, forms, tags, map(Span, starts, ends)))


packed = Remembered(_pack, characters=_REMEMBERED)
_analysed = Remembered(_unpacked, characters=_AT_HAND)
