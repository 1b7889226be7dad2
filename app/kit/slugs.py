"""Makes the last part of an article's address from its title, in Latin letters and Hangul."""

import unicodedata

MAX_LENGTH = 80
"""Characters. Long enough for any title that a result page shows whole, short enough to read."""

FALLBACK = "article"
"""What a title without a single usable letter gets; a collision adds its number as for any other."""


def make_slug(title: str) -> str:
    """Return `title` as NFC lower case words joined by single hyphens, at most 80 characters.

    Letters and digits of any script stay (Hangul above all); apostrophes vanish, everything else
    parts words. Cut at a word's end where one word does not fill the whole.
    """
    words: list[str] = []
    word: list[str] = []
    for character in unicodedata.normalize("NFKC", title).lower():
        if character in "'’ʼ":
            continue
        # Combining marks are kept only where composition left them: they belong to a letter.
        if character.isalnum() or (word and unicodedata.category(character) in {"Mn", "Mc"}):
            word.append(character)
        elif word:
            words.append("".join(word))
            word = []
    if word:
        words.append("".join(word))
    kept = ""
    for each in words:
        longer = f"{kept}-{each}" if kept else each
        if len(longer) > MAX_LENGTH:
            break
        kept = longer
    if not kept and words:
        kept = words[0][:MAX_LENGTH]
    return unicodedata.normalize("NFC", kept) or FALLBACK
