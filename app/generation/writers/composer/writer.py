"""The composer: the writer that needs no model. It chooses, orders and joins the sources' own sentences."""

from collections.abc import Mapping, Sequence

from app.generation.schemas import Brief, Fact, Outline, Section, SectionPlan, Snippet, Usage
from app.generation.writers.composer.outlining import outline
from app.generation.writers.composer.snippet import write_snippet
from app.generation.writers.composer.wording import lay_out
from app.generation.writers.repair import Faulty, Mended


class Composer:
    """A `Writer` that is deterministic and free: the same facts give the same article."""

    @property
    def name(self) -> str:
        return "composer"

    async def outline(self, brief: Brief, facts: Sequence[Fact]) -> tuple[Outline, Usage]:
        """Choose and group the facts. Raises `NotEnoughFacts`."""
        return outline(brief, facts), Usage()

    async def section(self, brief: Brief, plan: SectionPlan, facts: Mapping[str, Fact]) -> Section:
        """Lay out one section's facts. An empty heading is the introduction."""
        return Section(heading=plan.heading, blocks=lay_out(plan, facts, brief.language))

    async def snippet(self, brief: Brief, sections: Sequence[Section]) -> Snippet:
        """Make title, description and slug of the article's own words."""
        return write_snippet(brief, sections)

    async def mend(self, faulty: Faulty) -> Mended:
        """Nothing: it has no words but the sources', and its listed repairs were tried already."""
        del faulty
        return Mended()
