"""How sentences begin and end, for the checks that count repetitions."""

import re

from app.language.korean import morphemes
from app.language.types import Language

_WORD = re.compile(r"\w[\w'’-]*")
_FINAL = re.compile(r"[\s.!?…。\"”’')\]」』]+$")


def first_token(sentence: str, language: Language) -> str:
    """The first word in lower case (English) or the first morpheme's form (Korean); empty without one."""
    if language == "ko":
        return next((form for form, tag, _ in morphemes(sentence) if not tag.startswith("S")), "")
    match = _WORD.search(sentence)
    return match.group().lower() if match else ""


def ending(sentence: str) -> str:
    """The final ending of a Korean sentence as it is written, two syllables at most (습니다 → 니다)."""
    bare = _FINAL.sub("", sentence)
    return bare[-2:] if bare and "가" <= bare[-1] <= "힣" else ""
