"""The words of a claim that a source must have: what is left beside its numbers and empty words."""

import itertools
import re

from app.language.korean import morphemes
from app.language.number_words import COUNTERS
from app.language.numbers import find_numbers
from app.language.stems import content_stems
from app.language.types import Language
from app.review.synonyms import idioms, synonyms

_NUMERAL = re.compile(r"[\d.,]+$|[만억조천백십]$")
"""Numbers are compared by amount, not as words."""
_COUNTER = re.compile(rf"\s?(?:{COUNTERS})(?![가-힣]*(?:하|되))")
_EMPTY: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:tak(?:es?|en|ing)|took)\s+place\b"
        r"|\bthe number of\b|\bincluding\b|\bone\b"
        r"|\b(?:about|around|roughly|approximately|nearly|almost|exactly|"
        r"(?:a little|slightly|just) (?:over|under))\b",
        re.IGNORECASE,
    ),
    "ko": re.compile(r"동안(?=\s|$)|(?<![가-힣])(?:약|대략|거의)(?=\s)"),
}
"""Words that say only that there is something, or that a number is rounded."""
_COUNT = re.compile(r"(?<=[가-힣]\s)수(?=[는가를도]\s)")
"""학급 수는: a word for it must stay, or its particle would be read as a verb."""
_NOTHING: dict[Language, str] = {"en": " , ", "ko": "이것"}
"""Stands for a number; in Korean a pronoun, so that the particle behind it is still one."""
_AFTER_VOWEL = "이거"
_MEASURING = re.compile(
    r"\b(?:stands?|stood|holds?|held|means?|meant|measures?|measured|weighs?|weighed|high|tall|long|wide|deep)\b",
    re.IGNORECASE,
)
"""What a number with its unit says already, in English: the tower stands 330 metres high."""


def content(text: str, language: Language) -> set[str]:
    """The stems that carry meaning, without numbers, their units and what only goes with them."""
    bare = without_numbers(text, language)
    found = {stem for stem in _stems(bare, language) if not _NUMERAL.match(stem)}
    if language == "ko" and _MONEY.search(text):
        found = {fee[1] if (fee := _FEE.fullmatch(stem)) else stem for stem in found}
    return found


_FEE = re.compile(r"([가-힣]{2,})(?:료|비|값|금)")
_MONEY = re.compile(r"[\d십백천만억조]\s?원|부담|지불|유료|무료|비싸|비싼|저렴")
"""Where money is spoken of, 구독료 says of it what 구독 does."""


_TURNING = frozenset("부 준 비 미 반 무 불 탈 역".split())
"""Korean prefixes that make another thing of a noun: 준우승 is no 우승."""


def _stems(text: str, language: Language) -> set[str]:
    found = set(content_stems(text, language))
    if language == "en":
        return found
    parsed = morphemes(text)
    pairs = list(itertools.pairwise(parsed))
    prefixed = {
        (one.form, two.form) for one, two in pairs if one.tag == "XPN" and one.form in _TURNING
    }
    bare = {two.form for one, two in pairs if one.tag != "XPN"} | {each.form for each in parsed[:1]}
    found -= {noun for _, noun in prefixed if noun not in bare}
    return found | {prefix + noun for prefix, noun in prefixed}


def without_numbers(text: str, language: Language) -> str:
    """The text with a word that says nothing for each number, and without what only goes with numbers."""
    measured = False
    bare = text
    for number in reversed(find_numbers(text, language)):
        end = number.span.end
        if language == "ko" and (counter := _COUNTER.match(bare, end)):
            end = counter.end()
        measured = measured or (bool(number.unit) and number.value is not None)
        nothing = _NOTHING[language]
        if language == "ko" and bare[end : end + 1] and bare[end] in "가는를와라":
            nothing = _AFTER_VOWEL
        bare = bare[: number.span.start] + nothing + bare[end:]
    bare = _EMPTY[language].sub(" ", bare)
    if language == "ko":
        bare = _COUNT.sub("것", bare)
    return _MEASURING.sub(" ", bare) if measured and language == "en" else bare


def known(stems: set[str], evidence: str, language: Language) -> set[str]:
    """Those of the stems that the evidence has, itself or by a word that says the same.

    The Korean analyser parts one noun differently in different company (방문자, 방문 + 자), so two
    syllables at the beginning of a word of the evidence count too.
    """
    there = _stems(evidence, language)
    found = {stem for stem in stems if synonyms(stem, language) & there}
    if language == "ko":
        folded = evidence.casefold()
        found |= idioms(stems, there)
        found |= {
            stem
            for stem in stems - found
            if (len(stem) > 1 and re.search(rf"(?<![가-힣]){re.escape(stem)}", folded))
            or (stem in _KINDS and any(word.endswith(stem) for word in there))
        }
    return found


_KINDS = frozenset(
    "탑 산 강 섬 역 길 집 책 병 배 차 관 원 절 문 꽃 새 법 학교 공장 도서관 박물관".split()
)
"""Korean nouns that a longer one ends in when it names a kind: 석탑 is a 탑."""
