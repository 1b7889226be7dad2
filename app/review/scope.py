"""Scope: all, only, must. What a source says of some bears out no claim of all, nor a may one of duty."""

import re

from app.language.types import Language

_ALL: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:all|every|everyone|everybody|everything|everywhere|anyone|anybody|always|entire(?:ly)?|whole|completely|each|"
        r"any(?!\s(?:more|longer))|both)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(
        r"모든|모두|누구나|누구든|전부|전체|언제나|항상|어디서나|어떤 [가-힣]+든|무엇이든|아무[가-힣]*도"
        r"|전원|매번|완전히"
    ),
}


def widened(sentence: str, there: str, language: Language) -> str:
    """The claim's word for all, or for no other, that its source does not say; "" if there is none."""
    for mine, theirs in ((_ALL, _ALL), (_ONLY, _NO_OTHER), (_MUST, _BOUND)):
        word = mine[language].search(sentence)
        if word is not None and not theirs[language].search(there):
            return word[0]
    return ""


_ONLY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(r"\b(?:only|solely|exclusively)\b", re.IGNORECASE),
    "ko": re.compile(r"오직|오로지|유일"),
}
_NO_OTHER: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:only|just|solely|alone|but|except|exclusively|single|sole|no other|unless)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"만|뿐|밖에|불과|오직|오로지|유일|단"),
}
_MUST: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:must|obliged|obligatory|compulsory|mandatory)\b(?! not)", re.IGNORECASE
    ),
    "ko": re.compile(r"반드시|의무"),
}
_BOUND: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:must|has to|have to|had to|requir\w*|need\w*|oblig\w*|should|only|necessary|mandatory|compulsory"
        r"|cannot|not)\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"[아어해]야|의무|필수|안 된|반드시|필요|십시오|라\."),
}
"""What binds somebody: a claim of duty needs one of these in its source."""
