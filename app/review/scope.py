"""Scope: all, every, anybody, only. A claim of all is not borne out by what a source says of some."""

import re

from app.language.types import Language

_ALL: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:all|every|everyone|everybody|everything|everywhere|anyone|anybody|always|entire(?:ly)?|whole|completely|each|"
        r"any(?!\s(?:more|longer))|both)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"모든|모두|누구나|누구든|전부|전체|언제나|항상|어디서나|어떤 [가-힣]+든|무엇이든|아무[가-힣]*도|전원|매번|완전히"),
}
_PARTLY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:some|most|many|several|a few|part|half|third|quarter|percent|only|if|unless|except|almost|nearly|up to|more than|"
        r"less than|over|under)\b|%",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"일부|대부분|절반|분의|%|퍼센트|만\s|거의|이상|이하|미만|초과|넘|면\s|[가-힣]만 "),
}


def widened(sentence: str, there: str, language: Language) -> str:
    """The claim's word for all of what its source says only of a part; "" if there is none."""
    mine = _ALL[language].search(sentence)
    if mine is None or _ALL[language].search(there) or not _PARTLY[language].search(there):
        return ""
    return mine[0]


def only(sentence: str, there: str, language: Language) -> bool:
    """Whether the source says of one only what the claim says without it."""
    return bool(_ONLY[language].search(there)) and not _ONLY[language].search(sentence)


_ONLY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:only|solely|exclusively|just)\b(?! (?:one|two|three|four|five|half|\d))", re.IGNORECASE),
    "ko": re.compile(r"(?<=[가-힣])만(?=\s)|뿐|오직|에게만|에서만"),
}
