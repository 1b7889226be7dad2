"""How many tokens a text is, from its characters: a band, since every model cuts words in its own way."""

HANGUL = (0.55, 1.5)
"""Fewest and most tokens a Hangul syllable (blanks and signs are counted with the rest)."""
OTHER = (0.2, 0.45)
"""Fewest and most tokens of every other character: English prose, code, digits."""


def least_tokens(text: str) -> int:
    """What the most economical tokeniser makes of a text."""
    hangul, other = _counted(text)
    return int(hangul * HANGUL[0] + other * OTHER[0])


def most_tokens(text: str) -> int:
    """What the least economical tokeniser makes of it, rounded up."""
    hangul, other = _counted(text)
    return int(hangul * HANGUL[1] + other * OTHER[1]) + 1


def _counted(text: str) -> tuple[int, int]:
    hangul = sum("가" <= sign <= "힣" for sign in text)
    return hangul, len(text) - hangul
