"""How many tokens a text is: a band for estimates, and for caps a bound that nothing exceeds.

Measured on the example articles and on our own prompts, with the vocabularies of the local models: Qwen2.5
(152,000 entries) has 0.20-0.25 tokens for a character of English, and 0.85-1.13 for a Hangul syllable; SmolLM2
(49,000, hardly any Korean) has 0.21-0.27 and 2.8. The band leaves room on both sides of the former.
"""

HANGUL = (0.55, 1.5)
"""Fewest and most tokens a Hangul syllable, for models that know Korean."""
OTHER = (0.18, 0.45)
"""Fewest and most tokens of every other character: English prose, code, digits, blanks."""

_TEMPLATE = 64
"""Tokens that a chat template puts around a text, and some more."""


def least_tokens(text: str) -> int:
    """What an economical tokeniser makes of a text."""
    hangul, other = _counted(text)
    return int(hangul * HANGUL[0] + other * OTHER[0])


def most_tokens(text: str) -> int:
    """What a tokeniser that is less so makes of it, rounded up."""
    hangul, other = _counted(text)
    return int(hangul * HANGUL[1] + other * OTHER[1]) + 1


def bound_tokens(text: str) -> int:
    """What no tokeniser exceeds: each token is at least one byte of the text's UTF-8."""
    return len(text.encode()) + _TEMPLATE


def _counted(text: str) -> tuple[int, int]:
    hangul = sum("가" <= sign <= "힣" for sign in text)
    return hangul, len(text) - hangul
