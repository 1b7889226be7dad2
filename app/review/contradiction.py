"""Whether a source that does not bear a sentence out denies it, or is only silent."""

from collections.abc import Sequence

from app.language.measures import measure
from app.language.names import find_names
from app.language.numbers import Number, find_numbers
from app.language.types import Language
from app.review.directions import directions, opposite
from app.review.limits import hedged
from app.review.places import Place
from app.review.verdict import Problem
from app.review.wording import content

SAME_FROM = 0.5
"""Content-word coverage, the differing words aside, from which a clause speaks of the same thing."""

_DENYING = frozenset({"number", "name", "negation", "direction", "comparison", "order"})


def contradicts(
    sentence: str,
    stems: set[str],
    covered: set[str],
    problems: Sequence[Problem],
    place: Place,
    *,
    language: Language,
) -> bool:
    """Whether the clause says another thing of what the sentence speaks of.

    A number or name that differs must have another one there: a source without any is silent.
    """
    differing = [problem for problem in problems if problem.kind in _DENYING]
    if not differing or any(problem.kind == "quotation" for problem in problems):
        return False
    if hedged(sentence, place.whole, language):
        return False  # what is planned or thought is not denied by what is
    apart = {
        stem
        for problem in differing
        if problem.kind in {"name", "direction"}
        for stem in content(problem.detail, language)
    }
    rest = stems - apart
    if rest and len(covered & rest) / len(rest) < SAME_FROM:
        return False
    return any(_differs(problem, sentence, place.whole, language) for problem in differing)


def _differs(problem: Problem, sentence: str, there: str, language: Language) -> bool:
    if problem.kind == "number":
        kinds = {_kind(number) for number in find_numbers(problem.detail, language)}
        mine = {number.normal for number in find_numbers(sentence, language)}
        return any(
            number.normal not in mine and (not kinds or _kind(number) in kinds)
            for number in find_numbers(there, language)
        )
    if problem.kind == "name":
        flat = sentence.casefold()
        names = find_names(there, language)
        names += [word for word in there.split()[:1] if word[:1].isupper()]
        return any(name.casefold() not in flat for name in names)
    if problem.kind == "direction" and (axis := opposite(problem.detail)) is not None:
        return axis in directions(there, language)
    return True


def _kind(number: Number) -> str:
    """What a number counts, as far as its unit says; dates and times by themselves."""
    amount = measure(number)
    return amount[0] if amount is not None else number.normal.partition(":")[0].rstrip("0123456789")
