"""Blanks that are missing in Korean text, where a rule of spelling leaves no choice.

한글 맞춤법 2: words stand apart; 41: a particle belongs to the word before, so a new word begins after it;
42: bound nouns stand apart. Compounds, names and counted things may be written in one (43-50), so nothing is
said of them: where an analyser would space them it differed from careful writers at one in forty words.
"""

from itertools import pairwise

from app.language.korean import morphemes

_PARTICLES = frozenset({"을", "를", "은", "는", "이", "가"})
_PARTICLE_TAGS = ("JKS", "JKO", "JX")
_WORDS = ("NNG", "NNP", "VV", "VA", "MAG")
_BOUND = frozenset({"것", "줄", "때", "적", "바", "채"})
"""Not 데, 만, 지 and the like: they are endings as often as nouns."""
_EXISTS = frozenset({"있", "없"})
"""수 is a bound noun where it is there or not: 할 수 있다."""


def missing_blanks(text: str) -> list[int]:
    """Where in `text` a blank is missing, as the places of the words that should stand apart."""
    tokens = [token for token in morphemes(text) if token.span.start < token.span.end]
    found: list[int] = []
    for index, (before, word) in enumerate(pairwise(tokens)):
        at = word.span.start
        if at != before.span.end or not (_hangul(text[at - 1]) and _hangul(text[at])):
            continue
        if before.tag in _PARTICLE_TAGS and before.form in _PARTICLES:
            missing = word.tag in _WORDS
        elif before.tag == "ETM" and word.tag == "NNB":
            after = {token.form for token in tokens[index + 2 : index + 4]}
            missing = word.form in _BOUND or (word.form == "수" and bool(after & _EXISTS))
        else:
            continue
        if missing:
            found.append(at)
    return found


def _hangul(sign: str) -> bool:
    return "가" <= sign <= "힣"
