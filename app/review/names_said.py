"""Names of a claim that no passage has."""

import re
import unicodedata

from app.language.english import FUNCTION_WORDS
from app.language.korean import morphemes
from app.language.names import find_names
from app.language.types import Language
from app.review.evidence import Evidence
from app.review.rivals import TIMES
from app.review.words import akin

_INNER_CAPITAL = re.compile(r"\b[A-Z][a-z]+[A-Z]\w*")
_FIRST_NAME = re.compile(r"\W*([A-Z]\w+)(?<!ing)\s+[A-Z]\w")
"""A first word that a capitalised one follows is taken for the beginning of a name."""


def missing_names(evidence: Evidence, language: Language) -> list[str]:
    """The claim's names that stand nowhere in the passages; of a longer one a part is enough."""
    flat = flatten("\n".join(clue.place.text for clue in evidence.every))
    return [
        name for name in _names(evidence.said.text, language) if not _stands(name, flat, language)
    ]


def _names(sentence: str, language: Language) -> list[str]:
    names = find_names(sentence, language)
    if language == "en":
        first = _FIRST_NAME.match(sentence)
        names += _INNER_CAPITAL.findall(sentence)
        if first and first[1].casefold() not in FUNCTION_WORDS:
            names.append(first[1])
    times = {found for pattern in TIMES[language].values() for found in pattern.findall(sentence)}
    return [
        bare
        for name in names
        if (bare := re.sub(r"['’]s?$", "", name)) not in times
        and not (bare.islower() and "-" in bare and bare.isascii())
    ]


def _stands(name: str, flat: str, language: Language) -> bool:
    words = flatten(name)
    if words in flat:
        return True
    if language == "ko" and not name.isascii():
        # The analyser takes many an ordinary noun for a name: 히트펌프, 호밀빵.
        return any(akin(words, each.form) for each in morphemes(flat) if each.tag.startswith("NN"))
    return False


_QUOTES = str.maketrans({"“": '"', "”": '"', "‘": "'", "’": "'", "「": '"', "」": '"'})


def flatten(text: str) -> str:
    """The text without what may differ in writing: case, blanks, quotation marks, marks at its ends."""
    text = unicodedata.normalize("NFC", text).translate(_QUOTES)
    return " ".join(text.split()).casefold().strip(" \"'.,")


_FOLLOWING = 2
"""Words after the first that two sentences share if one is the other with its subject replaced."""


def other_first(evidence: Evidence, language: Language) -> str:
    """English: a first word that the source has not, where a clause of it goes on in the same words.

    A name at a sentence's start is as large as any word there; "Oslo offers the option" for "HAProxy
    offers the option" shows only by what follows.
    """
    first, *rest = evidence.said.text.split() or [""]
    bare = first.strip("\"'“‘(,.").casefold()
    if language != "en" or len(rest) < _FOLLOWING or bare in FUNCTION_WORDS:
        return ""
    if any(bare in clue.place.text.casefold() for clue in evidence.every):
        return ""
    goes_on = flatten(" ".join(rest[:_FOLLOWING]))
    theirs = [clue.place.whole.split()[1 : 1 + _FOLLOWING] for clue in evidence.every]
    return first if any(flatten(" ".join(words)) == goes_on for words in theirs) else ""
