"""Which language a text is written in, and how much of it is in another."""

import re

from app.language.types import Language

_HANGUL = re.compile(r"[가-힣ㄱ-ㅎㅏ-ㅣ]")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_LETTER = re.compile(r"[^\W\d_]")

_KOREAN_SHARE = 0.15
"""A text is Korean from this share of Hangul on: technical Korean is full of English terms, while
English hardly ever quotes Hangul. Hangul-first separated 500 + 500 sentences and 10 mixed titles
without an error (measured)."""


def detect_language(text: str) -> Language:
    """Korean or English, by script, Hangul first. A text without letters is English."""
    hangul = len(_HANGUL.findall(text))
    latin = len(_LATIN.findall(text))
    return "ko" if hangul and hangul / (hangul + latin) >= _KOREAN_SHARE else "en"


_NOT_PROSE = re.compile(
    r"```.*?```|`[^`\n]*`|https?://\S+|\S+@\S+|[“\"「‘][^”\"」’\n]{1,300}[”\"」’]", re.DOTALL
)
_FOREIGN_IN_KOREAN = re.compile(
    # Acronyms, identifiers and names are at home in Korean prose; running Latin words are not.
    r"\b[A-Z][A-Za-z0-9+#.-]*\b|\b\w*[\d_./:]\w*\b|\([^()]*\)"
)


def foreign_share(text: str, language: Language) -> float:
    """The share, 0-1, of letters that are not in the language's script.

    Left out first: code, addresses, quotations; for Korean also capitalised words (names, acronyms),
    identifiers and what stands in brackets. Korean prose names English terms, so up to about 0.3 is
    usual there; English prose has none.
    """
    prose = _NOT_PROSE.sub(" ", text)
    if language == "ko":
        prose = _FOREIGN_IN_KOREAN.sub(" ", prose)
    letters = _LETTER.findall(prose)
    if not letters:
        return 0.0
    own = _HANGUL if language == "ko" else _LATIN
    return sum(1 for letter in letters if not own.match(letter)) / len(letters)
