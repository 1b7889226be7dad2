"""The numbers that checks compare with, each with where it is from. A site may set its own.

"Reference" is the most used on-page analyser; its thresholds are taken as facts (observed by
running it). "Converted" are the reference's English numbers times what 140 parallel articles
in both languages gave: 0.746 eojeol per English word, 0.616 Korean characters per English one.
"""

from dataclasses import dataclass

from app.language.types import Language

EOJEOL_PER_WORD = 0.746
"""Median over 140 parallel articles (inter-quartile range 0.715-0.776)."""
SIGNS_PER_WORD = 3.08
"""Korean characters but spaces per English word, same articles."""


@dataclass(frozen=True, slots=True)
class Limits:
    """One language's thresholds. Words are eojeol in Korean."""

    keyphrase_words: tuple[int, int] = (4, 8)
    """Content words: green up to the first, orange up to the second. Reference."""
    density: tuple[float, float, float] = (0.5, 3.5, 4.0)
    """Lower and upper edge, and where it is far too much, in percent. Reference, with word forms."""
    meta_matches: tuple[int, int] = (1, 2)
    """Sentences of the description that hold the keyphrase. Reference."""
    heading_share: tuple[float, float] = (0.30, 0.75)
    """Share of H2 and H3 that reflect the keyphrase. Reference."""
    distribution: tuple[float, float] = (0.30, 0.50)
    """Longest run of sentences without the topic, as a share of the text. Reference."""
    distribution_sentences: int = 15
    """Below so many sentences distribution is not judged. Reference."""
    title_px: int = 600
    """Reference: what a search result shows, Arial at 20 px."""
    meta_characters: tuple[int, int] = (121, 156)
    """Both inclusive. Reference; Google states no limit."""
    section_words: tuple[int, int] = (300, 350)
    """Words under one heading: green up to the first, orange up to the second. Reference."""
    paragraph_words: tuple[int, int] = (150, 200)
    """Reference."""
    text_words: tuple[int, int, int, int] = (300, 250, 200, 100)
    """Least words for 9, 6, 3 and -10 points; below the last -20. Reference."""
    text_signs: int | None = None
    """A text with so many signs but spaces is long enough, however its words are spaced."""
    sentence_words: int = 20
    """A sentence over it is long. Reference."""
    long_share: tuple[float, float] = (0.25, 0.30)
    """Share of long sentences: green up to the first, orange up to the second. Reference."""
    same_beginnings: int = 3
    """So many sentences in a row with one beginning are too many. Reference."""
    citation_share: tuple[float, float] = (0.80, 0.50)
    """Share of factual sentences with a citation for green and orange. Our own choice: studies
    of answer engines find 52 % of sentences supported, which is too little for an article."""
    quotation_words: int = 3
    """Shorter quoted words are terms, not quotations. Our own choice."""


ENGLISH = Limits()

KOREAN = Limits(
    meta_characters=(60, 85),  # by shown width and by converted content
    section_words=(225, 260),  # converted
    paragraph_words=(112, 150),  # converted
    text_words=(225, 187, 150, 75),  # converted
    text_signs=925,  # converted
    sentence_words=15,  # share over 15 eojeol 14.4 %, over 14 17.8 %; over 20 words 16.8 %
)


def limits_for(language: Language) -> Limits:
    return KOREAN if language == "ko" else ENGLISH
