"""Korean sentence endings for the independent check: are two final words one predicate in two registers?

Knows nothing of how the register is changed elsewhere in the product; that is its point. It takes
endings off by letters (a syllable's jamo), not by morphemes, and compares what is left.
"""

import re
from typing import Literal

_FIRST = 0xAC00
_LAST = 0xD7A3
_FINALS = 28
_NIEUN, _DIGEUT, _RIEUL, _MIEUM, _BIEUP, _SIOT, _HIEUT = 4, 7, 8, 16, 17, 19, 27
"""Places of final consonants in a syllable's code (Unicode, 3.12)."""
_VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_CONTRACTED = {"ㅐ": "ㅏ", "ㅕ": "ㅣ", "ㅘ": "ㅗ", "ㅝ": "ㅜ", "ㅙ": "ㅚ", "ㅓ": "ㅡ", "ㅏ": "ㅡ"}
"""What a stem's vowel was before 아/어 ran into it: 해 하, 려 리, 봐 보, 줘 주, 돼 되, 써 쓰."""
_LOST_HIEUT = {"ㅐ": "ㅏㅓ", "ㅒ": "ㅑ"}
"""그래 그렇, 하얘 하얗."""

Mood = Literal["statement", "question", "request"]
Register = Literal["plain", "soft", "formal", "noun"]
"""한다, 해요, 합니다, 함."""
Reading = tuple[Mood, Register, str]
"""How a final word ends, and what is left of it without its ending."""


def same_predicate(one: str, other: str) -> bool:
    """Whether two words, without end marks, differ in nothing but their register."""
    return one == other or any(
        (mood, stem) == (other_mood, other_stem) and register != other_register
        for mood, register, stem in readings(one)
        for other_mood, other_register, other_stem in readings(other)
    )


def readings(word: str) -> frozenset[Reading]:
    """Every reading of a final word as a stem with a known ending."""
    found: set[Reading] = set()
    for mood, register, endings in _WHOLE:
        for ending in endings:
            if word.endswith(ending):
                found |= {(mood, register, stem) for stem in _copula(word.removesuffix(ending))}
    for mood, register, final, tail in _FUSED:
        head = word.removesuffix(tail)
        if word.endswith(tail) and head and _final(head[-1]) == final:
            bare = head[:-1] + _with_final(head[-1], 0)
            found |= {(mood, register, stem) for stem in (*_copula(bare), _with_rieul(bare))}
    if word.endswith("요") and len(word) > 1:
        found |= {("statement", "soft", stem) for stem in _uncontracted(word[:-1])}
    return frozenset(found)


_WHOLE: tuple[tuple[Mood, Register, tuple[str, ...]], ...] = (
    ("statement", "plain", ("는다", "다", "이다")),
    ("statement", "soft", ("이에요", "예요", "에요")),
    ("statement", "formal", ("습니다", "입니다")),
    ("statement", "noun", ("음",)),
    ("question", "plain", ("는가", "은가", "인가", "나", "느냐")),
    ("question", "soft", ("나요",)),
    ("question", "formal", ("습니까", "입니까")),
    ("request", "plain", ("으라", "라", "자")),
    ("request", "soft", ("으세요", "세요")),
    ("request", "formal", ("으십시오", "십시오", "읍시다")),
)
_FUSED: tuple[tuple[Mood, Register, int, str], ...] = (
    ("statement", "formal", _BIEUP, "니다"),
    ("statement", "plain", _NIEUN, "다"),
    ("statement", "noun", _MIEUM, ""),
    ("question", "formal", _BIEUP, "니까"),
    ("question", "plain", _NIEUN, "가"),
    ("request", "formal", _BIEUP, "시다"),
)
"""Endings whose first letter is the stem's last: the final's number, then what follows it."""


def _copula(stem: str) -> tuple[str, ...]:
    """A noun takes 이다 after a consonant and may lose its 이 after a vowel: both are one stem."""
    return (stem, stem[:-1]) if stem.endswith("이") else (stem,)


def _uncontracted(head: str) -> set[str]:
    """The stems that 아 or 어 may have run into, the irregular ones too."""
    found = {head}
    last, before = head[-1], head[:-1]
    if last in "아어":
        found |= {before, _with_last(before, _SIOT)}  # 나아 낫
        found |= {_with_last(before, _DIGEUT)} if before and _final(before[-1]) == _RIEUL else set()
    if last in "와워":
        found.add(_with_last(before, _BIEUP))  # 도와 돕, 쉬워 쉽
    if last in "라러" and before and _final(before[-1]) == _RIEUL:
        found.add(_with_last(before, 0) + "르")  # 몰라 모르
    vowel = _vowel(last)
    if vowel and not _final(last):
        found |= {before + _with_vowel(last, full) for full in _CONTRACTED.get(vowel, "")}
        found |= {
            before + _with_final(_with_vowel(last, full), _HIEUT)
            for full in _LOST_HIEUT.get(vowel, "")
        }
    return found


def _hangul(sign: str) -> bool:
    return _FIRST <= ord(sign) <= _LAST


def _final(sign: str) -> int:
    return (ord(sign) - _FIRST) % _FINALS if _hangul(sign) else 0


def _with_final(sign: str, final: int) -> str:
    return chr(ord(sign) - _final(sign) + final) if _hangul(sign) else sign


def _with_rieul(stem: str) -> str:
    """만들 loses its ㄹ before ㄴ and ㅂ: 만든다, 만듭니다."""
    return _with_last(stem, _RIEUL)


def _with_last(stem: str, final: int) -> str:
    return stem[:-1] + _with_final(stem[-1], final) if stem else stem


def _vowel(sign: str) -> str:
    return _VOWELS[(ord(sign) - _FIRST) // _FINALS % len(_VOWELS)] if _hangul(sign) else ""


def _with_vowel(sign: str, vowel: str) -> str:
    consonant = (ord(sign) - _FIRST) // _FINALS // len(_VOWELS)
    place = consonant * len(_VOWELS) + _VOWELS.index(vowel)
    return chr(_FIRST + place * _FINALS + _final(sign))


FINAL_WORD = re.compile(r"^(.*?)([\"'”’」』)\]]*[.!?…。]*[\"'”’」』)\]]*)$", re.DOTALL)
"""A sentence's last word and the marks after it."""
