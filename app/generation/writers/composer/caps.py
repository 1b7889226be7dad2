"""How much an article may repeat of a source that is somebody else's."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.generation.schemas import Fact, Section
from app.sources.domain import Rights


@dataclass(frozen=True, slots=True)
class Caps:
    """The limits for each third-party source. The user's own and licensed sources have none."""

    share: float = 0.25
    """Of the article's words, code left out."""
    consecutive: int = 3
    """Sentences in a row inside a section. A list, table or code block counts as one sentence."""


DEFAULT_CAPS = Caps()


def check_caps(
    sections: Sequence[Section],
    facts: Mapping[str, Fact],
    *,
    caps: Caps = DEFAULT_CAPS,
    titles: Mapping[str, str] | None = None,
) -> list[str]:
    """Return the reasons why the article must stay a draft, empty if it may go out.

    `titles` names sources by their snapshot id. A sentence of several sources counts for each.
    """
    words: Counter[str] = Counter()
    longest: Counter[str] = Counter()
    total = 0
    for section in sections:
        run: Counter[str] = Counter()
        for block in section.blocks:
            counted: set[str] = set()
            for sentence in block.sentences:
                sources = {facts[each].snapshot_id for each in sentence.fact_ids}
                if block.kind != "code":
                    length = len(sentence.text.split())
                    total += length
                    words.update(dict.fromkeys(sources, length))
                for source in [each for each in run if each not in sources and sources]:
                    del run[source]
                fresh = sources if block.kind == "paragraph" else sources - counted
                run.update(fresh)
                counted |= sources
                for source in sources:
                    longest[source] = max(longest[source], run[source])
    foreign = sorted(
        {fact.snapshot_id for fact in facts.values() if fact.rights == Rights.THIRD_PARTY}
    )
    reasons: list[str] = []
    for source in foreign:
        name = (titles or {}).get(source) or source
        share = words[source] / total if total else 0.0
        if share > caps.share:
            reasons.append(
                f"{share:.0%} of the article's words are from the third-party source {name!r}; at most "
                f"{caps.share:.0%} may be. Add other sources, or mark it as own or licensed if it is."
            )
        if longest[source] > caps.consecutive:
            reasons.append(
                f"{longest[source]} sentences in a row are from the third-party source {name!r}; at "
                f"most {caps.consecutive} may be. Add other sources, or edit that part."
            )
    return reasons
