"""Cuts a composed section into what a model may reword and what it may not, and puts it together again."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.generation.schemas import Block, Sentence
from app.generation.writers.guard import Guarded

_FEWEST = 2
"""One sentence alone has nothing to be joined to."""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring blocks. `prose` says whether a model may reword them."""

    blocks: tuple[Block, ...]
    prose: bool

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """All their sentences, in order."""
        return tuple(sentence for block in self.blocks for sentence in block.sentences)


def runs_of(blocks: Sequence[Block], most: int) -> list[Run]:
    """The blocks in order, prose in runs of 2 to `most` sentences, everything else alone.

    A paragraph is not cut unless it alone has more than `most` sentences.
    """
    runs: list[Run] = []
    open_: list[Block] = []

    def close() -> None:
        if open_:
            count = sum(len(block.sentences) for block in open_)
            runs.append(Run(tuple(open_), prose=count >= _FEWEST))
            open_.clear()

    for block in blocks:
        if not _may_be_reworded(block):
            close()
            runs.append(Run((block,), prose=False))
            continue
        for piece in _pieces(block, most):
            count = sum(len(each.sentences) for each in open_)
            if piece.heading or count + len(piece.sentences) > most:
                close()
            open_.append(piece)
    close()
    return runs


def merge(run: Run, guarded: Guarded) -> tuple[Block, ...]:
    """The kept sentences as paragraphs, with what they leave out where it belongs.

    A sentence that the model only copied is the composer's own (the guard gives it back as that),
    which can be checked letter by letter.
    """
    place = {each: n for n, sentence in enumerate(run.sentences) for each in sentence.fact_ids}
    paragraphs = [list(paragraph) for paragraph in guarded.paragraphs]
    for missing in run.sentences:
        if set(missing.fact_ids) & set(guarded.uncovered):
            _insert(paragraphs, missing, place)
    heading = run.blocks[0].heading
    return tuple(
        Block(sentences=tuple(paragraph), heading=heading if n == 0 else "")
        for n, paragraph in enumerate(paragraphs)
    )


def _insert(paragraphs: list[list[Sentence]], missing: Sentence, place: dict[str, int]) -> None:
    """Behind the last sentence that tells an earlier fact; in front of all if none does."""
    at = _first(missing, place)
    for paragraph in reversed(paragraphs):
        for n in range(len(paragraph) - 1, -1, -1):
            if _first(paragraph[n], place) < at:
                paragraph.insert(n + 1, missing)
                return
    paragraphs[0].insert(0, missing)


def _first(sentence: Sentence, place: dict[str, int]) -> int:
    return min(place[each] for each in sentence.fact_ids)


def _may_be_reworded(block: Block) -> bool:
    """Prose of facts; not a linking phrase, and nothing that announces what stands below it."""
    return (
        block.kind == "paragraph"
        and all(sentence.fact_ids for sentence in block.sentences)
        and not block.sentences[-1].text.rstrip().endswith((":", "："))
    )


def _pieces(block: Block, most: int) -> list[Block]:
    """The block, or even parts of it where it is too long for one call."""
    size = len(block.sentences)
    if size <= most:
        return [block]
    parts = -(-size // most)
    step = -(-size // parts)
    return [
        block.model_copy(
            update={
                "sentences": block.sentences[n : n + step],
                "heading": block.heading if n == 0 else "",
            }
        )
        for n in range(0, size, step)
    ]
