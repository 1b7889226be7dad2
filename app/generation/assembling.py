"""From the JSON that steps hand to each other to an article that can be measured and kept."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from app.generation import article
from app.generation.judging import objections_of
from app.generation.schemas import Brief, Fact, Section, Snippet, Usage, Written
from app.sources.domain import Snapshot

Json = dict[str, Any]


def brief_of(brief: Json) -> Brief:
    """What was asked for, of the first step's answer."""
    return Brief(
        keyword=brief["keyword"],
        language=brief["language"],
        model=brief["model"],
        sources=tuple(brief["snapshots"]),
    )


def written_of(verified: Json, snippet: Json) -> Written:
    """The article's parts as the steps before left them."""
    return Written(
        sections=tuple(Section.model_validate(section) for section in verified["sections"]),
        questions=int(verified["questions"]),
        snippet=Snippet.model_validate(snippet),
    )


def assembled_of(
    brief: Json,
    verified: Json,
    written: Written,
    facts: Mapping[str, Fact],
    snapshots: Sequence[Snapshot],
) -> article.Assembled:
    """The parts laid out as one article, with its claims. Blocking."""
    cut = len(written.sections) - written.questions
    return article.assemble(
        brief=brief_of(brief),
        publish=bool(brief["publish"]),
        snippet=written.snippet,
        sections=written.sections[:cut],
        questions=written.sections[cut:],
        facts=facts,
        snapshots=snapshots,
        flagged=tuple(_standing(verified["flagged"], written.sections)),
        spent=Usage(**verified["spent"]),
        # None where nobody judged, as in an earlier release.
        objections=objections_of(verified.get("objections", ())),
    )


def _standing(flagged: Iterable[str], sections: Iterable[Section]) -> list[str]:
    """The flags on sentences that are still there: a repair may have left one out, or worded it anew."""
    texts = {s.text for section in sections for block in section.blocks for s in block.sentences}
    return [flag for flag in flagged if any(flag.startswith(f"{text} — ") for text in texts)]
