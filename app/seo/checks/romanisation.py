"""Hangul in Latin letters, letter by letter, to recognise a romanised address.

The letters are those of the Revised Romanisation (2000). Sound changes between syllables are not
applied: 독립 is `doklip` here and `dongnip` on a road sign, so an address of the second kind is not
recognised, and then not scored.
"""

import unicodedata

_INITIAL = (
    "g", "kk", "n", "d", "tt", "r", "m", "b", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p",
    "h",
)  # fmt: skip
_VOWEL = (
    "a", "ae", "ya", "yae", "eo", "e", "yeo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we",
    "wi", "yu", "eu", "ui", "i",
)  # fmt: skip
_FINAL = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p",
    "t", "t", "ng", "t", "t", "k", "t", "p", "h",
)  # fmt: skip
_FIRST = 0xAC00
_LAST = 0xD7A3
_FINALS = 28
_VOWELS = 21


def romanise(word: str) -> str:
    """Lower-case Latin letters for a word; what is not Hangul stays."""
    return "".join(map(_syllable, unicodedata.normalize("NFC", word))).lower()


def _syllable(sign: str) -> str:
    code = ord(sign)
    if not _FIRST <= code <= _LAST:
        return sign
    rest, final = divmod(code - _FIRST, _FINALS)
    initial, vowel = divmod(rest, _VOWELS)
    return _INITIAL[initial] + _VOWEL[vowel] + _FINAL[final]
