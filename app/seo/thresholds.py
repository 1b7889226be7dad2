"""The numbers that checks compare with, each with where it is from. A site may set its own.

"Reference" is the most used on-page analyser; its thresholds are taken as facts (observed by
running it). "Converted" are the reference's English numbers times what 140 parallel articles
in both languages gave: 0.746 eojeol per English word, 0.616 Korean characters per English one.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from app.config import BadSettings
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
    density_exact: tuple[float, float, float] = (0.5, 3.0, 4.0)
    """The same where the keyphrase counts only as it is written. Reference, without word forms."""
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
    transition_share: tuple[float, float] = (0.30, 0.20)
    """Share of sentences with a transition: green from the first, orange from the second. Reference."""
    transition_words_from: int = 200
    """Shorter texts need no transitions. Reference."""
    passive_share: tuple[float, float] = (0.10, 0.15)
    """Share of sentences in the passive: green up to the first, orange up to the second. Reference."""
    ending_run: int = 4
    """So many Korean sentences in a row with one ending are too many. Our own choice."""
    register_share: tuple[float, float] = (0.0, 0.10)
    """Share of Korean sentences outside the text's register, green and orange up to. Our own choice."""
    links_least: int = 1
    """Followed links to the own site and to others, each. Reference."""
    support_share: tuple[float, float] = (0.95, 0.75)
    """Share of claims that their sources support, for green and orange. 75 % of citations support
    their sentence in a study of answer engines (Liu et al. 2023); an article should do better."""
    source_sites: int = 2
    """So many different sites cited, when any is. Our own choice."""
    stuffing_words: int = 200
    """Density is measured in every stretch of so many words too, in English words. Our own choice."""
    answer_words: int = 60
    """A first paragraph under a question is an answer up to this length. Vendors' advice, told only."""
    overlap_words: int = 8
    """So many words in a row that stand in a source are copied. Convention of studies of reuse."""
    overlap_share: float = 0.25
    """Largest share of an article that may be copied from one source of others; as
    `APP_WRITING__THIRD_PARTY_SHARE`, which stands over it for articles written here."""


ENGLISH = Limits()

KOREAN = Limits(
    meta_characters=(60, 85),  # by shown width and by converted content
    section_words=(225, 260),  # converted
    paragraph_words=(112, 150),  # converted
    text_words=(225, 187, 150, 75),  # converted
    text_signs=925,  # converted
    transition_words_from=149,  # converted
    answer_words=45,  # converted
    overlap_words=6,  # converted
    sentence_words=15,  # share over 15 eojeol 14.4 %, over 14 17.8 %; over 20 words 16.8 %
)


def limits_for(language: Language) -> Limits:
    return KOREAN if language == "ko" else ENGLISH


@dataclass(frozen=True, slots=True)
class SiteLimits:
    """A site's thresholds in both languages: ours, with what the site set instead."""

    en: Limits = ENGLISH
    ko: Limits = KOREAN

    def of(self, language: Language) -> Limits:
        return self.ko if language == "ko" else self.en


_LIMITS: TypeAdapter[Limits] = TypeAdapter(Limits)
_SETTING = "APP_SEO__THRESHOLDS"


def read_limits(text: str) -> SiteLimits:
    """Thresholds of a site from JSON: `{"en": {"sentence_words": 18}, "ko": {…}}`; empty: ours.

    Raises:
        BadSettings: it is no such JSON, or names no threshold of ours, or gives it a value of another kind.
    """
    if not text.strip():
        return SiteLimits()
    try:
        given: object = json.loads(text)
    except ValueError as error:
        raise BadSettings(f"{_SETTING} is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise BadSettings(
            f'{_SETTING} is an object by language: {{"ko": {{"sentence_words": 18}}}}'
        )
    changed: dict[Language, Limits] = {}
    for language, values in cast("dict[str, Any]", given).items():
        if language not in {"en", "ko"} or not isinstance(values, dict):
            raise BadSettings(f'{_SETTING}: {language!r} is no language; write "en" or "ko"')
        known: Language = "ko" if language == "ko" else "en"
        changed[known] = _changed(limits_for(known), cast("dict[str, Any]", values))
    return replace(SiteLimits(), **changed)


def _changed(limits: Limits, values: Mapping[str, Any]) -> Limits:
    names = {field.name for field in fields(Limits)}
    for name in values:
        if name not in names:
            near = get_close_matches(name, names, 1)
            hint = f"; did you mean {near[0]}?" if near else "; docs/reference/checks.md lists them"
            raise BadSettings(f"{_SETTING}: there is no threshold {name!r}{hint}")
    try:
        return _LIMITS.validate_python({**asdict(limits), **values})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadSettings(f"{_SETTING}: {place}: {first['msg']}") from None
