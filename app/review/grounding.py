"""The grounded path: may a sentence in somebody's own wording stand on the passages it quotes?

Nothing here understands the sentence. It looks for what a wrong sentence nearly always shows: a
number, name or quotation that the passages do not have, a turned negation or direction, a swapped
comparison, words of which the passages say nothing. A sentence that passes can still be wrong.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from app.language.english import FUNCTION_WORDS
from app.language.names import find_names, find_quotations, negations
from app.language.sentences import split_sentences
from app.language.types import Language, Span
from app.review.contradiction import SAME_FROM, contradicts
from app.review.directions import alike, turned
from app.review.figures import wrong_numbers
from app.review.limits import held_back
from app.review.objects import acted_otherwise
from app.review.places import Place, find_places
from app.review.replacement import replaced
from app.review.roles import compared_otherwise, exchanged
from app.review.synonyms import reworded
from app.review.verdict import SEVERITY, Clause, Problem, Verdict
from app.review.wording import content, known
from app.seo.amounts import amounts

SUPPORTED_FROM = 0.75
"""Content-word coverage from which a sentence without another problem counts as supported."""
PARTLY_FROM = 0.5
"""Below it the passages do not speak of what the sentence says."""

_DIGITS = "-.0123456789"

_FOLLOWING = 2
"""Words after the first that two sentences share if one is the other with its subject replaced."""

_INNER_CAPITAL = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*")
_FIRST_NAME = re.compile(r"\W*([A-Z]\w+)(?<!ing)\s+[A-Z]\w")
"""A first word that a capitalised one follows is taken for the beginning of a name."""


def ground(sentence: str, passages: Sequence[str], language: Language) -> Verdict:
    """Judge a sentence by the passages it quotes, of which there is at least one.

    It is held against one clause of each passage, the one that shares most words with it, or, if it has
    clauses itself, each of them against its own.

    - Contradicted: the clause speaks of the same (coverage from `SAME_FROM`, the differing word aside) and
      has another number, name, negation, direction, comparison or limit.
    - Unsupported: one of these that the clause does not bear out, or coverage under `PARTLY_FROM`.
    - Partly: coverage under `SUPPORTED_FROM`, a word that stands only in another clause, numbers in another
      order than the source's, or one of several clauses of which the source is silent.
    """
    own = _repeated(sentence, passages, language)
    if own is not None:
        return Verdict("supported", clause=own)
    said = reworded(sentence, language)
    rest = [reworded(passage, language) for passage in passages]
    evidence = "\n".join(rest)
    whole = _judge(Place(said, "", said), passages, evidence, language)
    if whole.status == "supported":
        return whole
    parts = find_places(said, language)
    if len(parts) < 2:  # noqa: PLR2004  # one clause is the whole
        return whole
    verdicts = [_judge(part, passages, evidence, language) for part in parts]
    return _of_parts(verdicts, whole)


def _of_parts(verdicts: Sequence[Verdict], whole: Verdict) -> Verdict:
    """The verdict on a sentence by those on its clauses."""
    worst = max(verdicts, key=lambda verdict: SEVERITY[verdict.status])
    if worst.status == "supported":
        return min(verdicts, key=lambda verdict: verdict.coverage)
    if worst.status == "contradicted" or whole.status == "contradicted":
        return worst if worst.status == "contradicted" else whole
    silent = [verdict for verdict in verdicts if verdict.status != "supported"]
    told = len(silent) < len(verdicts)
    if told and all(verdict.coverage < SAME_FROM for verdict in silent):
        return replace(worst, status="partly", coverage=whole.coverage)
    return whole


def strange(words: str, texts: Sequence[str], language: Language) -> Verdict:
    """Judge words that sum up many sentences, as a title does, by all of them at once.

    Only numbers, names and quotations count, and coverage; what is said of what is not looked at.
    """
    everything = "\n".join(texts)
    stems = content(words, language)
    covered = known(stems, everything, language)
    problems = (
        *wrong_numbers(words, [Place(everything, "", everything)], language),
        *_quotations(words, everything),
        *_names(words, everything, language),
    )
    coverage = len(covered) / len(stems) if stems else 1.0
    return Verdict("unsupported" if problems else "supported", problems, coverage)


def _repeated(sentence: str, passages: Sequence[str], language: Language) -> Clause | None:
    """Where the sentence is one of the passages' own."""
    mine = _flat(sentence)
    for number, passage in enumerate(passages):
        for span in split_sentences(passage, language):
            if mine == _flat(span.of(passage)):
                return Clause(number, span, span.of(passage))
    return None


@dataclass(frozen=True, slots=True)
class _Choice:
    """A passage's clause that a claim is held against: as it is compared, and as it stands there."""

    passage: int
    place: Place
    found: Place

    def quoted(self, passages: Sequence[str]) -> Clause:
        """The clause by itself, or its sentence where it needs it to be understood."""
        span = self.found.sentence_span if self.found.subject else self.found.span
        return Clause(self.passage, span, span.of(passages[self.passage]))


def _judge(claim: Place, passages: Sequence[str], evidence: str, language: Language) -> Verdict:
    """Judge one clause, with the subject that it takes over, by the best place of each passage.

    Where several places of one passage have every word, any of them may bear it out.
    """
    stems = content(claim.whole, language)
    choices = [
        _nearest(stems, number, passage, language) for number, passage in enumerate(passages)
    ]
    first = [found[0] for found in choices]
    best = _quoted(stems, first, passages, language)
    verdict = replace(_by_places(claim.whole, stems, first, evidence, language), clause=best)
    for index, found in enumerate(choices):
        for other in found[1:]:
            if verdict.status == "supported":
                return verdict
            tried = _by_places(
                claim.whole, stems, [*first[:index], other, *first[index + 1 :]], evidence, language
            )
            if tried.status == "supported":
                verdict = replace(tried, clause=other.quoted(passages))
    return verdict


def _quoted(
    stems: set[str], choices: Sequence[_Choice], passages: Sequence[str], language: Language
) -> Clause:
    best = max(choices, key=lambda each: len(known(stems, each.place.whole, language)))
    return best.quoted(passages)


def _by_places(
    sentence: str, stems: set[str], choices: Sequence[_Choice], evidence: str, language: Language
) -> Verdict:
    places = [choice.place for choice in choices]
    near = [place.whole for place in places]
    best = max(places, key=lambda place: len(known(stems, place.whole, language)))
    there = "\n".join(near)
    covered = known(stems, there, language) | alike(stems, there, language)
    coverage = len(covered & stems) / len(stems) if stems else 1.0
    astray = known(stems - covered, evidence, language)
    fatal = [
        *wrong_numbers(sentence, places, language),
        *_quotations(sentence, evidence),
        *_names(sentence, there, language),
        *_negation(sentence, best, places, language),
        *_directions(sentence, there, language),
        *compared_otherwise(sentence, there, language),
        *_subject(sentence, near, there, language),
        *exchanged(sentence, best, language),
        *acted_otherwise(sentence, best, language),
        *held_back(sentence, best, language),
    ]
    missing = ", ".join(sorted(stems - covered))
    if coverage < PARTLY_FROM:
        fatal.append(Problem("coverage", f"the source does not speak of: {missing}"))
    if fatal:
        same = contradicts(sentence, stems, covered & stems, fatal, best, language=language)
        return Verdict("contradicted" if same else "unsupported", tuple(fatal), coverage)
    soft = _order(sentence, best.whole, language)
    swapped = replaced(sentence, stems, covered, best, language)
    for word, other in swapped:
        # What the source says of something else, and of this another thing.
        if word in astray and (len(stems) - 1) * SAME_FROM <= len(covered & stems):
            wrong = (Problem("replaced", f"{word}, {other}"),)
            return Verdict("contradicted", wrong, coverage)
        soft.append(Problem("replaced", f"{word}, {other}"))
    if astray:
        elsewhere = ", ".join(sorted(astray))
        soft.append(Problem("coverage", f"the source says it elsewhere of: {elsewhere}"))
    elif coverage < SUPPORTED_FROM:
        soft.append(Problem("coverage", f"the source does not speak of: {missing}"))
    return Verdict("partly" if soft else "supported", tuple(soft), coverage)


def _nearest(stems: set[str], number: int, passage: str, language: Language) -> list[_Choice]:
    """The passage's clauses that share most words with the claim, best first; several only if they have all.

    Ties go to the one that has the words itself, then to the shorter.
    """

    def score(choice: _Choice) -> tuple[int, int, int]:
        place = choice.place
        shared = len(known(stems, place.whole, language))
        own = content(place.text, language)
        return shared, len(known(stems, place.text, language)), -len(own)

    choices = [
        _Choice(number, _reworded(place, language), place)
        for place in find_places(passage, language)
    ]
    ranked = sorted(choices, key=score, reverse=True)
    complete = [choice for choice in ranked if score(choice)[0] == len(stems)]
    whole = Span(0, len(passage))
    alone = Place(passage, "", passage, whole, whole)
    return complete or ranked[:1] or [_Choice(number, alone, alone)]


def _reworded(place: Place, language: Language) -> Place:
    return replace(
        place,
        text=reworded(place.text, language),
        subject=reworded(place.subject, language),
        sentence=reworded(place.sentence, language),
    )


def _order(sentence: str, nearest: str, language: Language) -> list[Problem]:
    """Two numbers of one unit that the source names the other way round."""
    mine = [(number.text, max(forms, key=len)) for number, forms in amounts(sentence, language)]
    theirs = [max(forms, key=len) for _, forms in amounts(nearest, language)]
    for (first, one), (second, two) in pairwise(mine):
        alike = one != two and one.lstrip(_DIGITS) == two.lstrip(_DIGITS)
        if not alike or not {one, two} <= set(theirs):
            continue
        if theirs.index(one) > len(theirs) - 1 - theirs[::-1].index(two):
            return [Problem("order", f"{first}, {second}")]
    return []


def _quotations(sentence: str, evidence: str) -> list[Problem]:
    flat = _flat(evidence)
    return [
        Problem("quotation", words)
        for span in find_quotations(sentence)
        if _flat(words := span.of(sentence)) not in flat
    ]


def _names(sentence: str, there: str, language: Language) -> list[Problem]:
    flat = _flat(there)
    names = find_names(sentence, language)
    first = _FIRST_NAME.match(sentence)
    names.extend(_INNER_CAPITAL.findall(sentence))
    if language == "en" and first and first[1].casefold() not in FUNCTION_WORDS:
        names.append(first[1])
    return [Problem("name", name) for name in names if _flat(name) not in flat]


def _subject(
    sentence: str, near: Sequence[str], evidence: str, language: Language
) -> list[Problem]:
    """A first word that the source has not, where a sentence of it goes on in the same words.

    A name at a sentence's start is as large as any word there; "Oslo offers the option" for "HAProxy
    offers the option" shows only by what follows.
    """
    first, *rest = sentence.split()
    bare = first.strip("\"'“‘(,.").casefold()
    if language != "en" or len(rest) < _FOLLOWING or bare in FUNCTION_WORDS:
        return []
    if bare in evidence.casefold():
        return []
    goes_on = _flat(" ".join(rest[:_FOLLOWING]))
    same = [text for text in near if _flat(" ".join(text.split()[1 : 1 + _FOLLOWING])) == goes_on]
    return [Problem("name", first)] if same else []


def _negation(
    sentence: str, best: Place, places: Sequence[Place], language: Language
) -> list[Problem]:
    """As many negations as the source's clause, or as all of them together.

    Two are not taken for none: they may belong to two different words.
    """
    mine, theirs = negations(sentence, language), negations(best.whole, language)
    if mine in {theirs, sum(negations(place.whole, language) for place in places)}:
        return []
    return [Problem("negation", "the sentence negates" if mine > theirs else "the source negates")]


def _directions(sentence: str, source: str, language: Language) -> list[Problem]:
    return [
        Problem("direction", f"{axis} {sign}") for axis, sign in turned(sentence, source, language)
    ]


_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"'})


def _flat(text: str) -> str:
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return " ".join(text.split()).casefold().strip(" \"'.,")
