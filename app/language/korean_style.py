"""Habits of translated Korean (번역투), found by pattern. Our own list.

Each is named in Korean style guides (국립국어원, *바른 국어 생활*; 이오덕, *우리글 바로쓰기*) as better said
otherwise. They are counted and told: none of them is a mistake by itself.
"""

import re

from app.language.types import Span

PATTERNS: dict[str, re.Pattern[str]] = {
    "~에 대하여": re.compile(r"에 (?:대한|대해서?|대하여)(?![가-힣])"),
    "~를 통해": re.compile(r"[을를] 통(?:해서?|하여|한)(?![가-힣])"),
    "~에 있어서": re.compile(r"에 있어서?(?=[\s,])"),
    "~로 인해": re.compile(r"(?:으로|로) 인(?:해서?|하여|한)(?![가-힣])"),
    "~에 의해": re.compile(r"에 의(?:해서?|하여|한)(?![가-힣])"),
    "~것이다": re.compile(r"(?:것이다|것입니다|것이었다)(?=[.!?\s]|$)"),
    "~중 하나": re.compile(r"중(?:의)? 하나(?:이다|입니다|로|인|다)"),
    "~을 가지고 있다": re.compile(r"[을를] (?:가지고|갖고) 있"),
    "~을 필요로 하다": re.compile(r"[을를] 필요로 (?:하|한|합|했)"),
    "~에도 불구하고": re.compile(r"에도 불구하고"),
    "가장 ~한 것 중": re.compile(r"가장 [가-힣]+ [가-힣 ]{1,12}? ?중"),
    "~하는 것이 가능하다": re.compile(r"는 것[이은] (?:가능|불가능)"),
}


def translationese(text: str) -> list[tuple[str, Span]]:
    """What of the list stands in a Korean text: the pattern's name and its place, in order."""
    found = [
        (name, Span(*hit.span())) for name, one in PATTERNS.items() for hit in one.finditer(text)
    ]
    return sorted(found, key=lambda hit: hit[1])
