"""Questions: by their sign, their ending in Korean, their first word in an English heading."""

import re

from app.language.korean import morphemes
from app.language.types import Language

_MARK = re.compile(r"[?？]\W*$")
_KOREAN_END = re.compile(r"[나까가지요니냐]\W*$")
_KOREAN_ENDINGS = frozenset(
    "나 나요 까 까요 을까 을까요 ᆯ까 ᆯ까요 ᆸ니까 습니까 는가 는가요 은가 은가요 ᆫ가 ᆫ가요 던가 느냐 냐 으냐".split()
)
"""Final endings that ask (국립국어원, 표준국어대사전: 의문형 종결 어미)."""
_KOREAN_INDIRECT = frozenset("는지 은지 ᆫ지 을지 ᆯ지 던지".split())
"""These ask where nothing follows, as in a heading; elsewhere they lead on: 얼마나 걸리는지 봅니다."""
_ENGLISH_OPENING = re.compile(r"(?:how|what|why|which|where|who|whose|when)\b", re.IGNORECASE)


def is_question(text: str, language: Language, *, heading: bool = False) -> bool:
    """Whether a sentence or heading asks something. English headings do that begin with how, what or why."""
    if _MARK.search(text):
        return True
    if language == "en":
        return heading and bool(_ENGLISH_OPENING.match(text.strip()))
    if not _KOREAN_END.search(text):
        return False
    words = [token for token in morphemes(text) if not token.tag.startswith("S")]
    if not words:
        return False
    last = words[-1]
    if last.tag == "JX" and last.form == "요" and len(words) > 1:
        last = words[-2]
    if last.tag == "EF" and last.form in _KOREAN_ENDINGS:
        return True
    return heading and last.tag in {"EF", "EC"} and last.form in _KOREAN_INDIRECT | {"나"}
