"""Whether a source that does not bear a sentence out denies it, or is only silent."""

from collections.abc import Sequence

from app.language.types import Language
from app.review.evidence import Evidence
from app.review.limits import hedged
from app.review.rivals import Mark, marks
from app.review.verdict import Problem
from app.review.words import words_of

SAME_FROM = 0.5
"""Share of the claim's words, the differing ones aside, from which a clause speaks of the same thing."""

_DENYING = frozenset({"number", "name", "negation", "direction", "order", "comparison"})


def contradicts(evidence: Evidence, problems: Sequence[Problem], language: Language) -> bool:
    """Whether the evidence says another thing of what the claim speaks of.

    A number or name that differs must have another one there: a source without any is silent.
    """
    differing = [problem for problem in problems if problem.kind in _DENYING]
    if not differing or any(problem.kind == "quotation" for problem in problems):
        return False
    if hedged(evidence.said.text, evidence.around, language):
        return False  # what is planned or thought is not denied by what is
    apart = {
        word.form
        for problem in differing
        if problem.kind == "name"
        for word in words_of(problem.detail, language)
    }
    rest = [
        (word.weight, share)
        for word, (share, _) in zip(evidence.said.words, evidence.found.words, strict=True)
        if word.form not in apart
    ]
    total = sum(weight for weight, _ in rest)
    if total and sum(weight for weight, share in rest if share) / total < SAME_FROM:
        return False
    return any(_differs(problem, evidence, language) for problem in differing)


def _differs(problem: Problem, evidence: Evidence, language: Language) -> bool:
    if problem.kind not in {"number", "name"} or "the source has" in problem.detail:
        return True
    mine = marks(evidence.said.text, language)
    kinds = {mark.kind for mark in marks(problem.detail, language)} or {problem.kind}
    there = marks(evidence.around, language)
    return any(other.kind in kinds and not _among(other, mine) for other in there)


def _among(mark: Mark, others: Sequence[Mark]) -> bool:
    return any(mark.kind == other.kind and mark.forms & other.forms for other in others)
