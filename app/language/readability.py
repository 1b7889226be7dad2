"""How sentences begin and end, for the checks that count repetitions."""

import re

from app.language.korean import morphemes
from app.language.types import Language

_WORD = re.compile(r"\w[\w'’-]*")
_ARTICLES = frozenset({"a", "an", "the"})
_FINAL = re.compile(r"[\s.!?…。\"”’')\]」』]+$")


def first_token(sentence: str, language: Language) -> str:
    """The first word in lower case (English) or the first morpheme's form (Korean); empty without one.

    An English article goes with the word after it: nobody hears `A server …`, `A client …` as one
    beginning.
    """
    if language == "ko":
        return next((form for form, tag, _ in morphemes(sentence) if not tag.startswith("S")), "")
    found = _WORD.search(sentence)
    if found is None:
        return ""
    first = found.group().lower()
    second = _WORD.search(sentence, found.end()) if first in _ARTICLES else None
    return first if second is None else f"{first} {second.group().lower()}"


def ending(sentence: str) -> str:
    """The final ending of a Korean sentence as it is written, two syllables at most (습니다 → 니다)."""
    bare = _FINAL.sub("", sentence)
    return bare[-2:] if bare and "가" <= bare[-1] <= "힣" else ""
