"""The grounded path: may a sentence in somebody's own wording stand on the passages it quotes?

Nothing here understands the sentence. It looks for what a wrong sentence nearly always shows: a
number, name or quotation that the passages do not have, a turned negation or direction, a swapped
comparison, words of which the passages say nothing. A sentence that passes can still be wrong.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from app.language.english import FUNCTION_WORDS
from app.language.names import find_names, find_quotations, negations
from app.language.sentences import split_sentences
from app.language.stems import content_stems
from app.language.types import Language
from app.review.directions import comparands, turned
from app.review.verdict import Problem, Verdict
from app.seo.amounts import Known, amounts

SUPPORTED_FROM = 0.75
"""Content-word coverage from which a sentence without another problem counts as supported."""
PARTLY_FROM = 0.5
"""Below it the passages do not speak of what the sentence says."""

_CLAUSE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"[;:,]\s+|\s+(?:but|while|whereas|although|though|because)\s+"),
    "ko": re.compile(r"[;:,]\s+|(?<=지만)\s+|(?<=으며)\s+|(?<=는데)\s+|(?<=니와)\s+"),
}

_NUMERAL = re.compile(r"[\d.,]+$|[만억조천백십]$")
"""Numbers are compared by amount, not as words."""
_DIGITS = "-.0123456789"
_UNIT_WORDS = re.compile(
    r"(?<=\d)\s?(metres?|meters?|feet|foot|miles?|inch(?:es)?|yards?|kilomet\w+|pounds?|ounces?"
    r"|grams?|kilograms?|tons?|tonnes?|lit(?:er|re)s?|gallons?|degrees?|points?|watts?|volts?"
    r"|euros?|미터|킬로미터|센티미터|피트|마일|인치|그램|킬로그램|톤|파운드|리터|갤런|유로|와트|볼트|포인트)",
    re.IGNORECASE,
)
"""Units after digits beyond those that numbers carry; one that the source never uses is wrong."""

_FOLLOWING = 2
"""Words after the first that two sentences share if one is the other with its subject replaced."""

_INNER_CAPITAL = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*")
_FIRST_NAME = re.compile(r"\W*([A-Z]\w+)(?<!ing)\s+[A-Z]\w")
"""A first word that a capitalised one follows is taken for the beginning of a name."""


def ground(sentence: str, passages: Sequence[str], language: Language) -> Verdict:
    """Judge a sentence by the passages it quotes.

    Unsupported: a number, name, quotation, negation, direction or comparison that the passages do
    not bear out, or coverage under `PARTLY_FROM`. Partly: coverage under `SUPPORTED_FROM`, or
    numbers in another order than the source's.
    """
    evidence = "\n".join(passages)
    stems = {stem for stem in content_stems(sentence, language) if not _NUMERAL.match(stem)}
    known = _known(stems, evidence, language)
    coverage = len(known) / len(stems) if stems else 1.0
    near = [_nearest(stems, passage, language) for passage in passages]
    nearest = max(near, key=lambda text: len(stems & set(content_stems(text, language))))
    fatal = [
        *_numbers(sentence, passages, language),
        *_quotations(sentence, evidence),
        *_names(sentence, evidence, language),
        *_negation(sentence, nearest, near, language),
        *_directions(sentence, "\n".join(near), language),
        *_comparison(sentence, evidence, language),
        *_subject(sentence, near, evidence, language),
    ]
    missing = ", ".join(sorted(stems - known))
    if coverage < PARTLY_FROM:
        fatal.append(Problem("coverage", f"the source does not speak of: {missing}"))
    if fatal:
        return Verdict("unsupported", tuple(fatal), coverage)
    soft = _order(sentence, nearest, language)
    if coverage < SUPPORTED_FROM:
        soft.append(Problem("coverage", f"the source does not speak of: {missing}"))
    return Verdict("partly" if soft else "supported", tuple(soft), coverage)


def _known(stems: set[str], evidence: str, language: Language) -> set[str]:
    """Those of the stems that the evidence has.

    The Korean analyser parts one noun differently in different company (방문자, 방문 + 자), so two
    syllables found in the evidence's letters count too.
    """
    known = stems & set(content_stems(evidence, language))
    if language == "ko":
        known |= {stem for stem in stems if len(stem) > 1 and stem in evidence.casefold()}
    return known


def _nearest(stems: set[str], passage: str, language: Language) -> str:
    """The passage's sentence that shares most words with the claim; ties go to the shorter."""
    best, best_score = passage, -1.0
    for span in split_sentences(passage, language):
        text = span.of(passage)
        own = set(content_stems(text, language))
        score = len(stems & own) - len(own) / 1000
        if score > best_score:
            best, best_score = text, score
    return best


def _clause(stems: set[str], sentence: str, language: Language) -> str:
    """The clause of a source sentence that shares most words with the claim."""
    clauses = [part for part in _CLAUSE[language].split(sentence) if part.strip()]
    return max(
        clauses,
        key=lambda part: len(stems & set(content_stems(part, language))),
        default=sentence,
    )


def _numbers(sentence: str, passages: Sequence[str], language: Language) -> list[Problem]:
    known = Known(passages, language)
    found = [
        Problem("number", number.text)
        for number, forms in amounts(sentence, language)
        if not known.holds(forms)
    ]
    evidence = "\n".join(passages).casefold()
    units = _UNIT_WORDS.findall(sentence)
    found.extend(Problem("number", unit) for unit in units if unit.casefold() not in evidence)
    return found


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


def _names(sentence: str, evidence: str, language: Language) -> list[Problem]:
    flat = _flat(evidence)
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
    sentence: str, nearest: str, near: Sequence[str], language: Language
) -> list[Problem]:
    """As many negations (mod 2) as the source's sentence, or as its one clause that is meant."""
    mine = negations(sentence, language) % 2
    theirs = negations(nearest, language) % 2
    together = sum(negations(text, language) for text in near) % 2
    if mine in {theirs, together}:
        return []
    stems = set(content_stems(sentence, language))
    clause = _clause(stems, nearest, language)
    rest = stems & set(content_stems(nearest, language)) - set(content_stems(clause, language))
    if not rest and clause != nearest and negations(clause, language) % 2 == mine:
        return []
    return [Problem("negation", "the sentence negates" if mine else "the source negates")]


def _directions(sentence: str, source: str, language: Language) -> list[Problem]:
    return [
        Problem("direction", f"{axis} {sign}") for axis, sign in turned(sentence, source, language)
    ]


def _comparison(sentence: str, evidence: str, language: Language) -> list[Problem]:
    """What something is compared with must be what the source compares it with."""
    theirs = [set(content_stems(words, language)) for words in comparands(evidence, language)]
    if not theirs:
        return []
    return [
        Problem("comparison", words)
        for words in comparands(sentence, language)
        if (mine := set(content_stems(words, language))) and not any(mine & one for one in theirs)
    ]


_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"'})


def _flat(text: str) -> str:
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return " ".join(text.split()).casefold().strip(" \"'.,")
