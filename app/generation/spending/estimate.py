"""What an article will take, before it is asked for: the writer's own calls, counted instead of made.

The composer plans the article from the sources at hand, and the model's writer runs over the plan with a
model that answers nothing and counts what it was asked. So the estimate knows the prompts, the sections
and the facts to the letter; it does not know how the model cuts words and how often it is asked again:

- low: every call once, each text at its fewest tokens, and an answer as short as the facts that go into it;
- high: every section twice (the repair), each structured answer twice, each text at its most tokens, and
  an answer a third longer than its facts; and every round of repairs asks for all it may.

A page that has to be fetched first is not fetched for an estimate; it counts as a short and as a long page.
"""

import asyncio
from collections.abc import Sequence
from typing import TypeVar

from app.generation.domain import NotEnoughFacts
from app.generation.facts import facts_of_snapshot
from app.generation.schemas import Brief, Fact, Written
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
) -> Estimate:
    """What an article from these sources may take with this model, without its fallbacks.

    `rounds` is how often it may be repaired.

    Raises:
        NotEnoughFacts: there is too little to write from, and no page that may have more.
        Invalid: the sources are too long for an estimate.
    """
    counting = _Counting(model)
    if sum(len(snapshot.text) for snapshot in snapshots) > _MOST_TEXT:
        raise Invalid(f"An estimate is made of at most {_MOST_TEXT:,} characters of sources.")
    if model != "composer":
        try:
            if snapshots:
                brief = Brief(keyword=keyword, language=language)
                # In a thread with a loop of its own: planning takes as long as in a job, without a pause.
                await asyncio.to_thread(
                    lambda: asyncio.run(_count(counting, brief, snapshots, rounds))
                )
        except NotEnoughFacts:
            if not unread_pages:
                raise
        for _ in range(unread_pages):
            counting.add_page(language, rounds)
    spent = [
        prices.cost_usd(model, counting.input_tokens[n], counting.output_tokens[n]) for n in (0, 1)
    ]
    return Estimate(
        model=model,
        language=language,
        calls=_band(counting.calls),
        input_tokens=_band(counting.input_tokens),
        output_tokens=_band(counting.output_tokens),
        low_usd=spent[0],
        high_usd=spent[1],
        price_source=prices.source(model),
        unread_pages=unread_pages,
    )


async def _count(
    counting: _Counting, brief: Brief, snapshots: Sequence[Snapshot], rounds: int
) -> None:
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


def _band(counted: Sequence[int]) -> Band:
    return Band(low=counted[0], high=max(counted))
