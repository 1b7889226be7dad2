"""What an article will take, before it is asked for: the writer's own calls, counted instead of made.

The composer plans the article from the sources at hand, and the model's writer runs over the plan with a
model that answers nothing and counts what it was asked. So the estimate knows the prompts, the sections
and the facts to the letter; it does not know how the model cuts words and how often it is asked again:

- low: every call once, each text at its fewest tokens, and an answer as short as the facts that go into it;
- high: every section twice (the repair), each structured answer twice, each text at its most tokens, and
  an answer a third longer than its facts; and every round of repairs asks for all it may. A judge reads every
  sentence and objects to all; at the low end the model kept its sources' words, which leaves nothing to judge.

A page that has to be fetched first is not fetched for an estimate; it counts as a short and as a long page.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import TypeVar

from app.generation.domain import NotEnoughFacts
from app.generation.facts import facts_of_snapshot
from app.generation.schemas import Brief, Fact, Section, Written
from app.generation.spending.schemas import Band, Estimate
from app.generation.spending.tokens import HANGUL, OTHER, least_tokens, most_tokens
from app.generation.writers import prompts
from app.generation.writers.composer import Composer
from app.generation.writers.model import ModelWriter
from app.generation.writers.repair import (
    MENDED_SECTIONS,
    PROSE_FAULTS,
    SNIPPET_FAULTS,
    Faulty,
)
from app.infra.llm import Completion, ModelInvalid, Prices, Question
from app.kit.errors import Invalid
from app.language.types import Language
from app.review import judging
from app.seo.thresholds import limits_for
from app.sources.domain import Snapshot

T = TypeVar("T")

_LONGER = 4 / 3
"""How much longer than its facts a section may become."""
_SHORT_ANSWER, _LONG_ANSWER = 60, 500
"""Tokens of a structured answer: headings, or three titles with descriptions."""
_SCHEMA = (100, 400)
"""Tokens of the schema that is sent with it."""
_PAGE = (2_000, 15_000)
"""Characters that an article takes from a page which was not fetched."""
_MOST_TEXT = 400_000
"""Characters of sources that an estimate reads: it is made while somebody waits."""
_PART = 1_500
"""Characters of facts a part of the article has, where they are not known."""

_SENTENCE = 100
"""Characters of a sentence, where they are not known."""
_FRAME = 40
"""Tokens of a judgement but for what it quotes."""


class _Counting:
    """A `LanguageModel` that answers nothing and counts what it is asked."""

    def __init__(self, spec: str) -> None:
        self.name = spec
        self.is_small = spec.startswith("local")
        self.calls = [0, 0]
        self.input_tokens = [0, 0]
        self.output_tokens = [0, 0]
        self.only_high = False
        """Whether what is asked now may as well not be: it counts at the high end alone."""
        self._seen: set[tuple[str, str]] = set()

    async def complete(self, question: Question[T]) -> Completion[T]:
        """Count; what the writer does with no answer is to ask once more, and then to do without."""
        system, prompt = question.system, question.prompt
        first = (system, prompt) not in self._seen
        self._seen.add((system, prompt))
        into = (
            least_tokens(system) + least_tokens(prompt),
            most_tokens(system) + most_tokens(prompt),
        )
        if question.output is str:
            facts = prompt.rpartition("<facts>")[2].partition("</facts>")[0]
            out = least_tokens(facts), int(most_tokens(facts) * _LONGER)
            if first:
                self._add(0, 1, into[0], out[0])
            self._add(1, 1, into[1], min(out[1], question.max_tokens))
        else:
            self._add(0, 1, into[0] + _SCHEMA[0], _SHORT_ANSWER)
            self._add(1, 2, 2 * (into[1] + _SCHEMA[1]) + _LONG_ANSWER, 2 * _LONG_ANSWER)
        raise ModelInvalid("counted")

    def _add(self, end: int, calls: int, into: int, out: int) -> None:
        """Add to one end of the bands: 0 is low, 1 is high."""
        if self.only_high and not end:
            return
        self.calls[end] += calls
        self.input_tokens[end] += into
        self.output_tokens[end] += out

    def cost_usd(self, prices: Prices, end: int) -> float | None:
        """What one end of the band costs."""
        return prices.cost_usd(self.name, self.input_tokens[end], self.output_tokens[end])

    def add_page(self, language: Language, rounds: int) -> None:
        """A page that nobody has read yet, with its rounds of repairs."""
        fixed = prompts.system_prompt(language, small=self.is_small) + prompts.section_prompt(
            "", "", (), language
        )
        factors = HANGUL if language == "ko" else OTHER
        for end, tokens, tries in ((0, least_tokens, 1), (1, most_tokens, 2)):
            parts = -(-_PAGE[end] // _PART)
            text = int(_PAGE[end] * factors[end])
            out = int(text * _LONGER) if end else text
            if end:
                again = rounds * MENDED_SECTIONS
                parts, text, out = (
                    parts + again,
                    text + again * text // parts,
                    out + again * out // parts,
                )
            self._add(end, parts * tries, (parts * tokens(fixed) + text) * tries, out * tries)

    def add_judged(self, texts: Sequence[str]) -> None:
        """A judge that is asked about each of these facts by itself, and quotes all of it; at the high end."""
        for asked in judging.questions([judging.Doubt(text, (text,)) for text in texts]):
            claims = most_tokens(judging.prompt(asked))
            into = most_tokens(judging.instructions()) + claims + _SCHEMA[1]
            out = claims + _FRAME * len(asked)
            self._add(1, 2, 2 * into + out, 2 * out)

    async def aclose(self) -> None:
        """Nothing is held."""


async def estimate_article(
    *,
    keyword: str,
    language: Language,
    model: str,
    snapshots: Sequence[Snapshot],
    unread_pages: int,
    prices: Prices,
    rounds: int = 0,
    judge: str = "",
) -> Estimate:
    """What an article from these sources may take with this model, without its fallbacks.

    `rounds` is how often it may be repaired, `judge` the model that reads it again, if one does.

    Raises:
        NotEnoughFacts: there is too little to write from, and no page that may have more.
        Invalid: the sources are too long for an estimate.
    """
    counting, reading = _Counting(model), _Counting(judge)
    if sum(len(snapshot.text) for snapshot in snapshots) > _MOST_TEXT:
        raise Invalid(f"An estimate is made of at most {_MOST_TEXT:,} characters of sources.")
    if model != "composer":
        try:
            if snapshots:
                brief = Brief(keyword=keyword, language=language)
                # In a thread with a loop of its own: planning takes as long as in a job, without a pause.
                texts = await asyncio.to_thread(
                    lambda: asyncio.run(_count(counting, brief, snapshots, rounds))
                )
                if judge:
                    await asyncio.to_thread(reading.add_judged, texts)
        except NotEnoughFacts:
            if not unread_pages:
                raise
        for _ in range(unread_pages):
            counting.add_page(language, rounds)
            if judge:
                reading.add_judged(_page_of(language, rounds))
    spent = [
        _sum(each.cost_usd(prices, n) for each in (counting, reading) if each.name) for n in (0, 1)
    ]
    source = prices.source(model)
    if judge and (other := prices.source(judge)) != source:
        source = f"{source}; {judge}: {other}"
    return Estimate(
        model=model,
        language=language,
        calls=_band(counting.calls, reading.calls),
        input_tokens=_band(counting.input_tokens, reading.input_tokens),
        output_tokens=_band(counting.output_tokens, reading.output_tokens),
        low_usd=spent[0],
        high_usd=spent[1],
        price_source=source,
        unread_pages=unread_pages,
    )


async def _count(
    counting: _Counting, brief: Brief, snapshots: Sequence[Snapshot], rounds: int
) -> list[str]:
    """Count the writer's calls; answers the texts that a judge may read, those of repairs once more."""
    facts: dict[str, Fact] = {}
    for snapshot in snapshots:
        for fact in facts_of_snapshot(snapshot, first=len(facts)):
            facts[fact.id] = fact
    writer = ModelWriter(counting, Composer())
    outline, _ = await writer.outline(brief, list(facts.values()))
    sections = [await writer.section(brief, plan, facts) for plan in outline.plans]
    snippet = await writer.snippet(brief, sections)
    counting.only_high = True
    every = frozenset(s.text for part in sections for block in part.blocks for s in block.sentences)
    faulty = Faulty(
        brief=brief,
        written=Written(
            sections=tuple(sections), questions=len(outline.questions), snippet=snippet
        ),
        facts=facts,
        limits=limits_for(brief.language),
        faults=dict.fromkeys((*SNIPPET_FAULTS, *PROSE_FAULTS), every),
    )
    for _ in range(rounds):
        await writer.mend(faulty)
    prose = [_prose(section) for section in sections]
    longest = sorted(prose, key=len)[-MENDED_SECTIONS:]
    return [text for part in (*prose, *longest * rounds) for text in part]


def _prose(section: Section) -> list[str]:
    """What a model may word of a section."""
    blocks = [block for block in section.blocks if block.kind == "paragraph"]
    return [each.text for block in blocks for each in block.sentences if each.fact_ids]


def _page_of(language: Language, rounds: int) -> list[str]:
    """Sentences as a long page may have them, which nobody has read; those of repairs once more."""
    sign = "가" if language == "ko" else "x"
    many = (_PAGE[1] + rounds * MENDED_SECTIONS * _PART) // _SENTENCE
    return [sign * _SENTENCE] * many


def _sum(amounts: Iterable[float | None]) -> float | None:
    """All of them together; None where one is not known."""
    known = list(amounts)
    return None if None in known else sum(amount or 0.0 for amount in known)


def _band(*counted: Sequence[int]) -> Band:
    low, high = (sum(each[end] for each in counted) for end in (0, 1))
    return Band(low=low, high=max(low, high))
