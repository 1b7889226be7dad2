"""A text without its numbers and without what only goes with them: what is left is compared as words."""

import re

from app.language.number_words import COUNTERS
from app.language.numbers import find_numbers
from app.language.types import Language

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
