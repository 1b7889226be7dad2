"""What a source holds back and a claim may not leave out: perhaps, few, except, instead of, only for members.

The lists are closed, short and of words without a subject of their own.
"""

import itertools
import re
from collections.abc import Iterator

from app.language.korean import morphemes
from app.language.names import negations
from app.language.numbers import find_numbers
from app.language.stems import content_stems
from app.language.types import Language
from app.review.places import Place
from app.review.verdict import Problem

_HELD_BACK: dict[Language, tuple[re.Pattern[str], ...]] = {
    "en": tuple(
        re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
        for words in (
            r"might|perhaps|possibly|probably|may (?:have|be|soon)",
            (
                r"plans? to|planned to|planned|propos\w+|intend\w*|hopes?|hoped|"
                r"expected|due to|tr(?:y|ies|ied) to|is to|are to|going to|aims?"
            ),
            r"claim(?:s|ed) that|alleg\w+|reportedly|supposed\w*|rumou?r\w*|believed to|thought to|said to",
            r"hardly|rarely|seldom|scarcely|almost no",
            r"(?:second|third|fourth|fifth)[- ](?:most|\w+est)|one of the|among the",
            r"unless|except\w*|apart from|other than",
            r"unlike|in contrast to",
        )
    ),
    "ko": tuple(
        re.compile(words)
        for words in (
            r"계획|예정|검토|전망|추진|제안|기로 했",
            r"주장|소문|의혹|추정|추측|가능성|지도 모르|수도 있|것으로 보|듯하|듯싶",
            r"드물|드문|거의 없|극히|(?<!\d)일부",
            r"번째로 (?:가장|큰|많|높|긴|넓)|[가-힣]+ (?:중|가운데) 하나|손꼽",
            r"제외|빼고|외에는|예외",
        )
    ),
}
"""Families of words: where the source has one and the claim none of its family, the claim says more.
The last works both ways: what a claim sets apart, its source must."""

_INSTEAD: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:instead of|rather than|except(?: for| on| in| at)?)\s+"
        r"(?:the\s+|an?\s+|on\s+|in\s+|at\s+|by\s+)?(?P<x>\w+)",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"(?P<x>[^\s]+?)(?:이|가|을|를)?\s?(?:대신(?!하)|말고|아니라(?!면)|아닌|제외하고|제외한|빼고)"
    ),
}
"""What stands after "instead of", or before 대신: what is not so."""

_ONLY_EN = re.compile(
    r"\b(?:only|exclusively|solely)\s+(?:for|to|in|on|at|by|with|from|if|when|after|before)?\s*(?:the\s+|an?\s+)?(?P<x>[^\W\d_]\w*)",
    re.IGNORECASE,
)


def held_back(sentence: str, place: Place, language: Language) -> list[Problem]:
    """What limits the source's clause and not the claim, and a reason that only the claim gives."""
    there = place.whole
    limits = [
        word[0]
        for pattern in _HELD_BACK[language]
        if (word := pattern.search(there))
        and not pattern.search(sentence)
        and not (
            pattern is _HELD_BACK[language][-2 if language == "en" else -1]
            and negations(sentence, language)
        )
    ]
    limits.extend(
        word[0]
        for pattern in (_INSTEAD[language], _HELD_BACK[language][-1])
        if (word := pattern.search(sentence)) and not pattern.search(there)
    )
    found = [Problem("limit", words) for words in limits]
    if (why := _CAUSE[language].search(sentence)) and not _REASON[language].search(place.sentence):
        found.append(Problem("cause", why[0].strip()))
    words = [*_instead(sentence, there, language)]
    words.extend(_only(sentence, there, language))
    words.extend(_by_or_to(sentence, there, language))
    return [*found, *(Problem("direction", each) for each in words)]


def hedged(sentence: str, there: str, language: Language) -> bool:
    """Whether the claim calls planned, possible or said what the source does not."""
    return any(
        pattern.search(sentence) and not pattern.search(there)
        for pattern in _HELD_BACK[language][:3]
    )


_CAUSE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:because|due to|owing to|thanks to|as a result of|caused by)\b", re.IGNORECASE
    ),
    "ko": re.compile(r"때문|덕분|덕에|탓|(?<=[으므])로 인해|로 말미암"),
}
"""A claim that says why, where the source gives no reason, says more."""
_REASON: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:because|due|owing|thanks|result\w*|caus\w+|since|as|so|why|therefore|reason\w*|led)\b|[:;]",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"때문|덕|탓|인해|말미암|이유|원인|까닭|[아어해]서|니까|므로|자 |면서"),
}


def _instead(sentence: str, there: str, language: Language) -> Iterator[str]:
    """The claim says what the source says is not so."""
    pattern = _INSTEAD[language]
    if pattern.search(sentence):
        return
    mine = set(content_stems(sentence, language))
    for match in pattern.finditer(there):
        said = set(content_stems(match["x"], language))
        rest = set(content_stems(there[: match.start()] + there[match.end() :], language))
        if said and said <= mine - rest:
            yield match[0]


def _only(sentence: str, there: str, language: Language) -> Iterator[str]:
    """The source says it of some only, whom the claim does not name."""
    mine = set(content_stems(sentence, language))
    if language == "en":
        for match in _ONLY_EN.finditer(there):
            if not set(content_stems(match["x"], language)) <= mine:
                yield match[0]
        return
    parsed = morphemes(there)
    for noun, particle in itertools.pairwise(parsed):
        limits = particle.tag == "JX" and particle.form in {"만", "뿐"}
        if limits and noun.tag in {"NNG", "NNP"} and noun.form.lower() not in mine:
            yield f"{noun.form}{particle.form}"


_BEFORE = re.compile(r"\b(by|to|from|until|till|since)\s+(?:about\s+|around\s+)?$", re.IGNORECASE)
_UNTIL = {"till": "until"}
_FROM_ON = re.compile(r"([^\s]+?)(부터|까지)")
_CHANGES = re.compile(r"올[랐라린]|오[르른]|늘|줄|내[렸려린]|떨어|증가|감소|인상|인하|상승|하락")
_BECOMES = re.compile(r"\s?(?:으로|로)\s")


def _by_or_to(sentence: str, there: str, language: Language) -> Iterator[str]:
    """Rose by 30 for rose to 30; until March for from March; 만 원 올랐다 for 만 원으로 올랐다."""
    theirs: dict[str, set[str]] = {}
    for normal, mark in _marks(there, language):
        theirs.setdefault(normal, set()).add(mark)
    for normal, mark in _marks(sentence, language):
        if (
            normal in theirs
            and mark not in theirs[normal]
            and ((mark and any(theirs[normal])) or (language == "ko" and _CHANGES.search(sentence)))
        ):
            yield f"{mark} {normal}".strip()
    if language == "ko":
        known = set(_FROM_ON.findall(there))
        other = {"부터": "까지", "까지": "부터"}
        for word, mark in _FROM_ON.findall(sentence):
            if (word, mark) not in known and (word, other[mark]) in known:
                yield word + mark
    else:
        for word in re.findall(r"\b(?:until|till)\s+(?:the\s+)?(\w+)", sentence, re.IGNORECASE):
            if re.search(rf"\b(?:from|since)\s+(?:the\s+)?{word}\b", there, re.IGNORECASE):
                yield f"until {word}"


def _marks(text: str, language: Language) -> Iterator[tuple[str, str]]:
    """Each number with the word before it (by, to, from), in Korean whether 으로 follows."""
    for number in find_numbers(text, language):
        if language == "en":
            before = _BEFORE.search(text[: number.span.start])
            mark = before[1].lower() if before else ""
            yield number.normal, _UNTIL.get(mark, mark)
        elif number.unit and number.value is not None:
            yield number.normal, "으로" if _BECOMES.match(text, number.span.end) else ""
