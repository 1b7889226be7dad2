"""Whether what a claim says of one, its source says of another."""

import re
from collections.abc import Sequence

from app.language.korean import morphemes
from app.language.types import Language
from app.review.evidence import Clue, Said
from app.review.places import Place, subject_of
from app.review.words import Word, bag_of, nearness, words_of


def other_subject(claim: Said, clues: Sequence[Clue], language: Language) -> str:
    """A subject of the claim, where the only clause that says the rest says it of another."""
    for mine in _subjects(claim.text, language):
        subject = words_of(mine, language)
        forms = {word.form for word in subject}
        if not subject or all(word.form in forms for word in claim.words):
            continue
        rest = [_rest(claim, clue, forms) for clue in clues]
        named = [_names_it(subject, clue.place, language) for clue in clues]
        best = max(rest)
        here = [score for score, there in zip(rest, named, strict=True) if there]
        there = clues[rest.index(best)].place
        place = bag_of(there.text if _BY.search(there.text) else there.whole, language)
        missing = [word for word in subject if not nearness(word, place)[0]]
        known = [
            word
            for word in missing
            if any(nearness(word, bag_of(clue.place.whole, language))[0] for clue in clues)
        ]
        told = any(
            word.kind == "v" and share and not turned
            for word, (share, turned) in zip(
                claim.words, clues[rest.index(best)].found.words, strict=True
            )
        )
        verbs = any(word.kind == "v" for word in claim.words)
        if (
            not best
            or not known
            or (verbs and not told)
            or max(here, default=0.0) >= best - _LITTLE
        ):
            continue
        whole = bag_of(claim.text, language)
        compared = _COMPARED[language].search(claim.text)
        second = bag_of(compared[1], language) if compared else None
        for theirs in _subjects(clues[rest.index(best)].place.whole, language):
            other = words_of(theirs, language)
            new = any(not nearness(word, whole)[0] for word in other)
            if other and (new or (second and all(nearness(word, second)[0] for word in other))):
                return mine
    return ""


_LITTLE = 0.2
_VERB = 1.4
"""What is done tells more than what else is named where the question is who does it."""
_COMPARED: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\bthan\s+(.+)", re.IGNORECASE),
    "ko": re.compile(r"([^\s]+)보다(?![가-힣])"),
}
_REPORTED = re.compile(
    r"^(?:[^\s,]+\s+){1,5}?that\s+(?=(?:the|a|an|its|their|his|her|all|no|most|many|some)\s|[A-Z])"
)
"""Who says something is not whom it is about: biologists report that the perch have moved."""
_BY = re.compile(
    r"\b(?:is|are|was|were|been|be)\s+(?:\w+ly\s+)?\w+\s+(?:\w+\s+){0,3}?by\s+(?:the\s+|an?\s+)?([^,.;]+?)(?=\s(?:in|on|at|for|with|to|from|after|before)\s|[,.;]|$)",
    re.IGNORECASE,
)


def _subjects(text: str, language: Language) -> list[str]:
    """Who or what a clause is about and who acts: by its first words or "by", in Korean by particles."""
    if language == "en":
        text = _REPORTED.sub("", text)
        by = _BY.search(text)
        return [by[1]] if by else [found for found in (subject_of(text),) if found]
    parsed = morphemes(text)
    found: list[str] = []
    for at, each in enumerate(parsed[1:], 1):
        noun = parsed[at - 1]
        marks = each.tag in {"JKS", "VCP"} or (each.tag == "JX" and each.form in {"은", "는", "만"})
        if marks and noun.tag.startswith(("NNG", "NNP", "SL", "XSN")):
            start = at - 1
            while start > 0 and parsed[start - 1].tag.startswith(("NNG", "NNP", "SL", "XPN")):
                start -= 1
            found.append(text[parsed[start].span.start : noun.span.end])
    return found


def _rest(claim: Said, clue: Clue, subject: set[str]) -> float:
    """How much a clause holds of a claim beside its subject."""
    return sum(
        (_VERB if word.kind == "v" else word.weight) * share
        for word, (share, turned) in zip(claim.words, clue.found.words, strict=True)
        if word.form not in subject and not turned
    )


def _names_it(subject: Sequence[Word], place: Place, language: Language) -> bool:
    # "It" takes no agent over: what is meant is whom the clause itself names behind "by".
    bag = bag_of(place.text if _BY.search(place.text) else place.whole, language)
    return all(nearness(word, bag)[0] for word in subject)
