"""The listed repairs of a composed article: its own sentences chosen, parted, placed and headed otherwise.

No repair adds a word but the keyphrase, as a heading's label. Each is tried by itself and kept only where
the article is better with it (`app.generation.repairing`).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.generation.schemas import Block, Section, Sentence
from app.generation.writers.composer.coherence import hangs_on_previous
from app.generation.writers.composer.rules import LEXICONS, LINK, leading_connective
from app.generation.writers.composer.snippet import labelled, write_snippet
from app.generation.writers.repair import Faulty, Patch
from app.language.keyphrase import Keyphrase
from app.language.stems import content_stems, words
from app.language.types import Language

_LEFT_OUT = 0.1
"""Most of an article's sentences that are left out for how they are worded; more would be its content."""
_FEWEST = 3
"""Sentences of a paragraph from which one may go."""
_LONGEST_LABELLED = 9
"""Words of a heading that still takes a label."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One listed repair: its name, the checks it is for, and what it makes of an article.

    It gives what can be tried, the least change first; the first that is better is taken.
    """

    name: str
    checks: frozenset[str]
    apply: Callable[[Faulty], Sequence[Patch]]


def _snippet(faulty: Faulty) -> Sequence[Patch]:
    """Title and description anew, by the site's thresholds; what is right stays."""
    brief, written = faulty.brief, faulty.written
    fresh = write_snippet(brief, written.sections, faulty.limits)
    old = written.snippet
    kept: dict[str, str] = {}
    if not faulty.faults.keys() & {"title.width", "kp.title", "kp.slug"}:
        kept |= {"title": old.title, "slug": old.slug}
    if not faulty.faults.keys() & {"meta.length", "kp.meta"}:
        kept |= {"meta_description": old.meta_description}
    fresh = fresh.model_copy(update={**kept, "usage": old.usage, "writer": old.writer})
    return [Patch(snippet=fresh)] if fresh != old else []


def _introduction(faulty: Faulty) -> Sequence[Patch]:
    """Open with a sentence that names the keyphrase, taken from where nothing hangs on it."""
    brief = faulty.brief
    phrase = Keyphrase(brief.keyword, brief.language)
    lexicon = LEXICONS[brief.language]
    sections = faulty.written.sections
    found: list[tuple[bool, int, int, int]] = []
    for s, section in enumerate(sections[: len(sections) - faulty.written.questions]):
        for b, block in enumerate(section.blocks if s else ()):
            if block.kind != "paragraph" or len(block.sentences) < _FEWEST - 1:
                continue
            for n, sentence in enumerate(block.sentences):
                hits = phrase.find(sentence.text)
                if not hits or not _alone(block.sentences, n, brief.language):
                    continue
                defines = bool(lexicon.definition_tail.match(sentence.text[hits[0].end :]))
                found.append((not defines, s, b, n))
    if not found or not sections or not sections[0].blocks:
        return []
    _, s, b, n = min(found)
    sentence = sections[s].blocks[b].sentences[n]
    first = sections[0].blocks[0]
    opened = (
        (_with(first, (sentence, *first.sentences)), *sections[0].blocks[1:])
        if first.kind == "paragraph"
        else (Block(sentences=(sentence,)), *sections[0].blocks)
    )
    moved = Patch(
        sections={
            0: sections[0].model_copy(update={"blocks": opened}),
            s: _without(sections[s], {(b, n)}),
        }
    )
    return [moved]


def _label_headings(faulty: Faulty) -> Sequence[Patch]:
    """Put the keyphrase as a label before as many headings as the share needs: `Tides: what pulls`."""
    brief, written = faulty.brief, faulty.written
    phrase = Keyphrase(brief.keyword, brief.language)
    named = set(content_stems(brief.keyword, brief.language))
    headed = [n for n, section in enumerate(written.sections) if section.heading]
    if not named:
        return []

    def shows(section: Section) -> bool:
        stems = set(content_stems(section.heading, brief.language))
        return bool(phrase.find(section.heading)) or len(stems & named) * 2 >= len(named)

    low, high = faulty.limits.heading_share
    total = len(headed) + bool(written.questions)  # the questions have a heading above them
    have = sum(shows(written.sections[n]) for n in headed)
    wanted = math.ceil(low * total) - have
    if wanted <= 0 or have + wanted > high * total:
        return []

    def naming(n: int) -> int:
        text = [s.text for block in written.sections[n].blocks for s in block.sentences]
        return sum(bool(phrase.find(each)) for each in text)

    plain = [
        n
        for n in headed
        if not shows(written.sections[n])
        and ":" not in written.sections[n].heading
        and len(written.sections[n].heading.split()) < _LONGEST_LABELLED
    ]
    chosen = sorted(plain, key=lambda n: (-naming(n), n))[:wanted]
    if len(chosen) < wanted:
        return []
    labels = Patch(
        sections={
            n: written.sections[n].model_copy(
                update={"heading": labelled(written.sections[n].heading, brief)}
            )
            for n in chosen
        }
    )
    return [labels]


def _split_paragraphs(faulty: Faulty) -> Sequence[Patch]:
    """Part each long paragraph in the middle, before a sentence that does not hang on the one before."""
    language = faulty.brief.language
    most = faulty.limits.paragraph_words[0]
    changed: dict[int, Section] = {}
    for s, section in enumerate(faulty.written.sections):
        blocks = [part for block in section.blocks for part in _parts(block, most, language)]
        if len(blocks) > len(section.blocks):
            changed[s] = section.model_copy(update={"blocks": tuple(blocks)})
    return [Patch(sections=changed)] if changed else []


def _parts(block: Block, most: int, language: Language) -> list[Block]:
    counts = [len(words(sentence.text, language)) for sentence in block.sentences]
    if block.kind != "paragraph" or sum(counts) <= most:
        return [block]
    lexicon = LEXICONS[language]
    places = [
        n
        for n in range(1, len(counts))
        if not hangs_on_previous(block.sentences[n].text, lexicon, language)
        and not block.sentences[n - 1].text.rstrip().endswith((":", "："))
    ]
    if not places:
        return [block]
    cut = min(places, key=lambda n: (abs(sum(counts[:n]) * 2 - sum(counts)), n))
    first = _with(block, block.sentences[:cut])
    rest = block.model_copy(update={"sentences": block.sentences[cut:], "heading": ""})
    return [*_parts(first, most, language), *_parts(rest, most, language)]


def _leave_out(check: str) -> Callable[[Faulty], Sequence[Patch]]:
    """Leave out as few as possible of the sentences that a check points at, the longest first."""

    def apply(faulty: Faulty) -> Sequence[Patch]:
        language = faulty.brief.language
        every = [
            s for section in faulty.written.sections for b in section.blocks for s in b.sentences
        ]
        most = max(1, int(len(every) * _LEFT_OUT))
        pointed = faulty.faults[check]
        places = [
            (len(words(sentence.text, language)), s, b, n)
            for s, section in enumerate(faulty.written.sections)
            for b, block in enumerate(section.blocks)
            if block.kind == "paragraph" and len(block.sentences) >= _FEWEST
            for n, sentence in enumerate(block.sentences)
            if sentence.text in pointed and _alone(block.sentences, n, language)
        ]
        sections = faulty.written.sections
        gone: dict[int, set[tuple[int, int]]] = {}
        left: dict[tuple[int, int], int] = {}
        tries: list[Patch] = []
        for _length, s, b, n in sorted(places, key=lambda place: (-place[0], place[1:])):
            near = {(b, n - 1), (b, n + 1)} & gone.get(s, set())
            size = left.get((s, b), len(sections[s].blocks[b].sentences))
            if near or size < _FEWEST or len(tries) == most:
                continue
            gone.setdefault(s, set()).add((b, n))
            left[s, b] = size - 1
            tries.append(
                Patch(sections={s: _without(sections[s], each) for s, each in gone.items()})
            )
        return tries

    return apply


def _alone(sentences: Sequence[Sentence], n: int, language: Language) -> bool:
    """Whether a sentence stands alone and none behind it hangs on it, so that it may go or move."""
    lexicon = LEXICONS[language]
    text = sentences[n].text
    if LINK in sentences[n].rules or text.rstrip().endswith((":", "：")):
        return False
    if lexicon.announces.search(text) or leading_connective(text, language):
        return False
    if hangs_on_previous(text, lexicon, language):
        return False
    following = sentences[n + 1].text if n + 1 < len(sentences) else ""
    return not (
        hangs_on_previous(following, lexicon, language) or leading_connective(following, language)
    )


def _with(block: Block, sentences: Sequence[Sentence]) -> Block:
    return block.model_copy(update={"sentences": tuple(sentences)})


def _without(section: Section, gone: set[tuple[int, int]]) -> Section:
    blocks = [
        _with(block, [s for n, s in enumerate(block.sentences) if (b, n) not in gone])
        for b, block in enumerate(section.blocks)
    ]
    return section.model_copy(
        update={"blocks": tuple(block for block in blocks if block.sentences)}
    )


REPAIRS: tuple[Repair, ...] = (
    Repair(
        "snippet",
        frozenset({"title.width", "kp.title", "kp.slug", "meta.length", "kp.meta"}),
        _snippet,
    ),
    Repair("introduction", frozenset({"kp.intro"}), _introduction),
    Repair("headings", frozenset({"kp.headings"}), _label_headings),
    Repair("paragraphs", frozenset({"paragraph.length"}), _split_paragraphs),
    *(
        Repair(f"leave out by {check}", frozenset({check}), _leave_out(check))
        for check in (
            "sentence.length",
            "sentence.passive",
            "sentence.beginnings",
            "ko.endings",
            "kp.density",
        )
    ),
)
"""In the order in which they are tried: the text last, since it decides what the others find."""
