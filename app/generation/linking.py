"""Sets links to own articles in a laid-out article; every sentence is still known by its place.

Links are chosen where the article is measured, which no model is paid for, and kept with the measurement: the
step that keeps the article sets the same ones again. A link stands around words of one sentence and changes
none; where no words name a related article, a line of its own does.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from app.generation.article import Assembled
from app.generation.markdown import FAQ_HEADING, escape
from app.language.numbers import find_numbers
from app.language.types import Language
from app.seo.document import parse
from app.seo.linking import Candidate, Linker, Own, link_target

Json = dict[str, Any]
Edit = tuple[int, str]
"""What is put into the Markdown, and where."""

_RELATED: dict[Language, str] = {"en": "Related", "ko": "관련 글"}
_MOST_RELATED = 2
"""Articles named in the line: it is what is left where the text names none."""
_FOOTNOTES = re.compile(r"^\[\^[^\]\s]+\]: ", re.MULTILINE)


def choose_links(assembled: Assembled, candidates: Sequence[Candidate], *, most: int) -> Json:
    """Which links the article gets: `inline` around words, or `related` ones where no words name one.

    Pure and blocking. Places are code points of the Markdown as it is laid out without any.
    """
    markdown, language = assembled.rendered.markdown, assembled.brief.language
    linker = Linker(parse(markdown, language), candidates, Own(keyphrase=assembled.brief.keyword))
    inline = [
        {
            "start": each.span.start,
            "end": each.span.end,
            "anchor": markdown[each.span.start : each.span.end],
            "address": each.target.address,
        }
        for each in linker.suggest(most)
        if any(
            placed.start <= each.span.start and each.span.end <= placed.end
            for placed in assembled.rendered.placed
        )
    ]
    below = [] if inline else list(_named_below(linker, language))[: min(_MOST_RELATED, most)]
    return {
        "inline": inline,
        "related": [{"title": each.title, "address": each.address} for each in below],
    }


def _named_below(linker: Linker, language: Language) -> Iterator[Candidate]:
    for each in linker.related:
        # A number in a title is none of the sources', and the gate holds those.
        if not find_numbers(each.target.title, language):
            yield each.target


def set_links(assembled: Assembled, links: Json) -> Assembled:
    """The article with the links that `choose_links` chose; one whose words are not there is left out."""
    rendered = assembled.rendered
    edits = sorted(_edits(rendered.markdown, links, assembled.brief.language), reverse=True)
    markdown = rendered.markdown
    for at, text in edits:
        markdown = markdown[:at] + text + markdown[at:]
    placed = [
        replace(each, start=_start(each.start, edits), end=_end(each.end, edits))
        for each in rendered.placed
    ]
    claims = tuple(
        replace(claim, start=_start(claim.start, edits), end=_end(claim.end, edits))
        for claim in assembled.claims
    )
    return replace(
        assembled, rendered=replace(rendered, markdown=markdown, placed=placed), claims=claims
    )


def _edits(markdown: str, links: Json, language: Language) -> Iterator[Edit]:
    for each in links.get("inline", ()):
        if markdown[each["start"] : each["end"]] == each["anchor"]:
            yield each["start"], "["
            yield each["end"], f"]({link_target(each['address'])})"
    related = links.get("related")
    if related:
        named = " · ".join(
            f"[{escape(each['title'].strip())}]({link_target(each['address'])})" for each in related
        )
        yield _below(markdown, language), f"{_RELATED[language]}: {named}\n\n"


def _below(markdown: str, language: Language) -> int:
    """Where the line stands: before the questions, else before the footnotes, else at the end."""
    questions = markdown.find(f"\n## {FAQ_HEADING[language]}\n")
    if questions >= 0:
        return questions + 1
    notes = _FOOTNOTES.search(markdown)
    return notes.start() if notes else len(markdown)


def _start(place: int, edits: Sequence[Edit]) -> int:
    """A sentence that begins with a link begins with its bracket."""
    return place + sum(
        len(text) for at, text in edits if at < place or (at == place and text != "[")
    )


def _end(place: int, edits: Sequence[Edit]) -> int:
    """A sentence that ends with a link ends with its address."""
    return place + sum(
        len(text) for at, text in edits if at < place or (at == place and text[0] == "]")
    )
