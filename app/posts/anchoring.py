"""Finds claims again in a text that was changed: by their sentences, through links set around their words."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.posts.schemas import ClaimIn

_OWN_LINK = re.compile(r"(?<![!\\])\[(?P<words>[^\[\]]*)\]\((?P<path>/(?!/)[^()\s<>]*)\)")
"""A link to a page of the own site: it says where to read on and changes no word."""
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")


def anchored(claims: Sequence[ClaimIn], markdown: str) -> list[ClaimIn]:
    """The claims at their sentences' new places; the nearest one where a sentence stands twice.

    A sentence is found with own links set in it and with Markdown's escapes. One that is gone or changed
    makes its claim stale.
    """
    plain = _read(markdown)
    found: list[ClaimIn] = []
    for claim in claims:
        places = [
            *((at, at + len(claim.sentence)) for at in _places(markdown, claim.sentence)),
            *(
                plain.place(at, at + len(claim.sentence))
                for at in _places(plain.text, claim.sentence)
            ),
        ]
        if not places:
            found.append(claim.model_copy(update={"verdict": "stale"}))
            continue
        start, end = min(places, key=lambda place: (abs(place[0] - claim.start), -place[1]))
        found.append(claim.model_copy(update={"start": start, "end": end}))
    return found


@dataclass(frozen=True, slots=True)
class _Plain:
    """A Markdown text without own links and escapes; `at[i]` is where its character i stands in it.

    `links` are the links' places there, each with that of its words; `escapes` those of the backslashes.
    """

    text: str
    at: Sequence[int]
    links: Sequence[tuple[tuple[int, int], tuple[int, int]]]
    escapes: frozenset[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where words stand in the Markdown, with the whole of a link that they begin or end with."""
        first, last = self.at[start], self.at[end - 1] + 1
        for whole, words in self.links:
            if words[0] == first:
                first = whole[0]
            if words[1] == last:
                last = whole[1]
        return first - (first - 1 in self.escapes), last


def _read(markdown: str) -> _Plain:
    dropped = bytearray(len(markdown))
    links: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for link in _OWN_LINK.finditer(markdown):
        words = link.span("words")
        links.append((link.span(), words))
        dropped[link.start()] = 1
        dropped[words[1] : link.end()] = b"\x01" * (link.end() - words[1])
    escapes = frozenset(found.start() for found in _ESCAPE.finditer(markdown))
    for place in escapes:
        dropped[place] = 1
    at = [place for place in range(len(markdown)) if not dropped[place]]
    return _Plain("".join(markdown[place] for place in at), at, links, escapes)


def _places(text: str, sentence: str) -> Iterator[int]:
    at = text.find(sentence) if sentence else -1
    while at >= 0:
        yield at
        at = text.find(sentence, at + 1)
