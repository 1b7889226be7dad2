"""Claims: what an article says, where that stands in a source, and whether the two agree."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from app.language.types import Language
from app.review.grounding import ground
from app.review.verdict import SEVERITY, Problem, Status, Verdict

Replay = Callable[[str, tuple[str, ...]], str]
"""Applies the listed rules, in order, to a source's words. Raises where a rule does not fit."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One row of an article's claim table.

    `start` and `end` are code points in the article's Markdown; `quote` is
    `snapshot.text[quote_start:quote_end]`. `rules` are the listed rules that made the sentence of
    the quote, empty where it is the quote itself or where a model wrote it.
    """

    sentence: str
    start: int
    end: int
    snapshot_id: str
    passage_id: str
    quote: str
    quote_start: int
    quote_end: int
    verdict: Status
    rules: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """How an article's claims stand.

    Counted is what states something: sentences, list items, table rows and code blocks, one claim
    each (a sentence that quotes two passages is one claim). Headings, linking phrases of the closed
    list, footnotes and the disclosure are no claims.
    """

    total: int
    supported: int
    partly: int
    unsupported: int
    contradicted: int


def count_claims(claims: Iterable[Claim]) -> Counts:
    """Count by place: rows with one span are one claim, and its worst verdict holds."""
    worst: dict[tuple[int, int], Status] = {}
    for claim in claims:
        place = (claim.start, claim.end)
        known = worst.get(place, "supported")
        worst[place] = max(known, claim.verdict, key=SEVERITY.__getitem__)
    statuses = list(worst.values())
    return Counts(
        total=len(statuses),
        supported=statuses.count("supported"),
        partly=statuses.count("partly"),
        unsupported=statuses.count("unsupported"),
        contradicted=statuses.count("contradicted"),
    )


def check_claim(
    sentence_text: str,
    quote_texts: Sequence[str],
    language: Language,
    *,
    rules: tuple[str, ...] = (),
    replay: Replay | None = None,
) -> Verdict:
    """Judge one sentence by the source passages it quotes.

    With `replay` the sentence is said to be a source's own words: the rules are applied again to
    the one quoted passage and the result must be the sentence, letter by letter. Without it the
    sentence is somebody's wording and is grounded: see `app.review.grounding`.
    """
    if not quote_texts:
        return Verdict("unsupported", (Problem("source", "no passage is quoted"),), 0.0)
    if replay is not None:
        return _replayed(sentence_text, quote_texts, rules, replay)
    return ground(sentence_text, quote_texts, language)


def _replayed(
    sentence: str, quotes: Sequence[str], rules: tuple[str, ...], replay: Replay
) -> Verdict:
    if len(quotes) != 1:
        problem = Problem("source", f"{len(quotes)} passages quoted where one is the original")
        return Verdict("unsupported", (problem,), 0.0)
    try:
        expected = replay(quotes[0], rules)
    except Exception as error:  # noqa: BLE001  # the port is the caller's; whatever it refuses is unsupported
        problem = Problem("replay", f"the rules do not fit: {error}")
        return Verdict("unsupported", (problem,), 0.0)
    if expected == sentence:
        return Verdict("supported")
    problem = Problem("replay", f"the rules make {expected!r} of the source")
    return Verdict("unsupported", (problem,), 0.0)
