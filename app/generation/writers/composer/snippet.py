"""Title, description and address of an article, of its own headings and sentences."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, product

from app.generation.schemas import Brief, Section, Snippet
from app.generation.writers.composer.coherence import hangs_on_previous
from app.generation.writers.composer.outlining import keyphrase_of
from app.generation.writers.composer.rules import LEXICONS, LINK, leading_connective
from app.kit.slugs import make_slug
from app.language.keyphrase import Keyphrase
from app.language.sentences import split_sentences
from app.language.stems import content_stems
from app.language.types import Language
from app.seo.font_metrics import width_px
from app.seo.thresholds import Limits

_TITLE_WIDTH: dict[Language, float] = {"en": 60, "ko": 32}
"""Characters in English; in Korean the widths of a Hangul syllable that fill 600 px."""

_DESCRIPTION: dict[Language, tuple[int, int]] = {"en": (121, 156), "ko": (60, 85)}
"""Characters that a result page shows whole, and the fewest that fill it."""

_MOST_HEADING_WORDS = 4
"""Of a heading that stands in a title among others."""

_FEWEST_ITEM_WORDS = 5

_LATIN_WIDTH = 0.58
"""Of a Hangul syllable's width, in the usual sans-serif faces."""

_CLAUSE_END = re.compile(
    r"(?:;|,? (?:–|—)|, (?:which|so|but|and|because|while|although|where|whereas|since)\b)\s?"
)


def write_snippet(
    brief: Brief, sections: Sequence[Section], limits: Limits | None = None
) -> Snippet:
    """Return the snippet; the slug is the title's. `limits` are the site's, if it has its own."""
    title = _title(brief, sections, limits)
    return Snippet(
        title=title,
        meta_description=_description(brief, sections, title, limits),
        slug=make_slug(title),
    )


def labelled(heading: str, brief: Brief) -> str:
    """Return the heading with the keyphrase before it, as a label."""
    if brief.language == "en" and heading[1:2].islower():
        heading = heading[:1].lower() + heading[1:]
    return f"{keyphrase_of(brief.keyword, brief.language)}: {heading}"


def _headings(brief: Brief, sections: Sequence[Section]) -> list[str]:
    """Return the sections' headings without the keyword that was tied to them; none that names nothing else."""
    lexicon = LEXICONS[brief.language]
    keyphrase = keyphrase_of(brief.keyword, brief.language)
    ours = {
        each.format(keyphrase=keyphrase).casefold()
        for each in (lexicon.overview, lexicon.closing, lexicon.more)
    }
    found: list[str] = []
    for section in sections:
        bare = section.heading.removeprefix(labelled("", brief))
        for tie in lexicon.tied:
            before, after = tie.format(keyphrase=brief.keyword, heading="\n").split("\n")
            if bare.startswith(before) and bare.endswith(after):
                bare = bare[len(before) : len(bare) - len(after)]
        if bare and bare.casefold() not in ours and not re.search(r"[:?!,]", bare):
            found.append(bare)
    return found


def _width(text: str, language: Language) -> float:
    if language == "en":
        return len(text)
    return sum(1.0 if ord(each) > 0x2E7F else _LATIN_WIDTH for each in text)  # noqa: PLR2004  # where the wide scripts start


def _title(brief: Brief, sections: Sequence[Section], limits: Limits | None) -> str:
    """`<Keyphrase>: <heading>, <heading>`, with as many of the first headings as fit."""
    language = brief.language
    keyphrase = keyphrase_of(brief.keyword, language)
    named = set(content_stems(brief.keyword, language))
    seen: set[str] = set()
    title = keyphrase
    prose = " ".join(s.text for section in sections for b in section.blocks for s in b.sentences)
    for heading in _headings(brief, sections):
        stems = set(content_stems(heading, language))
        if stems & (named | seen) or len(heading.split()) > _MOST_HEADING_WORDS:
            continue
        longer = f"{title}{', ' if seen else ': '}{_in_a_row(heading, prose, language)}"
        fits = _width(longer, language) <= _TITLE_WIDTH[language]
        if fits and (limits is None or width_px(longer) <= limits.title_px):
            title = longer
            seen |= stems
    return title if seen else LEXICONS[language].overview.format(keyphrase=keyphrase)


def _in_a_row(heading: str, prose: str, language: Language) -> str:
    """Lower the case of a heading's words but of those that the article writes large mid-sentence."""
    if language == "ko":
        return heading
    return " ".join(word if _is_name(word, prose) else word.lower() for word in heading.split())


def _is_name(word: str, prose: str) -> bool:
    if word[1:] != word[1:].lower():
        return True
    small = re.search(rf"\b{re.escape(word.lower())}\b", prose)
    return small is None and bool(re.search(rf"[a-z,;] {re.escape(word)}\b", prose))


def _sentences(sections: Sequence[Section], language: Language) -> list[str]:
    return _prose(sections, language) or _items(sections)


def _items(sections: Sequence[Section]) -> list[str]:
    """Items long enough to say something, as sentences: all there is where a source is lists alone."""
    return [
        f"{sentence.text.rstrip(' .;,')}."
        for section in sections
        for block in section.blocks
        if block.kind == "list"
        for sentence in block.sentences
        if "`" not in sentence.text and len(sentence.text.split()) >= _FEWEST_ITEM_WORDS
    ]


def _prose(sections: Sequence[Section], language: Language) -> list[str]:
    return [
        sentence.text
        for section in sections
        for block in section.blocks
        if block.kind == "paragraph"
        for sentence in block.sentences
        if LINK not in sentence.rules and not sentence.text.rstrip().endswith((":", "："))
        if "`" not in sentence.text
        # What was an item in the source may be several clipped sentences.
        if len(split_sentences(sentence.text, language)) == 1
    ]


def _description(
    brief: Brief, sections: Sequence[Section], title: str, limits: Limits | None
) -> str:
    """Choose the first candidate that fills the room and names the keyword; else what comes nearest.

    Candidates are whole sentences, neighbours, two that stand apart, and shortened ones.
    """
    low, high = limits.meta_characters if limits else _DESCRIPTION[brief.language]
    phrase = Keyphrase(brief.keyword, brief.language)
    sentences = _sentences(sections, brief.language)[:24]
    best, best_rank = title, (False, False, -float(high))
    for order, text in enumerate(_candidates(sentences, brief, sections)):
        if len(text) > high:
            continue
        fits = len(text) >= low
        named = bool(phrase.find(text))
        if named and fits:
            return text
        rank = (named, fits, -float(order) if fits else float(len(text) - 1000))
        if rank > best_rank:
            best, best_rank = text, rank
    return best


def _candidates(
    sentences: Sequence[str], brief: Brief, sections: Sequence[Section]
) -> Iterator[str]:
    lexicon = LEXICONS[brief.language]
    alone = [
        text
        for text in sentences
        if not leading_connective(text, brief.language)
        and not hangs_on_previous(text, lexicon, brief.language)
    ]
    keyphrase = keyphrase_of(brief.keyword, brief.language)
    shortened = [clause for text in alone for clause in _shortened(text, brief.language)]
    headings = _headings(brief, sections)
    covers = [
        lexicon.covers.format(headings=_listed(headings[:count], brief.language))
        for count in (4, 3, 2, 1)
        if len(headings) >= count
    ]
    pairs = [f"{one} {other}" for one, other in pairwise(sentences) if one in alone]
    first = alone[:1]
    opening = [pair for text in first for pair in pairs[:1] if pair.startswith(text)]
    yield from (*first, *opening)
    yield from (f"{text} {listed}" for text in first for listed in covers)
    yield from (f"{pair} {listed}" for pair in opening for listed in covers)
    yield from (*alone, *pairs)
    for one, other in product(alone[:6], alone[:12]):
        if one != other:
            yield f"{one} {other}"
    yield from shortened
    yield from (f"{keyphrase}: {text}" for text in alone)
    first_words = [*alone[:3], *(f"{keyphrase}: {text}" for text in alone[:1]), *shortened[:3]]
    yield from (f"{first} {listed}" for first, listed in product(first_words, covers))


def _listed(headings: Sequence[str], language: Language) -> str:
    if language == "ko":
        return ", ".join(headings)
    lowered = [each if each[1:2].isupper() else each[:1].lower() + each[1:] for each in headings]
    if len(lowered) == 1:
        return lowered[0]
    return ", ".join(lowered[:-1]) + " and " + lowered[-1]


def _shortened(text: str, language: Language) -> Iterator[str]:
    """English sentences up to a clause's natural end. A Korean one has its verb at its end."""
    if language == "ko":
        return
    for found in _CLAUSE_END.finditer(text):
        clause = text[: found.start()].rstrip(" ,;")
        if len(clause.split()) > 5:  # noqa: PLR2004  # words: less is no clause
            yield f"{clause}."
