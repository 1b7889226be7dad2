"""Whether a claim and its evidence say yes or no to the same thing: negations, and words of the opposite sense.

"Not older than" for "younger than", "remains open" for "is not closed": each turns what is said round once, and
together they must come out even. A negation counts where the other text speaks of what it negates.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from app.language.korean import morphemes
from app.language.names import negations
from app.language.types import Language
from app.review.bounds import bounds
from app.review.evidence import JOINTS, Clue, Evidence
from app.review.words import Bag, Word, bag_of, nearness, words_of

_NOT = "no longer|not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|nowhere|unable"
_NEGATION = re.compile(
    rf"\b(?:{_NOT})\b|n['’]t\b"
    r"|\b(?:avoid\w*|refus\w+ to|fail\w* to|declin\w+ to|lack\w*|(?:is|are|was|were|be) (?:banned|forbidden"
    r"|prohibited)|(?<!is )(?<!are )(?<!be )used to(?! be \w+ed))\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"{_NOT}|n['’]t", re.IGNORECASE)
_NOT_SO = re.compile(
    r"\bnot only\b|\bno matter\b|\bnothing but\b|\bno (?:more|less|fewer|later|earlier) than\b|\bno doubt\b",
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[,.;:()]|\b(?:and|but|or|because|since|although|while|which|who|that)\b", re.IGNORECASE
)
_PREPOSITION = re.compile(
    r"\b(?:in|on|at|by|with|from|of|for|into|onto|through|during|after|before|until|under|over|about|as)\b",
    re.IGNORECASE,
)
_GOVERNED = 2
"""Words behind a negation that it may be about: does not run an emergency room."""


def turned_round(evidence: Evidence, language: Language) -> str:
    """Return "sentence" or "source", whichever negates what the other does not; "" where they agree.

    Asked is the clause that has most of what the claim says of its subject; of equals the one that has more.
    """
    said = evidence.said
    first = evidence.clues[0]
    if not any(turned for _, turned in first.found.words):
        first = max(evidence.clues, key=lambda clue: _told(evidence, clue))  # of equals the first
    there = first.place.whole
    mine = _negations(said.text, bag_of(evidence.text, language), language)
    theirs = _negations(there, bag_of(said.text, language), language)
    flips = sum(turned for _, turned in evidence.found.words) or sum(
        turned for _, turned in first.found.words
    )
    if (mine + theirs + flips) % 2 == 0:
        return ""
    if len(evidence.clues) > 1 and JOINTS[language].search(said.text):
        # Of two clauses each may have its own clause of the source, with its own negation.
        claim = bag_of(said.text, language)
        every = sum(_negations(clue.place.whole, claim, language) for clue in evidence.clues)
        if (mine + every + flips) % 2 == 0:
            return ""
    return "sentence" if mine > theirs else "source"


_COPIED_FROM = 0.7
_WORDS = re.compile(r"[^\W_]+(?:['’]t)?")


def copied_but_for_negation(evidence: Evidence, language: Language) -> bool:
    """Whether a claim repeats a source's sentence nearly word for word and only negates more or less.

    Where the words are the source's own, each negation counts, whatever it is about.
    """
    mine = Counter(_WORDS.findall(evidence.said.text.casefold()))
    for sentence in dict.fromkeys(clue.place.sentence for clue in evidence.every):
        theirs = Counter(_WORDS.findall(sentence.casefold()))
        shared = (mine & theirs).total()
        if shared >= _COPIED_FROM * max(mine.total(), theirs.total()):
            return negations(evidence.said.text, language) != negations(sentence, language)
    return False


def _told(evidence: Evidence, clue: Clue) -> float:
    return round(
        sum(
            word.weight * share
            for word, (share, _) in zip(evidence.said.words, clue.found.words, strict=True)
            if word.kind in {"v", "a"}
        ),
        3,
    )


def _negations(text: str, other: Bag, language: Language) -> int:
    """How often a text negates of what the other speaks too, phrases aside that have a sense of their own."""
    bare = bounds(text, language).rest
    count = 0
    for words, denies in _korean(bare) if language == "ko" else _english(bare):
        known = denies and any(nearness(word, other)[0] for word in words_of(denies, language))
        count += not known and (not words or any(nearness(word, other)[0] for word in words))
    phrases = [
        word
        for word in words_of(text, language)
        if _NEGATIVE[language] & set(word.form.split("_"))
        and "_" in word.form
        and nearness(word, other)[0]
    ]
    return max(0, count - len(phrases))


_NEGATIVE: dict[Language, frozenset[str]] = {
    "en": frozenset("no not noth nothing without never".split()),
    "ko": frozenset("않 안 못 못하 없 말".split()),
}


def _english(text: str) -> Iterator[tuple[Sequence[Word], str]]:
    """What is negated, with the verb that denies it where no plain negation stands."""
    text = _NOT_SO.sub(" ", text)
    for negation in _NEGATION.finditer(text):
        tail = _STOP.split(text[negation.end() :], maxsplit=1)[0]
        governed = words_of(tail, "en")[:_GOVERNED]
        reached = _PREPOSITION.search(tail.lstrip(), 1)
        if reached is not None:
            near = words_of(tail.lstrip()[: reached.start()], "en")
            # What stands behind a preposition is not meant, but a phrase may hold one: proof of purchase.
            governed = governed[: max(1, len(near))] if near else governed[:1]
        plain = _PLAIN.fullmatch(negation[0]) is not None
        yield governed, "" if plain else negation[0]


_AFTER = {
    "않": ("VX",),
    "못하": ("VX",),
    "말": ("VX",),
    "아니하": ("VX",),
    "없": ("VA", "VV"),
    "아니": ("VCN",),
}
_BEFORE = {"못": ("MAG",), "안": ("MAG",)}
_CONTENT = ("NNG", "NNP", "XR", "SL", "VV", "VA", "NP")


def _korean(text: str) -> Iterator[tuple[Sequence[Word], str]]:
    parsed = morphemes(_NOT_SO_KO.sub(" ", text))
    for at, each in enumerate(parsed):
        if each.tag.startswith(_AFTER.get(each.form, ("-",))):
            before = [
                one
                for one in parsed[:at]
                if one.tag.startswith(_CONTENT) and one.form not in {"하", "되", "있"}
            ]
            last = before[-2:] if each.form == "없" else before[-1:]
            yield words_of(" ".join(_written(one.form, one.tag) for one in last), "ko"), ""
        elif each.tag.startswith(_BEFORE.get(each.form, ("-",))):
            behind = [one for one in parsed[at + 1 :] if one.tag.startswith(_CONTENT)]
            yield words_of(_written(behind[0].form, behind[0].tag) if behind else "", "ko"), ""
        elif each.form in _DENYING and each.tag.startswith(("NN", "XR")):
            before = [one for one in parsed[:at] if one.tag.startswith(_CONTENT)]
            yield (
                words_of(_written(before[-1].form, before[-1].tag) if before else "", "ko"),
                each.form,
            )


_DENYING = frozenset("금지 불가 불가능 거부 거절 제외".split())
_NOT_SO_KO = re.compile(r"뿐만? 아니라|아니라|[가-힣]+\s?아닌 (?:이상|한)")


def _written(form: str, tag: str) -> str:
    """A morpheme as a word that is read as the same again."""
    return f"{form}다" if tag.startswith("V") else form
