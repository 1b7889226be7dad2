"""Articles with seeded flaws and merits, so that every check has enough cases on either side.

Made of the English articles of `tests/seo/english`, which are parted in two: variants of the one half may be
looked at while checks are mended, those of the other half are for the figure at the end.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

from bench.working import ROOT

ARTICLES = ROOT / "tests" / "seo" / "english"
SEED = 20261129
PER_ARTICLE = 10
FLAWS_EACH = 3

Half = Literal["tune", "held"]


@dataclass(frozen=True, slots=True)
class Draft:
    """An article to be judged; `blocks` are its Markdown at blank lines."""

    name: str
    half: Half
    title: str
    description: str
    slug: str
    keyphrase: str
    blocks: tuple[str, ...]

    @property
    def markdown(self) -> str:
        return "\n\n".join(self.blocks) + "\n"


def drafts(half: Half) -> Iterator[Draft]:
    """The articles of a half and their variants, the same at every call."""
    paths = sorted(path for path in ARTICLES.glob("*.md") if path.name != "README.md")
    chance = random.Random(f"{SEED}-{half}")  # noqa: S311  # repeatable, not secret
    turns = _turns(chance)
    for path in paths[0 if half == "tune" else 1 :: 2]:
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = dict(line.split(":", 1) for line in head.strip().splitlines())
        whole = Draft(
            name=path.stem,
            half=half,
            title=fields["title"].strip().strip('"'),
            description=fields["description"].strip().strip('"'),
            slug=fields["slug"].strip(),
            keyphrase=fields["keyphrase"].strip().strip('"'),
            blocks=tuple(re.split(r"\n\s*\n", body.strip())),
        )
        yield whole
        for _ in range(PER_ARTICLE):
            changes = list(islice(turns, FLAWS_EACH))
            draft = whole
            for change in changes:
                draft = change(draft, chance)
            yield replace(draft, name="+".join((whole.name, *(c.__name__ for c in changes))))


def _turns(chance: random.Random) -> Iterator["Change"]:
    """Every change as often as every other, in an order of chance."""
    while True:
        yield from chance.sample(CHANGES, len(CHANGES))


def is_prose(block: str) -> bool:
    return not block.startswith(("#", "|", "`", "!", "-", "1.", ">", "["))


def _prose(draft: Draft) -> list[int]:
    return [n for n, block in enumerate(draft.blocks) if is_prose(block)]


def _each(draft: Draft, change: Callable[[str], str]) -> Draft:
    changed = (change(block) for block in draft.blocks)
    return replace(draft, blocks=tuple(block for block in changed if block.strip()))


def _without(draft: Draft, text: str) -> str:
    """`text` with another word for the keyphrase's words."""
    for word in draft.keyphrase.split():
        text = re.sub(rf"\b{re.escape(word)}\w*", "matter", text, flags=re.IGNORECASE)
    return text


def _sentences(block: str) -> list[str]:
    return re.split(r"(?<=[.!?]) +", block)


def _put(draft: Draft, at: int, block: str) -> Draft:
    return replace(draft, blocks=(*draft.blocks[:at], block, *draft.blocks[at:]))


def _set(draft: Draft, at: int, block: str) -> Draft:
    return replace(draft, blocks=(*draft.blocks[:at], block, *draft.blocks[at + 1 :]))


def no_keyphrase_first(draft: Draft, _chance: random.Random) -> Draft:
    at = _prose(draft)[0]
    return _set(draft, at, _without(draft, draft.blocks[at]))


def keyphrase_in_two_sentences(draft: Draft, _chance: random.Random) -> Draft:
    words = draft.keyphrase.split()
    if len(words) < 2:  # noqa: PLR2004  # one word cannot be parted
        return draft
    at = _prose(draft)[0]
    lead = f"People ask about {words[0]}. Fewer ask about {' '.join(words[1:])}."
    return _set(draft, at, f"{lead} {_without(draft, draft.blocks[at])}")


def keyphrase_first(draft: Draft, _chance: random.Random) -> Draft:
    at = _prose(draft)[0]
    return _set(draft, at, f"This text is about {draft.keyphrase}. {draft.blocks[at]}")


def no_keyphrase(draft: Draft, _chance: random.Random) -> Draft:
    return _each(draft, lambda block: _without(draft, block))


def rare_keyphrase(draft: Draft, chance: random.Random) -> Draft:
    bare = no_keyphrase(draft, chance)
    return _put(
        bare, len(bare.blocks), " ".join([f"So much for {draft.keyphrase}."] * chance.randint(1, 2))
    )


def often_keyphrase(draft: Draft, chance: random.Random) -> Draft:
    often = chance.randint(4, 40)
    for _ in range(often):
        at = chance.choice(_prose(draft))
        draft = _set(draft, at, f"{draft.blocks[at]} Think of {draft.keyphrase}.")
    return draft


def inflected_keyphrase(draft: Draft, _chance: random.Random) -> Draft:
    return _each(
        draft,
        lambda block: re.sub(rf"\b{re.escape(draft.keyphrase)}\b", f"{draft.keyphrase}s", block),
    )


def topic_at_the_start_alone(draft: Draft, _chance: random.Random) -> Draft:
    half = len(draft.blocks) * 2 // 5
    return replace(
        draft, blocks=(*draft.blocks[:half], *(_without(draft, b) for b in draft.blocks[half:]))
    )


def title_long(draft: Draft, _chance: random.Random) -> Draft:
    return replace(
        draft, title=f"{draft.title}, with everything else that anybody might want to know of it"
    )


def title_none(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, title="")


def title_later(draft: Draft, chance: random.Random) -> Draft:
    lead = chance.choice(["The", "What you should know of", "A short guide:", "How to:", "Better"])
    return replace(draft, title=f"{lead} {draft.keyphrase}")


def title_parted(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, title=" with ".join(reversed(draft.keyphrase.split())))


def title_other(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, title="What nobody told me before")


def description_none(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, description="")


def description_of_length(draft: Draft, chance: random.Random) -> Draft:
    words = [
        *draft.keyphrase.split(),
        *"in plain words for those who begin and who have tried it before".split(),
    ]
    text = ""
    length = chance.randint(60, 220)
    while len(text) < length:
        text += f"{chance.choice(words)} "
    return replace(draft, description=text[:length].strip() + ".")


def description_often(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, description=" ".join([f"All about {draft.keyphrase}."] * 4))


def description_without(draft: Draft, _chance: random.Random) -> Draft:
    return replace(
        draft,
        description="A short text for whoever has an evening to spare and wants to know more.",
    )


def headings_none(draft: Draft, _chance: random.Random) -> Draft:
    return _each(draft, lambda block: "" if block.startswith("#") else block)


def headings_all(draft: Draft, _chance: random.Random) -> Draft:
    return _each(draft, lambda b: f"{b} of {draft.keyphrase}" if b.startswith("##") else b)


def headings_some(draft: Draft, chance: random.Random) -> Draft:
    return _each(
        draft,
        lambda b: (
            f"## {chance.choice(['Questions', 'Answers', draft.keyphrase])}"
            if b.startswith("##")
            else b
        ),
    )


def headings_top(draft: Draft, chance: random.Random) -> Draft:
    for number in range(chance.randint(1, 2)):
        draft = _put(draft, chance.randint(1, len(draft.blocks)), f"# Part {number + 1}")
    return draft


def headings_fewer(draft: Draft, _chance: random.Random) -> Draft:
    """The first alone stays, so that a long section follows."""
    places = [n for n, block in enumerate(draft.blocks) if block.startswith("#")][1:]
    return replace(draft, blocks=tuple(b for n, b in enumerate(draft.blocks) if n not in places))


def slug_other(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, slug="a-short-text")


def slug_part(draft: Draft, _chance: random.Random) -> Draft:
    words = draft.keyphrase.lower().split()
    return replace(draft, slug="-".join(("my", *words[: max(1, len(words) // 2)])))


def slug_none(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, slug="")


def links_none(draft: Draft, _chance: random.Random) -> Draft:
    bare = _each(draft, lambda block: re.sub(r"(?<!!)\[([^]]*)\]\([^)]*\)", r"\1", block))
    return _each(bare, lambda block: re.sub(r"</?a\b[^>]*>", "", block))


def links_more(draft: Draft, chance: random.Random) -> Draft:
    link = chance.choice([
        "[a study](https://example.org/study)", "[our page](/page)", f"[{draft.keyphrase}](/other)",
        f"[{draft.keyphrase}](https://example.org/x)", f"[more on {draft.keyphrase}](/more)",
        '<a href="https://example.org/y" rel="nofollow">a note</a>', '<a href="/z" rel="nofollow">a page</a>',
    ])  # fmt: skip
    at = chance.choice(_prose(draft))
    return _set(draft, at, f"{draft.blocks[at]} See {link}.")


def images_none(draft: Draft, _chance: random.Random) -> Draft:
    return _each(draft, lambda block: re.sub(r"!\[[^]]*\]\([^)]*\)", "", block))


def images_more(draft: Draft, chance: random.Random) -> Draft:
    for number in range(chance.randint(1, 6)):
        alt = chance.choice(["", "A table", draft.keyphrase, draft.keyphrase.split()[0]])
        draft = _put(draft, chance.randint(1, len(draft.blocks)), f"![{alt}](/media/{number}.jpg)")
    return draft


def short(draft: Draft, chance: random.Random) -> Draft:
    left = chance.choice([40, 80, 150, 180, 210, 230, 255, 270, 290])
    blocks: list[str] = []
    for block in draft.blocks:
        words = block.split()[:left]
        left -= len(words)
        blocks.append(" ".join(words) if len(words) < len(block.split()) else block)
        if left <= 0:
            break
    return replace(draft, blocks=tuple(blocks))


def paragraphs_joined(draft: Draft, chance: random.Random) -> Draft:
    """Paragraphs that follow each other as one, up to about so many words."""
    most = chance.choice([170, 190, 260])
    joined: list[str] = []
    for block in draft.blocks:
        fits = joined and is_prose(block) and is_prose(joined[-1])
        if fits and len(joined[-1].split()) + len(block.split()) <= most:
            joined[-1] += " " + block
        else:
            joined.append(block)
    return replace(draft, blocks=tuple(joined))


def _repeated(
    draft: Draft, chance: random.Random, share: float, change: Callable[[str], str]
) -> Draft:
    def changed(block: str) -> str:
        parts = (change(s) if chance.random() < share else s for s in _sentences(block))
        return " ".join(parts) if is_prose(block) else block

    return _each(draft, changed)


def sentences_long(draft: Draft, chance: random.Random) -> Draft:
    tail = " whatever the weather is like on that day and whoever happens to be there to see it."
    return _repeated(
        draft, chance, chance.choice([0.1, 0.2, 0.4]), lambda s: re.sub(r"[.!?]$", tail, s)
    )


def sentences_alike(draft: Draft, chance: random.Random) -> Draft:
    at = chance.choice(_prose(draft))
    word = chance.choice(["Nobody", "This", "It", "People"])
    lines = [
        f"{word} waits for it.",
        f"{word} knows it well.",
        f"{word} asks for more.",
        f"{word} stays.",
    ]
    return _put(draft, at, " ".join(lines[: chance.randint(2, 4)]))


def sentences_tied(draft: Draft, chance: random.Random) -> Draft:
    words = ["However", "Therefore", "For example", "In addition", "As a result", "Finally"]
    return _repeated(
        draft, chance, chance.choice([0.1, 0.3]), lambda s: f"{chance.choice(words)}, {s}"
    )


def sentences_passive(draft: Draft, chance: random.Random) -> Draft:
    more = [
        "It was written by a friend.",
        "The page is read by many.",
        "All of it has been tested.",
        "They were sold.",
    ]
    share = chance.choice([0.05, 0.1, 0.2])
    return _repeated(draft, chance, share, lambda s: f"{s} {chance.choice(more)}")


def keyphrase_long(draft: Draft, chance: random.Random) -> Draft:
    words = [
        "kitchen",
        "window",
        "village",
        "summer",
        "family",
        "river",
        "market",
        "winter",
        "table",
    ]
    more = words[: chance.randint(2, 9)]
    return replace(draft, keyphrase=" ".join((*more, *draft.keyphrase.split())))


def keyphrase_one_word(draft: Draft, _chance: random.Random) -> Draft:
    return replace(draft, keyphrase=draft.keyphrase.split()[-1])


Change = Callable[[Draft, random.Random], Draft]
CHANGES: tuple[Change, ...] = (
    no_keyphrase_first, keyphrase_in_two_sentences, keyphrase_first, no_keyphrase, rare_keyphrase,
    often_keyphrase, inflected_keyphrase, topic_at_the_start_alone, title_long, title_none, title_later,
    title_parted, title_other, description_none, description_of_length, description_often,
    description_without, headings_none, headings_all, headings_some, headings_top, headings_fewer,
    slug_other, slug_part, slug_none, links_none, links_more, images_none, images_more, short,
    paragraphs_joined, sentences_long, sentences_alike, sentences_tied, sentences_passive, keyphrase_long,
    keyphrase_one_word,
)  # fmt: skip
