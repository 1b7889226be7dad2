"""Words that leave people out, with what to write instead and who says so. Small on purpose.

A word stands here only when a public body or a standard names it (looked up again in November 2026). Context
decides, so they are told and never scored.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.language.english import small_letters
from app.language.remembered import Remembered
from app.language.types import Language, Span

_NIST = "NIST IR 8366 (2021)"
_GOOGLE = "Google developer documentation style guide, word list"
_UN = "United Nations, Guidelines for gender-inclusive language in English"
_WHO = "WHO, Quick guide to avoid ageism in communication (2021)"
_WELFARE = "장애인복지법; 국가인권위원회 (2014)"
_SEOUL = "서울시여성가족재단, 서울시 성평등 언어사전 (2018-2020)"
_COMMISSION = "국가인권위원회 (2002)"

Reason = Literal["disability", "gender", "age", "origin"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word (a pattern in small letters), what is better, and the source of both."""

    word: str
    pattern: re.Pattern[str]
    better: str
    reason: Reason
    source: str


def _en(word: str, better: str, reason: Reason, source: str) -> Word:
    pattern = re.compile(rf"(?<![\w-]){word}(?![\w-])", re.IGNORECASE)
    return Word(word, pattern, better, reason, source)


def _ko(word: str, better: str, reason: Reason, source: str) -> Word:
    return Word(word, re.compile(rf"(?<![가-힣]){word}"), better, reason, source)


WORDS: dict[Language, tuple[Word, ...]] = {
    "en": (
        _en("whitelist", "allowlist", "origin", _NIST),
        _en("blacklist", "denylist", "origin", _NIST),
        _en("master/slave", "primary/replica", "origin", _NIST),
        _en("grandfathered", "exempt", "origin", _GOOGLE),
        _en("manpower", "workforce", "gender", _GOOGLE),
        _en("man-hours?", "person-hours", "gender", _GOOGLE),
        _en("man-?made", "manufactured", "gender", _GOOGLE),
        _en("chairm[ae]n", "chair", "gender", _UN),
        _en("mankind", "humankind", "gender", _UN),
        _en("sanity check", "final check", "disability", _GOOGLE),
        _en("cripple[ds]?", "slow down", "disability", _GOOGLE),
        _en("crazy", "unexpected", "disability", _GOOGLE),
        _en("dummy", "placeholder", "disability", _GOOGLE),
        _en("the elderly", "older people", "age", _WHO),
    ),
    "ko": (
        _ko("장애자", "장애인", "disability", _WELFARE),
        _ko("장애우", "장애인", "disability", _WELFARE),
        _ko("정상인(?=[은는을를과와의도만들])", "비장애인", "disability", _WELFARE),
        _ko("벙어리", "언어 장애인", "disability", _WELFARE),
        _ko("귀머거리", "청각 장애인", "disability", _WELFARE),
        _ko("장님", "시각 장애인", "disability", _WELFARE),
        _ko("절름발이", "지체 장애인", "disability", _WELFARE),
        _ko("유모차", "유아차", "gender", _SEOUL),
        _ko("저출산", "저출생", "gender", _SEOUL),
        _ko("처녀작", "첫 작품", "gender", _SEOUL),
        _ko("학부형", "학부모", "gender", _SEOUL),
        _ko("여직원", "직원", "gender", _SEOUL),
        _ko("여의사", "의사", "gender", _SEOUL),
        _ko("맘스 ?스테이션", "어린이 승하차장", "gender", _SEOUL),
        _ko("살색", "살구색", "origin", _COMMISSION),
    ),
}


def find_exclusive(text: str, language: Language) -> list[tuple[Word, Span]]:
    """The words of the list that stand in a text, in order."""
    return list(_remembered[language](text))


def _finder(language: Language) -> Callable[[str], tuple[tuple[Word, Span], ...]]:
    words = WORDS[language]
    some = re.compile("|".join(word.word for word in words))

    def find(text: str) -> tuple[tuple[Word, Span], ...]:
        if some.search(small_letters(text)) is None:  # nearly every text
            return ()
        found = ((word, Span(*hit.span())) for word in words for hit in word.pattern.finditer(text))
        return tuple(sorted(found, key=lambda hit: hit[1]))

    return find


_remembered = {
    "en": Remembered(_finder("en"), characters=300_000),
    "ko": Remembered(_finder("ko"), characters=300_000),
}
