"""Whether a claim and its evidence say yes or no to the same thing: negations, and words of the opposite sense.

"Not older than" for "younger than", "remains open" for "is not closed": each turns what is said round once, and
together they must come out even. A negation counts where the other text speaks of what it negates.
"""

import re
from collections.abc import Iterator

from app.language.english import FUNCTION_WORDS
from app.language.korean import morphemes
from app.language.types import Language
from app.review.bounds import bounds
from app.review.evidence import Evidence
from app.review.words import Bag, bag_of, nearness, words_of

_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|nowhere|unable)\b|n['’]t\b"
    r"|\b(?:avoid\w*|refus\w+ to|fail\w* to|declin\w+ to|lack\w*|(?:is|are|was|were|be) (?:banned|forbidden|prohibited)|(?<!is )(?<!are )(?<!be )used to(?! be \w+ed))\b",
    re.IGNORECASE,
)
_PLAIN = re.compile(r"not|never|no|none|nobody|nothing|neither|nor|without|cannot|hardly|barely|nowhere|unable|n['’]t", re.IGNORECASE)
_NOT_SO = re.compile(
    r"\bnot only\b|\bno matter\b|\bnothing but\b|\bno (?:more|less|fewer|later|earlier) than\b|\bno doubt\b", re.IGNORECASE
)
_STOP = re.compile(r"[,.;:()]|\b(?:and|but|or|because|since|although|while|which|who|that)\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][\w'’-]*")
_PREPOSITIONS = frozenset("in on at by with from of for to into onto through during after before until under over about as".split())
_GOVERNED = 2
"""Words behind a negation that it may be about: does not run an emergency room."""

_EXPLAINING: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:drop(?:s|ped|ping)?|stop(?:s|ped|ping)?|ceas\w+|end(?:s|ed)?|discontinu\w+|remov\w+|avoid\w*|reject\w*|refus\w*|"
        r"den(?:y|ies|ied)|lack\w*|fail\w*|abandon\w*|scrap\w*|ban(?:s|ned)?|prohibit\w*|forb[ia]d\w*|prevent\w*|exempt\w*|"
        r"exclud\w*|free|instead|rather|unless|except|lose|loses|lost|rarely|seldom|few|un\w{4,}|dis\w{5,}|last|alone|down)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"중단|그만|멈추|멈췄|끊|빼|빠[지졌진]|제외|제거|폐지|거부|거절|부인|금지|불가|막[는았아]|삼가|피[하해]|무료|공짜|대신|뿐|밖에|예외|면제|"
        r"불과|그치|그쳤|덜|드물|마지막|안 [되돼된됩]"
    ),
}
"""Words that deny something though no negation stands there. They excuse a difference and make none."""


def turned_round(evidence: Evidence, language: Language) -> str:
    """Return "sentence" or "source", whichever negates what the other does not; "" where they agree.

    Asked is the clause that speaks most of the same.
    """
    said, first = evidence.said, evidence.clues[0]
    there = first.place.whole
    mine = _negations(said.text, bag_of(evidence.text, language), language)
    theirs = _negations(there, bag_of(said.text, language), language)
    flips = sum(turned for _, turned in evidence.found.words) or sum(turned for _, turned in first.found.words)
    if (mine + theirs + flips) % 2 == 0:
        return ""
    return "sentence" if mine > theirs else "source"


def explained(evidence: Evidence, language: Language) -> bool:
    """Whether only one of the two has a word that denies without a negation."""
    mine = _EXPLAINING[language].search(evidence.said.text)
    theirs = _EXPLAINING[language].search(evidence.clues[0].place.whole)
    flips = any(turned for _, turned in evidence.found.words)
    return (mine is None) != (theirs is None) and not flips


def _negations(text: str, other: Bag, language: Language) -> int:
    """How often a text negates of what the other speaks too, phrases aside that have a sense of their own."""
    bare = bounds(text, language).rest
    count = 0
    for governed, denies in _korean(bare) if language == "ko" else _english(bare):
        words = words_of(governed, language)
        known = denies and any(nearness(word, other)[0] for word in words_of(denies, language))
        count += not known and (not words or any(nearness(word, other)[0] for word in words))
    phrases = [
        word
        for word in words_of(text, language)
        if _NEGATIVE[language] & set(word.form.split("_")) and "_" in word.form and nearness(word, other)[0]
    ]
    return max(0, count - len(phrases))


_NEGATIVE: dict[Language, frozenset[str]] = {
    "en": frozenset("no not noth nothing without never".split()),
    "ko": frozenset("않 안 못 못하 없 말".split()),
}


def _english(text: str) -> Iterator[tuple[str, str]]:
    """What is negated, with the verb that denies it where no plain negation stands."""
    text = _NOT_SO.sub(" ", text)
    for negation in _NEGATION.finditer(text):
        tail = _STOP.split(text[negation.end() :], maxsplit=1)[0]
        count = end = 0
        for word in _WORD.finditer(tail):
            low = word[0].lower()
            end = word.end()
            if low in _PREPOSITIONS and count:
                break  # with it, for a verb may be one with its preposition: look at
            count += low not in FUNCTION_WORDS and low != "longer"
            if count == _GOVERNED:
                break
        plain = _PLAIN.fullmatch(negation[0]) is not None
        yield tail[:end], "" if plain else negation[0]


_AFTER = {"않": ("VX",), "못하": ("VX",), "말": ("VX",), "아니하": ("VX",), "없": ("VA", "VV"), "아니": ("VCN",)}
_BEFORE = {"못": ("MAG",), "안": ("MAG",)}
_CONTENT = ("NNG", "NNP", "XR", "SL", "VV", "VA", "NP")


def _korean(text: str) -> Iterator[tuple[str, str]]:
    parsed = morphemes(_NOT_SO_KO.sub(" ", text))
    for at, each in enumerate(parsed):
        if each.tag.startswith(_AFTER.get(each.form, ("-",))):
            before = [one for one in parsed[:at] if one.tag.startswith(_CONTENT) and one.form not in {"하", "되", "있"}]
            yield (_written(before[-1].form, before[-1].tag) if before else ""), ""
        elif each.tag.startswith(_BEFORE.get(each.form, ("-",))):
            behind = [one for one in parsed[at + 1 :] if one.tag.startswith(_CONTENT)]
            yield (_written(behind[0].form, behind[0].tag) if behind else ""), ""
        elif each.form in _DENYING and each.tag.startswith(("NN", "XR")):
            before = [one for one in parsed[:at] if one.tag.startswith(_CONTENT)]
            yield (_written(before[-1].form, before[-1].tag) if before else ""), each.form


_DENYING = frozenset("금지 불가 불가능 거부 거절 제외".split())
_NOT_SO_KO = re.compile(r"뿐만? 아니라|아니라|[가-힣]+\s?아닌 (?:이상|한)")


def _written(form: str, tag: str) -> str:
    """A morpheme as a word that is read as the same again."""
    return f"{form}다" if tag.startswith("V") else form
