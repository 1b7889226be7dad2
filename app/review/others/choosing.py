"""Chooses, of any number of other articles, those that a text may collide with.

Articles come one after another and only the nearest are kept, so ten thousand take no more room than twenty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.language.types import Language
from app.posts.index.profile import keyphrase_key, samples_of, text_key
from app.review.analysing import Text, language_of
from app.seo.checks.site import similarity, topic_of
from app.seo.document import Document, parse
from app.seo.page import Broken, Other, Site

_NEAR = 10
"""Articles of a near topic that are kept, as the blog's own index is asked for."""
_SHARING = 5
"""Articles whose whole text is compared, those that share most samples of it."""
_SAME = 20
"""Articles with the same title, description or keyphrase: more tell nothing more."""


@dataclass(frozen=True, slots=True)
class Report:
    """What came of reading the others. `skipped` are sentences that say why something was left out."""

    compared: int = 0
    others: int = 0
    """In the other language, or the text itself: not compared."""
    skipped: tuple[str, ...] = ()


@dataclass(slots=True)
class _Kept:
    """The best so far: by a number, the highest first; of equals the one whose address is first."""

    most: int
    found: list[tuple[float, Other]] = field(default_factory=list[tuple[float, Other]])

    def offer(self, score: float, other: Other) -> None:
        if len(self.found) == self.most and score < self.found[-1][0]:
            return
        self.found.append((score, other))
        self.found.sort(key=lambda each: (-each[0], each[1].address))
        del self.found[self.most :]

    def takes(self, score: float) -> bool:
        return len(self.found) < self.most or score > self.found[-1][0]


class Choice:
    """One text, and the articles it is compared with. Blocking and pure: some 5-15 ms an article."""

    def __init__(self, text: Text) -> None:
        self.text = text
        self.language: Language = language_of(text)
        self.document = parse(text.body, self.language)
        self.compared = 0
        self.left = 0
        self._title = text_key(text.title)
        self._description = text_key(text.meta_description)
        self._keyphrase = keyphrase_key(text.keyphrase, self.language)
        self._topic = topic_of(text.title, text.keyphrase, self.document)
        self._samples = samples_of(self.document)
        self._same = [_Kept(_SAME), _Kept(_SAME), _Kept(_SAME)]
        self._near = _Kept(_NEAR)
        self._sharing = _Kept(_SHARING)

    def add(self, other: Text, address: str) -> bool:
        """Take another article in; False where it is in the other language, which competes with nothing."""
        if not self.is_in_its_language(other):
            self.left += 1
            return False
        document = parse(other.body, self.language)
        topic = topic_of(other.title, other.keyphrase, document)
        shared = len(self._samples & samples_of(document))
        keeps_text = shared > 0 and self._sharing.takes(shared)
        found = Other(
            title=other.title,
            address=address,
            meta_description=other.meta_description,
            keyphrase=other.keyphrase,
            topic=topic,
            text=own_words(document) if keeps_text else "",
        )
        keys = (
            (self._title, text_key(other.title)),
            (self._description, text_key(other.meta_description)),
            (self._keyphrase, keyphrase_key(other.keyphrase, self.language)),
        )
        for kept, (mine, its) in zip(self._same, keys, strict=True):
            if mine and mine == its:
                kept.offer(0, found)
        near = similarity(self._topic, topic)
        if near:
            self._near.offer(near, found)
        if keeps_text:
            self._sharing.offer(shared, found)
        self.compared += 1
        return True

    def is_in_its_language(self, other: Text) -> bool:
        """Whether another article is in the text's language."""
        return language_of(other) == self.language

    def leave(self) -> None:
        """Count an article that is not compared, such as the text itself."""
        self.left += 1

    def site(self, broken: Sequence[Broken] | None = None) -> Site:
        """What the text is measured against. `broken` is None where nobody looked where its links lead."""
        kept = (*self._same, self._near, self._sharing)
        chosen = {other.address: other for each in kept for _score, other in each.found}
        return Site(
            others=tuple(chosen.values()),
            linkable=self.compared > 0,
            broken=None if broken is None else tuple(broken),
        )


def own_words(document: Document) -> str:
    """An article's own words, a block a line: no headings, code or quotations."""
    return "\n".join(
        block.text for block in document.blocks if not block.quoted and block.kind != "heading"
    )
