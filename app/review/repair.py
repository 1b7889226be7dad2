"""What the verify step does with judged sentences: keep, remove, or keep and flag for an editor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.review.verdict import FAILING, SEVERITY, Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence with its verdict. `section` is any key; a linking phrase has no verdict."""

    sentence: str
    section: int
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What is done with the sentence at `index` of what was given, and why."""

    index: int
    sentence: str
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """`kept` and `flagged` stay in the article, `removed` goes."""

    kept: tuple[Decision, ...]
    removed: tuple[Decision, ...]
    flagged: tuple[Decision, ...]


def repair(judged: Sequence[Judged]) -> Repair:
    """Decide about every sentence of an article.

    - Supported, or a linking phrase with anything left to link in its section: kept.
    - Partly supported: flagged; an editor looks at it.
    - Unsupported or contradicted: removed. Where a section would have no claim left, its best covered one
      stays and is flagged, so that the outline holds and the editor sees the hole; one that a source
      contradicts only where there is no other.
    """
    saved = _saved(judged)
    kept: list[Decision] = []
    removed: list[Decision] = []
    flagged: list[Decision] = []
    for index, item in enumerate(judged):
        verdict = item.verdict
        if verdict is None or verdict.status == "supported":
            kept.append(Decision(index, item.sentence))
            continue
        decision = Decision(index, item.sentence, verdict.reasons)
        if verdict.status == "partly" or index in saved:
            flagged.append(decision)
        else:
            removed.append(decision)
    return Repair(tuple(kept), tuple(removed), tuple(flagged))


def _saved(judged: Sequence[Judged]) -> frozenset[int]:
    """The failing sentences that stay because their section has nothing better."""
    sections: dict[int, list[tuple[int, Verdict]]] = {}
    for index, item in enumerate(judged):
        if item.verdict is not None:
            sections.setdefault(item.section, []).append((index, item.verdict))
    return frozenset(map(_best, filter(_hopeless, sections.values())))


def _hopeless(claims: Iterable[tuple[int, Verdict]]) -> bool:
    return all(verdict.status in FAILING for _, verdict in claims)


def _best(claims: Iterable[tuple[int, Verdict]]) -> int:
    return max(
        claims, key=lambda claim: (-SEVERITY[claim[1].status], claim[1].coverage, -claim[0])
    )[0]
