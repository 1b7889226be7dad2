"""The numbers that checks compare with, each with where it is from. A site may set its own.

"Reference" is the most used on-page analyser; its thresholds are taken as facts (observed by
running it). "Converted" are the reference's English numbers times what 140 parallel articles
in both languages gave: 0.746 eojeol per English word, 0.616 Korean characters per English one.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from difflib import get_close_matches
from typing import Any, cast

from pydantic import TypeAdapter, ValidationError

from app.config import BadSettings
from app.kit.errors import Invalid
from app.kit.speech import say
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
    """How often the description holds the keyphrase. Reference."""
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
    topic_share: tuple[float, float] = (0.40, 0.65)
    """Share of stems (Jaccard) that titles, keyphrases and headings of two articles have in common: told from
    the first, by the tuning half of `tests/seo/near`; red from the second, our own choice."""
    duplicate_share: float = 0.50
    """Largest share of an article that may stand word for word in another one of the site. Our own choice."""


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

NAMES = tuple(field.name for field in fields(Limits))

_SHARES = frozenset(
    {
        "heading_share",
        "distribution",
        "long_share",
        "citation_share",
        "transition_share",
        "passive_share",
        "register_share",
        "support_share",
        "overlap_share",
        "topic_share",
        "duplicate_share",
    }
)
"""Shares of a whole: 0 to 1."""
_FALLING = frozenset({"text_words", "citation_share", "transition_share", "support_share"})
"""Their first number is the best; the others must not be above it. Of all else with several, below."""
_LARGEST = 1_000_000
"""No text, title or section is longer."""


class BadThreshold(Invalid):
    """A threshold that cannot be used; says which, and what to write instead."""


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
    try:
        return override(SiteLimits(), cast("dict[str, Any]", given))
    except BadThreshold as error:
        raise BadSettings(f"{_SETTING}: {error}") from None


def override(limits: SiteLimits, given: Mapping[str, Any]) -> SiteLimits:
    """`limits` with what is `given` by language and name instead: `{"ko": {"sentence_words": 18}}`.

    Raises:
        BadThreshold: a language or a threshold is not known, or a value cannot be one.
    """
    changed: dict[Language, Limits] = {}
    for language, values in given.items():
        if language not in {"en", "ko"} or not isinstance(values, dict):
            raise BadThreshold(
                say('{name} is no language; write "en" or "ko"', name=repr(language))
            )
        known: Language = "ko" if language == "ko" else "en"
        changed[known] = _changed(limits.of(known), cast("dict[str, Any]", values))
    return replace(limits, **changed)


def _changed(limits: Limits, values: Mapping[str, Any]) -> Limits:
    for name in values:
        check_name(name)
    for name, value in values.items():
        if any(isinstance(each, bool) for each in _several(value)):
            raise BadThreshold(say("{name}: write a number, not true or false.", name=name))
    try:
        changed = _LIMITS.validate_python({**asdict(limits), **values})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise BadThreshold(f"{place}: {first['msg']}") from None
    for name in values:
        _check_numbers(name, getattr(changed, name))
    return changed


def check_name(name: str) -> None:
    """Refuse a name that no threshold has.

    Raises:
        BadThreshold: there is none; says which may be meant.
    """
    if name in NAMES:
        return
    near = get_close_matches(name, NAMES, 1)
    if near:
        raise BadThreshold(
            say("there is no threshold {name}; did you mean {near}?", name=repr(name), near=near[0])
        )
    raise BadThreshold(
        say(
            "there is no threshold {name}; docs/reference/checks.md lists them",
            name=repr(name[:60]),
        )
    )


def _check_numbers(name: str, value: object) -> None:
    """What a value of the right kind may still be: out of range, or its numbers out of order."""
    numbers = [float(each) for each in _several(value) if isinstance(each, int | float)]
    most = 1 if name in _SHARES else _LARGEST
    if any(not 0 <= number <= most for number in numbers):  # no comparison holds for NaN
        raise BadThreshold(
            say("{name}: a number from 0 to {most} is possible.", name=name, most=f"{most:,}")
        )
    whole = [each for each in _several(value) if isinstance(each, int)]
    if 0 in whole:
        raise BadThreshold(say("{name}: write 1 or more.", name=name))
    ordered = sorted(numbers, reverse=name in _FALLING)
    if numbers != ordered:
        shown = ", ".join(f"{number:g}" for number in ordered)
        raise BadThreshold(
            say("{name}: write the numbers in order: {shown}.", name=name, shown=shown)
        )


def _several(value: object) -> Sequence[object]:
    return cast("Sequence[object]", value) if isinstance(value, tuple | list) else (value,)


def plain(value: object) -> Any:
    """A threshold's value as JSON has it: a number, a list of numbers, or null."""
    return value if value is None or isinstance(value, int | float) else list(_several(value))


def difference(limits: Limits, names: Iterable[str]) -> dict[str, Any]:
    """The values that `limits` has for `names`, as JSON has them."""
    return {name: plain(getattr(limits, name)) for name in names}
