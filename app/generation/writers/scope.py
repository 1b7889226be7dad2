"""What turns a statement into another one and leaves nearly all its words: closed checks.

What a negation is about: "recommended but not required" has the words of "required but not
recommended". Another period: "once a month" for "once a week" is one word of ten, which coverage
forgives. A cause between facts that name none. Must, should and may.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

from app.language.korean import morphemes
from app.language.stems import content_stems
from app.language.types import Language

_NOT = re.compile(
    r"(?<!-)\b(?:not|never|no|cannot|without|neither|nor)\b(?!-)|n['’]t\b", re.IGNORECASE
)
"""Not within a name such as `no-store`."""
_NOT_KO = frozenset({"않", "못하", "없", "아니", "말"})
_NOT_BEFORE_KO = frozenset({"안", "못"})

_PERIOD: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:(?:milli|micro|nano)?second|minute|hour|day|night|week(?:day|end)?|month|quarter"
        r"|year|decade|centur(?:y|ies)|hourly|daily|nightly|weekly|monthly|quarterly|yearly|annual"
        r"|morning|noon|afternoon|evening|midnight)(?:s|ly)?\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"매(?:초|분|시간|일|주|달|월|년|해)|하루|이틀|사흘|나흘|열흘|보름|일주일|한 ?(?:주|달|해)(?![가-힣])"
        r"|반년|주말|평일|새벽|아침|점심|저녁|한밤|오전|오후"
    ),
}


_CAUSE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:so|because|therefore|thus|hence|since|consequently|due to|owing to|thanks to"
        r"|as a result|that is why|which (?:means|makes|allows|ensures|causes|leads)"
        r"|(?<=,\s)(?:thereby\s|thus\s)?(?:allow|enabl|help|lett?|mak|mean)ing"
        r"|(?:caus|result|lead)(?:e?s|ing|ed)?(?: in| to)?|in order to|ensur(?:es|ing))\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"때문|므로|따라서|그래서|덕분|그러니|(?<=[하되이])여서|니까|그\s?결과|위해서?"
    ),
}
"""Words that say why. Between two facts they state a third one, so a fact must have one itself."""

_MODALS: dict[Language, dict[str, re.Pattern[str]]] = {
    "en": {
        "must": re.compile(
            r"\b(?:must|ha(?:s|ve) to|needs? to|requires?|required)\b", re.IGNORECASE
        ),
        "should": re.compile(r"\b(?:should|ought to|recommended|belongs?)\b", re.IGNORECASE),
        "may": re.compile(r"\b(?:may|might|could|perhaps|possibly)\b", re.IGNORECASE),
        "about": re.compile(
            r"\b(?:about(?=\s\d)|approximately|around(?=\s\d)|roughly|nearly|almost)\b",
            re.IGNORECASE,
        ),
        "usually": re.compile(
            r"\b(?:usually|often|sometimes|typically|generally|mostly|rarely)\b", re.IGNORECASE
        ),
    },
    "ko": {
        "must": re.compile(r"(?:야|어야|아야|해야) ?(?:하|합|한|할|했|됩|된|되)"),
        "may": re.compile(r"지도 모|을지|ㄹ지|수도 있"),
        "can": re.compile(r"수 (?:있|없)"),
        "about": re.compile(r"대략|약(?= ?\d)|거의|가량|정도"),
        "usually": re.compile(r"보통|대체로|흔히|자주|때로|종종|주로|일반적으로"),
    },
}

_ASIDE = re.compile(r",\s+(?:which|who|whose|where)\b", re.IGNORECASE)

_CAPITAL = re.compile(r"(?<=[a-z0-9,;)] )[A-Z][a-z]+\b")

_JOINT = re.compile(r";|\b(?:and|but|or|nor|yet|so|while|whereas|although|though)\b", re.IGNORECASE)

Turn = Literal["negation", "number", "cause", "modality"]


def turned(sentence: str, facts: Sequence[str], language: Language) -> tuple[Turn, str] | None:
    """How the sentence says something else in the facts' own words, and the word that shows it."""
    moved = moved_negation(sentence, facts, language)
    if moved:
        return "negation", moved
    period = new_period(sentence, facts, language)
    if period:
        return "number", period
    cause = _CAUSE[language].search(sentence)
    if cause and not any(_CAUSE[language].search(fact) for fact in facts):
        return "cause", cause.group()
    changed = _modality(sentence, language) ^ _modality(" ".join(facts), language)
    return ("modality", ", ".join(sorted(changed))) if changed else None


def added_aside(sentence: str, facts: Iterable[str]) -> str:
    """A clause with "which" that no fact has; "" if there is none.

    It says of all what a fact says of some: "a pool hides slow queries, which hold their connection
    for two seconds". Of eight sentences with one that small models wrote for us, none was right.
    """
    aside = _ASIDE.search(sentence)
    return aside.group() if aside and not any(map(_ASIDE.search, facts)) else ""


def is_spliced(sentence: str, facts: Sequence[str]) -> bool:
    """Whether an English sentence joins facts by a comma alone."""
    joints = sum(len(_JOINT.findall(fact)) for fact in facts)
    return len(_JOINT.findall(sentence)) < joints + len(facts) - 1


def stray_capital(sentence: str, facts: Iterable[str]) -> str:
    """A word large inside the sentence that the facts write small inside theirs; "" if there is none.

    It is the start of a fact that was joined to another: "…, and Slow start raises its share".
    """
    told = " ".join(facts)
    for found in _CAPITAL.finditer(sentence):
        word = found.group()
        inside = re.search(rf"[a-z,;)] {word}\b", told)
        if not inside and re.search(rf"\b{word.lower()}\b", told):
            return word
    return ""


def moved_negation(sentence: str, facts: Sequence[str], language: Language) -> str:
    """The word that the sentence negates and the facts do not, or the other way round; "" if none.

    A word that the facts have both ways may stand either way.
    """
    denied = _negated(sentence, language)
    facts_deny = Counter(word for fact in facts for word in _negated(fact, language))
    if facts_deny:
        new = [word for word in denied if word not in facts_deny]
        if new:
            return new[0]
    theirs = Counter(word for fact in facts for word in content_stems(fact, language))
    mine = set(content_stems(sentence, language))
    for word, times in facts_deny.items():
        if word in mine and word not in denied and theirs[word] <= times:
            return word
    return ""


def new_period(sentence: str, facts: Iterable[str], language: Language) -> str:
    """A period of time that the sentence names and no fact does; "" if there is none."""
    known = " ".join(facts).casefold()
    for found in _PERIOD[language].finditer(sentence):
        if found.group().casefold().removesuffix("s") not in known:
            return found.group()
    return ""


def _modality(text: str, language: Language) -> set[str]:
    """Which of must, should and may it says: a rule turned into a report is another statement."""
    return {kind for kind, pattern in _MODALS[language].items() if pattern.search(text)}


def _negated(text: str, language: Language) -> list[str]:
    """The content word that each negation is about: behind it in English, mostly before it in Korean."""
    if language == "en":
        return [
            stems[0]
            for found in _NOT.finditer(text)
            if (stems := content_stems(text[found.end() :], language))
        ]
    words: list[str] = []
    for form, tag, span in morphemes(text):
        leads = form in _NOT_BEFORE_KO and tag == "MAG"
        if not leads and not (form in _NOT_KO and tag.startswith("V")):
            continue
        behind = content_stems(text[span.end :], language) if leads else []
        before = content_stems(text[: span.start], language)
        words.extend(behind[:1] or before[-1:])
    return words
