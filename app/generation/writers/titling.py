"""Holds a model's headings, titles and descriptions to the article, and picks the best that hold."""

import re
from collections.abc import Mapping, Sequence

from app.generation.schemas import Brief, Section, SectionPlan, Snippet
from app.generation.writers import traces
from app.generation.writers.composer.rules import LINK
from app.generation.writers.prompts import Candidate
from app.kit.slugs import make_slug
from app.language.detect import detect_language, foreign_share
from app.language.english import FUNCTION_WORDS
from app.language.keyphrase import Keyphrase
from app.language.sentences import split_sentences
from app.language.stems import content_stems
from app.language.types import Language
from app.review.grounding import ground, strange
from app.seo.font_metrics import width_px
from app.seo.thresholds import limits_for

_LONGEST_HEADING: dict[Language, int] = {"en": 70, "ko": 40}
_FOREIGN: dict[Language, float] = {"en": 0.05, "ko": 0.6}
_TITLE: dict[Language, tuple[int, int]] = {"en": (30, 60), "ko": (12, 32)}
"""Characters that are asked for; whether a title fits is measured in pixels."""

_WORD = re.compile(r"[^\W_][\w'’-]*")

_KNOWN_FROM = 0.75
"""Share of content words that the article must have: "Benefits" promises what it may not keep."""


def check_headings(
    wordings: Sequence[str],
    plans: Sequence[SectionPlan],
    texts: Mapping[str, str],
    brief: Brief,
) -> list[str]:
    """For each plan the model's wording, or its own label where the wording does not hold.

    Refused: another number of headings, duplicates, a length or language that is wrong, a name or
    number that the facts have not, words that are mostly not theirs, marks.
    """
    labels = [plan.heading for plan in plans]
    if len(wordings) != len(plans):
        return labels
    kept: list[str] = []
    for n, (wording, plan) in enumerate(zip(wordings, plans, strict=True)):
        heading = " ".join(wording.split()).rstrip(".")
        taken = {each.casefold() for each in (*kept, *labels[:n], *labels[n + 1 :])}
        facts = [texts[each] for each in plan.fact_ids]
        holds = heading.casefold() not in taken and _heading_holds(heading, plan, facts, brief)
        kept.append(heading if holds else plan.heading)
    return kept


def lengths(language: Language) -> tuple[tuple[int, int], tuple[int, int]]:
    """Fewest and most characters of a title and of a description."""
    return _TITLE[language], limits_for(language).meta_characters


def prose_of(sections: Sequence[Section]) -> list[str]:
    """The article's sentences, in order, without linking phrases."""
    return [
        sentence.text
        for section in sections
        for block in section.blocks
        if block.kind == "paragraph"
        for sentence in block.sentences
        if LINK not in sentence.rules
    ]


def choose(
    candidates: Sequence[Candidate],
    sentences: Sequence[str],
    headings: Sequence[str],
    brief: Brief,
    composed: Snippet,
) -> Snippet:
    """The first title and the first description that hold; the composer's for what does not.

    A title that is one of the article's headings would stand on the page twice.
    """
    taken = {heading.casefold() for heading in headings}
    titles = [title for c in candidates if (title := _flat(c.title)).casefold() not in taken]
    title = next((each for each in titles if _title_holds(each, sentences, brief)), composed.title)
    description = next(
        (each for c in candidates if (each := _fitted(c.description, sentences, brief))),
        composed.meta_description,
    )
    return composed.model_copy(
        update={
            "title": title,
            "meta_description": description,
            "slug": composed.slug if title == composed.title else make_slug(title),
        }
    )


def _heading_holds(heading: str, plan: SectionPlan, facts: Sequence[str], brief: Brief) -> bool:
    language = brief.language
    if not heading or len(heading) > _LONGEST_HEADING[language] or ":" in heading:
        return False
    if heading.endswith("?") != plan.heading.endswith("?"):
        return False
    evidence = [*facts, plan.heading, brief.keyword]
    shared = set(content_stems(heading, language)) & set(content_stems(" ".join(facts), language))
    return bool(shared) and _is_clean(heading, evidence, language)


def _title_holds(title: str, sentences: Sequence[str], brief: Brief) -> bool:
    language = brief.language
    fits = width_px(title) <= limits_for(language).title_px
    named = bool(Keyphrase(brief.keyword, language).find(title))
    more = set(content_stems(title, language)) - set(content_stems(brief.keyword, language))
    return fits and named and bool(more) and _is_clean(title, [*sentences, brief.keyword], language)


def _fitted(description: str, sentences: Sequence[str], brief: Brief) -> str:
    """As many of its first sentences as fit; empty where that is too little or does not hold."""
    language = brief.language
    low, high = limits_for(language).meta_characters
    text = _flat(description)
    spans = split_sentences(text, language)
    ends = [span.end for span in spans if span.end <= high]
    text = text[: ends[-1]] if ends else ""
    if len(text) < low or not Keyphrase(brief.keyword, language).find(text):
        return ""
    for span in split_sentences(text, language):
        sentence = span.of(text)
        if traces.of_sentence(
            sentence, language, heading="", prompt="", examples=(), facts=sentences
        ):
            return ""
        if ground(sentence, _near(sentence, sentences, language), language).status != "supported":
            return ""
    return text if _is_clean(text, sentences, language) else ""


def _near(sentence: str, sentences: Sequence[str], language: Language) -> list[str]:
    """The three of the article's sentences with most of its words: what it must stand on."""
    stems = set(content_stems(sentence, language))
    ranked = sorted(sentences, key=lambda other: -len(stems & set(content_stems(other, language))))
    return ranked[:3]


def _is_clean(words: str, evidence: Sequence[str], language: Language) -> bool:
    """No trace of a model's working, the right language, no number or name that is new."""
    if traces.of_sentence(
        f"{words.rstrip('.')}.", language, heading="", prompt="", examples=(), facts=evidence
    ):
        return False
    if language == "en" and detect_language(words) != "en":
        return False
    if foreign_share(words, language) > _FOREIGN[language]:
        return False
    # Title case is no list of names.
    flat = words if language == "ko" else _in_case(words, " ".join(evidence))
    verdict = strange(flat, evidence, language)
    return verdict.coverage >= _KNOWN_FROM and not verdict.problems


def _in_case(words: str, evidence: str) -> str:
    """Words in the case in which the article has them, so that only what is new stays large."""
    known = set(_WORD.findall(evidence)) | FUNCTION_WORDS
    return _WORD.sub(
        lambda m: m[0].lower() if m[0] not in known and m[0].lower() in known else m[0], words
    )


def _flat(text: str) -> str:
    return " ".join(text.split()).strip('"“”')
