"""The independent check lets through what the composer may do, and nothing else."""

from dataclasses import replace

import pytest

from app.language.types import Language
from app.review.claims import Claim
from app.review.verbatim import verbatim
from tests.review.mutations import BASES, Base, Mutation, mutations

_ALL = list(mutations())


def _claim(
    base: Base, markdown: str, *, said: str | None = None, sentence: str | None = None
) -> Claim:
    said = said or base.sentence
    start = markdown.index(said)
    return Claim(
        sentence=sentence or said,
        start=start,
        end=start + len(said),
        snapshot_id="s",
        passage_id="p",
        quote=base.source,
        quote_start=0,
        quote_end=len(base.source),
        verdict="supported",
    )


def _kinds(
    markdown: str, claims: list[Claim], source: str, language: Language, **more
) -> list[str]:
    return [one.kind for one in verbatim(markdown, claims, {"s": source}, language, **more)]


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.sentence[:20])
def test_a_sentence_changed_only_as_allowed_passes(base: Base):
    markdown = f"## Heading\n\n{base.sentence}[^1]\n\n[^1]: The source.\n"

    found = verbatim(markdown, [_claim(base, markdown)], {"s": base.source}, base.language)

    assert found == []


def test_there_are_at_least_fifty_mutations():
    assert len(_ALL) >= 50


@pytest.mark.parametrize("mutation", _ALL, ids=lambda m: f"{m.kind}-{m.text[:40]}")
def test_every_mutation_is_caught_even_where_the_claim_table_was_changed_too(mutation: Mutation):
    markdown = f"{mutation.text}[^1]\n"
    claim = _claim(mutation.base, markdown, said=mutation.text)

    assert "words" in _kinds(markdown, [claim], mutation.base.source, mutation.base.language)


@pytest.mark.parametrize("mutation", _ALL, ids=lambda m: f"{m.kind}-{m.text[:40]}")
def test_every_mutation_is_caught_where_the_claim_still_says_the_right_thing(mutation: Mutation):
    markdown = f"{mutation.text}\n"
    claim = _claim(mutation.base, markdown, said=mutation.text, sentence=mutation.base.sentence)

    assert "sentence" in _kinds(markdown, [claim], mutation.base.source, mutation.base.language)


def test_a_quote_that_the_source_does_not_hold_is_a_violation():
    base = BASES[0]
    claim = _claim(base, base.sentence)

    assert _kinds(base.sentence, [claim], "Another source altogether.", "en") == ["quote"]
    assert _kinds(base.sentence, [replace(claim, snapshot_id="gone")], base.source, "en") == [
        "snapshot"
    ]


def test_a_sentence_without_a_claim_is_a_violation():
    base = BASES[0]
    markdown = f"{base.sentence} It is loved by everybody.\n"

    (found,) = verbatim(markdown, [_claim(base, markdown)], {"s": base.source}, "en")

    assert found.kind == "uncovered"
    assert "It is loved by everybody." in markdown[found.start : found.end]


def test_a_linking_phrase_needs_no_claim_only_if_it_is_of_the_closed_list():
    base = BASES[10]
    markdown = f"다음과 같습니다.\n\n- {base.sentence}\n"
    claims = [_claim(base, markdown)]

    assert _kinds(markdown, claims, base.source, "ko", linking_phrases={"다음과 같습니다."}) == []
    assert _kinds(markdown, claims, base.source, "ko") == ["uncovered"]


def test_a_linking_phrase_does_not_cover_what_is_written_behind_it():
    markdown = "In short: the moon is made of cheese.\n"

    assert _kinds(markdown, [], "", "en", linking_phrases={"In short:"}) == ["uncovered"]


def test_escapes_and_inline_marks_do_not_count():
    source = "Set max_size to 2 * n with `--fast` and <b>."
    said = r"Set max\_size to **2** \* n with `--fast` and &lt;b>."
    markdown = f"- {said}\n"
    claim = _claim(Base("en", source, said), markdown, sentence=source)

    assert _kinds(markdown, [claim], source, "en") == []


@pytest.mark.parametrize(
    "said",
    [
        'Set max_size [here](http://x.example "and lie").',
        "Set maxsize here.",
        "Set max_size <!-- not --> here.",
    ],
)
def test_links_comments_and_changed_identifiers_are_no_marks(said: str):
    source = "Set max_size here."
    claim = _claim(Base("en", source, said), said)

    assert "words" in _kinds(said, [claim], source, "en")


def test_a_table_row_is_its_cells_however_they_are_parted():
    source = "SQLite | one file |local"
    markdown = "| a | b | c |\n|---|:-:|---|\n| SQLite | one file | local |\n"
    header = _claim(Base("en", "a|b|c", "| a | b | c |"), markdown, sentence="a | b | c")
    row = _claim(
        Base("en", source, "| SQLite | one file | local |"),
        markdown,
        sentence="SQLite | one file | local",
    )
    sources = {"s": source, "h": "a|b|c"}

    assert verbatim(markdown, [replace(header, snapshot_id="h"), row], sources, "en") == []


def test_code_is_compared_letter_by_letter():
    source = "def f(x):\n    return x * 2"
    good = f"```python\n{source}\n```\n"
    bad = good.replace("* 2", "** 2")

    assert _kinds(good, [_claim(Base("en", source, source), good)], source, "en") == []
    changed = source.replace("* 2", "** 2")
    assert _kinds(bad, [_claim(Base("en", source, changed), bad)], source, "en") == ["words"]


def test_code_without_a_claim_is_a_violation():
    assert "uncovered" in _kinds("```\nrm -rf data\n```\n", [], "", "en")


def test_a_claim_outside_the_article_is_a_violation():
    claim = replace(_claim(BASES[0], BASES[0].sentence), end=10_000)

    assert "span" in _kinds(BASES[0].sentence, [claim], BASES[0].source, "en")


def test_only_listed_connectives_may_be_dropped():
    source = "Rarely, the cache is lost."
    said = "the cache is lost."
    claim = _claim(Base("en", source, said), said)

    assert _kinds(said, [claim], source, "en") == ["words"]


def test_what_the_composer_may_drop_is_known_here():
    from app.generation.writers.composer.rules import LEXICONS
    from app.review.verbatim import DROPPABLE

    for language, lexicon in LEXICONS.items():
        known = DROPPABLE[language]
        assert {c.rstrip(",").casefold() for c in lexicon.connectives} <= set(known)
