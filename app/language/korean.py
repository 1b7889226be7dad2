"""Korean morphemes, by Kiwi: loaded once a process, on first use (about 2 s, 340 MB)."""

import threading
import time
from typing import TYPE_CHECKING, NamedTuple, cast

from app.language.remembered import Remembered
from app.language.types import Span

if TYPE_CHECKING:
    from kiwipiepy import Kiwi, Token

_REMEMBERED = 300_000
"""Characters whose analyses are kept: sentences come back in every step of a job. Some 35 MB when full."""

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


def _tokenised(text: str) -> tuple[Morpheme, ...]:
    # Kiwi counts UTF-16 units internally but answers code points; lone surrogates it refuses.
    clean = text.encode("utf-8", "replace").decode("utf-8")
    return tuple(_morpheme(token) for token in cast("list[Token]", analyser().tokenize(clean)))


_analysed = Remembered(_tokenised, characters=_REMEMBERED)
