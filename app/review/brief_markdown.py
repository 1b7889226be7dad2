"""A brief in words, for people: as Markdown to keep beside the draft, and section by section for a terminal."""

import re
from collections.abc import Iterator, Sequence

from app.kit.speech import say
from app.review.brief_schemas import BriefOut

_SIGNS = re.compile(r"([\\`*_\[\]<>|#])")


def brief_as_markdown(found: BriefOut) -> str:
    """The whole brief as Markdown, in the language spoken now. What sources say is escaped."""
    lines = ["# " + say("Brief"), "", "## " + say("Keyphrases"), ""]
    lines += [
        f"| {say('keyphrase')} | {say('times')} | {say('sources')} | {say('own articles')} |",
        "|---|---|---|---|",
    ]
    for one in found.keyphrases:
        taken = ", ".join(_plain(article.title) for article in one.taken_by)
        own = "–" if one.own_articles is None else str(one.own_articles)
        if taken:
            own += " " + say("taken by: {titles}", titles=taken)
        lines.append(f"| {_plain(one.text)} | {one.count} | {_numbers(one.sources)} | {own} |")
    for heading, told in brief_sections(found):
        lines += ["", f"## {heading}", "", *(f"- {_plain(line)}" for line in told)]
    return "\n".join(lines) + "\n"


def brief_sections(found: BriefOut) -> Iterator[tuple[str, list[str]]]:
    """What stands in a brief beside its keyphrases: headings and lines, those that hold something."""
    sections = [
        (say("Questions"), [f"{one.text} ({_numbers(one.sources)})" for one in found.questions]),
        (
            say("Names"),
            [
                f"{one.text}{_kind(one.kind)} ×{one.count} ({_numbers(one.sources)})"
                for one in found.names
            ],
        ),
        (
            say("Amounts and dates"),
            [f"{one.text}: {one.sentence} ({_numbers(one.sources)})" for one in found.amounts],
        ),
        (
            say("Where sources differ"),
            [
                f"{one.first} ({one.first_source}) ↔ {one.second} ({one.second_source})"
                for one in found.disagreements
            ],
        ),
        (say("What no own article speaks of"), found.gaps),
        (
            say("Own articles on this"),
            [f"{one.title} ({one.keyphrase}) {one.address}" for one in found.own],
        ),
        (
            say("Sources"),
            [f"{one.number}. {one.title}: {one.url or one.name}" for one in found.sources],
        ),
        (say("Not read"), [f"{one.name}: {one.reason}" for one in found.unread]),
    ]
    for heading, lines in sections:
        if lines:
            yield heading, lines


def _kind(kind: str) -> str:
    return f" ({say('organisation')})" if kind == "organisation" else ""


def _numbers(sources: Sequence[int]) -> str:
    return ", ".join(map(str, sources))


def _plain(text: str) -> str:
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))
