"""The grounded path: may a sentence in somebody's own wording stand on the passages it quotes?

Nothing here understands the sentence. Rules refuse what a wrong sentence nearly always shows: a number, a name,
a quotation that the passages do not have or have at something else; a turned negation or direction, two in each
other's role, all for some. What no rule refuses is weighed: how much of it the passages say, in these words or
in others of the same sense. A sentence that passes can still be wrong.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from app.language.names import find_quotations
from app.language.sentences import split_sentences
from app.language.types import Language, Span
from app.review import comparing, contradiction, limits, polarity, rivals, scope, subjects
from app.review.bounds import bounds
from app.review.evidence import Clue, Evidence, gather, said
from app.review.figures import wrong_numbers
from app.review.names_said import flatten, missing_names, other_first
from app.review.places import find_places
from app.review.roles import exchanged
from app.review.verdict import Clause, Problem, Verdict
from app.review.weighing import borne_out, silent_parts

PARTLY_FROM = 0.5
"""Share of a claim's weight under which its source does not speak of what it says."""


def ground(sentence: str, passages: Sequence[str], language: Language) -> Verdict:
    """Judge a sentence by the passages it quotes, of which there is at least one.

    A sentence of several clauses is also supported if each of them is, by itself.

    - Contradicted: a rule refuses it, and what the source has instead is named: the clause speaks of the same.
    - Unsupported: a rule refuses it, or the source speaks of less than `PARTLY_FROM` of it.
    - Partly: one of several parts is not borne out, or too much of the whole.
    """
    own = _repeated(sentence, passages, language)
    if own is not None:
        return Verdict("supported", clause=own)
    whole = _judge(sentence, passages, language)
    parts = find_places(sentence, language)
    if whole.status == "supported" or len(parts) < 2:  # noqa: PLR2004  # one clause is the whole
        return whole
    verdicts = [_judge(part.whole, passages, language) for part in parts]
    if all(verdict.status == "supported" for verdict in verdicts):
        return min(verdicts, key=lambda verdict: verdict.coverage)
    return whole


def _judge(sentence: str, passages: Sequence[str], language: Language) -> Verdict:
    evidence = gather(said(sentence, language), passages, language)
    first = evidence.clues[0]
    clause = _quoted(first, passages)
    total = evidence.said.weight
    coverage = min(1.0, evidence.found.weight(evidence.said) / total) if total else 1.0
    against = list(_refusals(evidence, language))
    missing = ", ".join(
        word.form.replace("_", " ")
        for word, (share, _) in zip(evidence.said.words, evidence.found.words, strict=True)
        if not share
    )
    if against:
        denied = contradiction.contradicts(evidence, against, language)
        return Verdict(
            "contradicted" if denied else "unsupported", tuple(against), coverage, clause
        )
    silent, told = silent_parts(evidence, language)
    if silent:
        problems = tuple(
            Problem("coverage", f"the source does not say: {part.strip()}") for part in silent
        )
        return Verdict("partly" if told else "unsupported", problems, coverage, clause)
    if borne_out(evidence, language) >= 0:
        return Verdict("supported", (), coverage, clause)
    problem = Problem(
        "coverage",
        f"the source does not speak of: {missing}" if missing else "the source says it elsewhere",
    )
    return Verdict(
        "partly" if coverage >= PARTLY_FROM else "unsupported", (problem,), coverage, clause
    )


def strange(words: str, texts: Sequence[str], language: Language) -> Verdict:
    """Judge words that sum up many sentences, as a title does, by all of them at once.

    Only numbers, names and quotations count, and coverage; what is said of what is not looked at.
    """
    evidence = gather(said(words, language), texts, language)
    total = sum(word.weight for word in evidence.said.words)
    coverage = evidence.everywhere.spoken(evidence.said) / total if total else 1.0
    problems = (
        *wrong_numbers(evidence, language),
        *_quotations(words, "\n".join(texts)),
        *(Problem("name", name) for name in missing_names(evidence, language)),
    )
    return Verdict("unsupported" if problems else "supported", problems, coverage)


def refused(evidence: Evidence, language: Language) -> bool:
    """Whether a rule speaks against a claim, or a part of it is nowhere: what is left is weighed."""
    return bool(list(_refusals(evidence, language)) or silent_parts(evidence, language)[0])


def _refusals(evidence: Evidence, language: Language) -> Iterator[Problem]:
    """What speaks against a claim, whatever else bears it out."""
    yield from _what(evidence, language)
    yield from _whether(evidence, language)
    yield from _of_whom(evidence, language)


def _what(evidence: Evidence, language: Language) -> Iterator[Problem]:
    """Numbers, times, names and quotations that the source has not, or at something else."""
    claim = evidence.said
    yield from wrong_numbers(evidence, language)
    yield from (
        Problem("number", text) for text in rivals.missing_times(claim, evidence.every, language)
    )
    for text, other in rivals.rivals(claim, evidence.every, language):
        kind = "number" if any(sign.isdigit() for sign in other) else "name"
        yield Problem(kind, f"{text}, where the source has {other}")
    yield from _quotations(claim.text, "\n".join(clue.place.text for clue in evidence.every))
    yield from (Problem("name", name) for name in missing_names(evidence, language))
    if text := other_first(evidence, language):
        yield Problem("name", text)
    if language == "en" and (text := comparing.counted_otherwise(claim, evidence.every)):
        yield Problem("number", text)


def _whether(evidence: Evidence, language: Language) -> Iterator[Problem]:
    """Negations, directions, bounds, and what limits the source and not the claim."""
    best = evidence.clues[0].place
    if who := polarity.turned_round(evidence, language):
        found = (evidence.found, evidence.clues[0].found)
        if any(turned for each in found for _, turned in each.words):
            yield Problem("direction", f"the {who} says the opposite")
        else:
            yield Problem("negation", f"the {who} negates")
    elif polarity.copied_but_for_negation(evidence, language):
        yield Problem("negation", "the source's words, but not its negation")
    yield from (Problem("direction", text) for text in _bounds(evidence, language))
    if text := scope.widened(evidence.said.text, evidence.around, language):
        yield Problem("limit", text)
    yield from limits.held_back(evidence.said.text, best, language)


def _of_whom(evidence: Evidence, language: Language) -> Iterator[Problem]:
    """Two in each other's role or order, and one in another's."""
    claim, best = evidence.said, evidence.clues[0].place
    if other := subjects.other_subject(claim, evidence.every, language):
        yield Problem("replaced", f"{other}: the source says it of another")
    for text in (
        rivals.other_slot(claim, evidence.every, language),
        rivals.other_relation(claim, evidence.every, language),
        comparing.in_another_order(claim.text, best.whole, language),
    ):
        if text:
            yield Problem("order", text)
    yield from exchanged(claim.text, best, language)
    if text := comparing.compared_otherwise(claim, evidence.every, language):
        yield Problem("comparison", text)


def _bounds(evidence: Evidence, language: Language) -> Iterator[str]:
    """Numbers that the claim takes for the least and the source for the most, or the other way round."""
    mine = bounds(evidence.said.text, language).sides
    theirs = {
        normal: side
        for clue in evidence.every
        for normal, side in bounds(clue.place.text, language).sides.items()
    }
    yield from (normal for normal, side in mine.items() if theirs.get(normal, side) != side)


def _repeated(sentence: str, passages: Sequence[str], language: Language) -> Clause | None:
    """Where the sentence, or each of several, is one of the passages' own."""
    mine = [flatten(span.of(sentence)) for span in split_sentences(sentence, language)]
    for number, passage in enumerate(passages):
        theirs = _sentences(passage, language)
        if mine and all(one in theirs for one in mine):
            span = theirs[mine[0]]
            return Clause(number, span, span.of(passage))
    return None


@lru_cache(maxsize=256)
def _sentences(passage: str, language: Language) -> dict[str, Span]:
    """A passage's sentences as they are compared; of equals the first."""
    return {
        flatten(span.of(passage)): span for span in reversed(split_sentences(passage, language))
    }


def _quoted(clue: Clue, passages: Sequence[str]) -> Clause:
    """The clause by itself, or its sentence where it needs it to be understood."""
    place = clue.place
    span = place.sentence_span if place.subject else place.span
    text = passages[clue.passage] if passages else ""
    return Clause(clue.passage, span, span.of(text))


def _quotations(sentence: str, evidence: str) -> list[Problem]:
    flat = flatten(evidence)
    return [
        Problem("quotation", words)
        for span in find_quotations(sentence)
        if flatten(words := span.of(sentence)) not in flat
    ]
