"""Caps on third-party sources: how much of somebody else's text an article may hold."""

from app.generation.writers.composer import Caps, check_caps
from app.sources.domain import Rights
from tests.generation.composing import ENGLISH, SECOND, compose, snapshot


def source(n: int, rights: Rights):
    """A source whose every sentence has words of its own."""
    sections = [
        f"## Subject {topic}\n\n"
        + " ".join(
            f"Connection pooling with {word}{n} keeps {word}{n}{m} near {topic}{n}{m} for {m + 2} hours."
            for m in range(5)
        )
        for topic, word in (
            ("alpha", "red"),
            ("beta", "blue"),
            ("gamma", "green"),
            ("delta", "grey"),
        )
    ]
    return snapshot(
        f"# Connection pooling in town {n}\n\n" + "\n\n".join(sections),
        rights=rights,
        origin=f"{n}.md",
    )


async def test_one_third_party_source_alone_is_over_the_cap() -> None:
    article = await compose("connection pooling", source(1, Rights.THIRD_PARTY))

    reasons = check_caps(article.sections, article.facts)

    assert "100% of the article's words" in reasons[0]
    assert any("sentences in a row" in reason for reason in reasons)


async def test_own_and_licensed_sources_have_no_cap() -> None:
    article = await compose("connection pooling", source(1, Rights.OWN), source(2, Rights.LICENSED))

    assert check_caps(article.sections, article.facts) == []


async def test_with_several_sources_the_selection_stays_under_the_caps() -> None:
    sources = [source(n, Rights.THIRD_PARTY) for n in range(6)]

    article = await compose("connection pooling", *sources)

    assert check_caps(article.sections, article.facts) == []
    words = sum(len(each.sentence.text.split()) for each in article.rendered.placed)
    assert words >= 300


async def test_beside_an_own_source_a_third_party_one_is_held_to_its_share() -> None:
    article = await compose("connection pooling", ENGLISH, SECOND, source(1, Rights.THIRD_PARTY))

    assert check_caps(article.sections, article.facts) == []


async def test_a_reason_names_the_source_by_its_title() -> None:
    foreign = source(1, Rights.THIRD_PARTY)
    article = await compose("connection pooling", foreign)

    reasons = check_caps(
        article.sections, article.facts, caps=Caps(share=0.5), titles={foreign.id: "Town news"}
    )

    assert "'Town news'" in reasons[0]
    assert "at most 50%" in reasons[0]
