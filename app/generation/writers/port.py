"""The port: whoever turns facts into an article's parts."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from app.generation.schemas import Brief, Fact, Outline, Section, SectionPlan, Snippet, Usage
from app.generation.writers.repair import Faulty, Mended


class Writer(Protocol):
    """Turns facts into an article's parts, one call a durable step. A writer is no source of facts.

    Every method raises `NotEnoughFacts`, `WriterAway`, `WriterRefused` or `CapReached`
    (`app.generation.domain`), nothing else on purpose.
    """

    @property
    def name(self) -> str: ...

    async def outline(self, brief: Brief, facts: Sequence[Fact]) -> tuple[Outline, Usage]:
        """Choose and group the facts; order them under headings."""
        ...

    async def section(self, brief: Brief, plan: SectionPlan, facts: Mapping[str, Fact]) -> Section:
        """Write one section from its plan's facts. An empty heading is the introduction."""
        ...

    async def snippet(self, brief: Brief, sections: Sequence[Section]) -> Snippet:
        """Title, meta description and slug for what was written."""
        ...

    async def mend(self, faulty: Faulty) -> Mended:
        """Word anew what no listed repair could mend; nothing where there is no model to do it."""
        ...
