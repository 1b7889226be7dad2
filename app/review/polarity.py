"""Whether a claim and its evidence say yes or no to the same thing: negations, and words of the opposite sense.

"No longer supported" for "drops support", "must avoid" for "must not use", "the lower" for "not the higher": each turns
what is said round once. Together they must come out even.
"""

import re
from collections.abc import Sequence

from app.language.names import negations
from app.language.types import Language
from app.review.bounds import bounds
from app.review.evidence import Evidence
from app.review.words import Word, bag_of, nearness, words_of

_NEGATIVE: dict[Language, frozenset[str]] = {
    "en": frozenset("no not nothing without never".split()),
    "ko": frozenset("않 안 못 못하 없 말 불".split()),
}
_ASIDE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\beven (?:if|though)\b[^,.;]*|\b(?:if|when) (?:nothing|nobody|no)\b[^,.;]*|\bnot only\b|\bno matter\b", re.IGNORECASE
    ),
    "ko": re.compile(r"[가-힣]+\s?(?:이|가)?\s?아닌 (?:이상|한)|[가-힣]+지 않는 (?:이상|한)|[가-힣]+지 않(?:아도|더라도)|없어도|뿐만? 아니라"),
}
"""Conditions that negate nothing of what is said."""
_CEASING: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:drop(?:s|ped|ping)?|stop(?:s|ped|ping)?|ceas(?:e[sd]?|ing)|end(?:s|ed)?|discontinu\w+|remov\w+|avoid\w*|"
        r"reject\w*|refus\w*|den(?:y|ies|ied)|lack(?:s|ed|ing)?|fail(?:s|ed)?|abandon\w*|scrap(?:s|ped)?|ban(?:s|ned)?|"
        r"prohibit\w*|forb[ia]d\w*|prevent\w*|exempt\w*|exclud\w*|free|instead|only|unless|except|lose|loses|lost|"
        r"hardly|rarely|seldom|few|little|un\w{4,}|in(?:valid|correct|complete|sufficient)|dis\w{5,}|until)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"중단|그만|멈추|멈췄|끊|빼|빠[지졌진]|제외|제거|폐지|거부|거절|부인|금지|불가|막[는았아]|삼가|피[하해]|무료|공짜|대신|만(?=\s)|뿐|"
        r"밖에|예외|면제|불과|그치|그쳤|덜|못|무[가-힣]|미[가-힣]|불[가-힣]|비[가-힣]|드물|까지"
    ),
}
"""Words that may hold a negation, or not, as they are meant: they explain a difference and make none."""


def turned_round(evidence: Evidence, language: Language) -> str:
    """"sentence" or "source", whichever negates what the other does not; "" where they agree.

    Asked is the clause that speaks most of the same.
    """
    said, first = evidence.said, evidence.clues[0]
    shares = [share > 0 for share, _ in first.found.words]
    mine = _negated(said.text, [word for word, share in zip(said.words, shares, strict=True) if share], language)
    flips = sum(turned for _, turned in first.found.words)
    claim = bag_of(said.text, language)
    there = first.place.whole
    theirs = _negated(there, [word for word in words_of(there, language) if nearness(word, claim)[0]], language)
    if (mine + theirs + flips) % 2 == 0:
        return ""
    return "sentence" if mine > theirs else "source"


def explained(evidence: Evidence, language: Language) -> bool:
    """Whether a word that may negate stands in one of the two only, and is not borne out by the other."""
    mine = set(map(str.casefold, _CEASING[language].findall(evidence.said.text)))
    theirs = set(map(str.casefold, _CEASING[language].findall(evidence.clues[0].place.whole)))
    return bool(mine ^ theirs)


def _negated(text: str, words: Sequence[Word], language: Language) -> int:
    """Negations of a text, less those of a condition, of a number's bound, and of phrases with a sense of their own.

    `words` are those of its words and phrases that the other text has too.
    """
    phrases = sum(bool(_NEGATIVE[language] & set(word.form.split("_"))) for word in words if "_" in word.form)
    return max(0, negations(_ASIDE[language].sub(" ", bounds(text, language).rest), language) - phrases)

