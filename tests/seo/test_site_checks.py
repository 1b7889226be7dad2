"""An article among the others of its site."""

import json
from pathlib import Path

import pytest

from app.language.types import Language
from app.seo.checks.site import similarity, topic_of
from app.seo.document import parse
from app.seo.messages import render
from app.seo.page import Broken, Other, Site
from app.seo.thresholds import limits_for
from tests.seo.articles import article, ask, points, prose

_PAIRS = json.loads((Path(__file__).parent / "near" / "pairs.json").read_text(encoding="utf-8"))


def _topic(title: str, keyphrase: str, *headings: str, language: Language = "en") -> frozenset[str]:
    return topic_of(title, keyphrase, parse("\n\n".join(f"## {h}" for h in headings), language))


@pytest.mark.parametrize("check_id", ["site.cannibalisation", "site.duplicate", "links.broken"])
def test_nothing_is_said_where_the_site_is_not_known(check_id: str):
    assert ask(check_id, article("Text.")) is None


def test_a_keyphrase_that_one_other_has_is_orange_and_two_are_red():
    given = article("Text.", title="Grinding", keyphrase="cold brew coffees")
    other = Other("Brewing slowly", "/en/brewing", keyphrase="Cold Brew Coffee")

    assert points("site.cannibalisation", given, site=Site((other,))) == 6
    twice = Site((other, Other("Steeping", "/en/steeping", keyphrase="cold brew coffee")))
    assert points("site.cannibalisation", given, site=twice) == 1


def test_a_korean_keyphrase_is_the_same_however_it_is_spaced():
    given = article("글.", title="추출", keyphrase="물 섭취량을", language="ko")
    found = ask(
        "site.cannibalisation", given, site=Site((Other("다른", "/ko/b", keyphrase="물섭취량"),))
    )

    assert found is not None
    assert found.level == "ok"
    assert "/ko/b" in render(found, "ko").message


def test_a_near_topic_is_told_with_title_address_and_what_is_shared():
    given = article(
        "## Pots and soil\n\nText.", title="Balcony tomatoes in pots", keyphrase="balcony tomatoes"
    )
    near = Other(
        "Tomatoes for a balcony",
        "/en/tomatoes",
        keyphrase="tomato varieties",
        topic=_topic("Tomatoes for a balcony", "tomato varieties", "Pots and soil"),
    )
    found = ask("site.cannibalisation", given, site=Site((near,)))

    assert found is not None
    assert found.level == "bad"
    said = render(found, "en").message
    assert "Tomatoes for a balcony" in said
    assert "/en/tomatoes" in said
    assert "balconi" in said or "balcony" in said


def test_braces_in_another_title_are_only_words():
    other = Other("{0.__class__} {x}", "/en/x", keyphrase="horizontal scaling")
    found = ask("site.cannibalisation", article("Text."), site=Site((other,)))

    assert found is not None
    assert "{0.__class__} {x}" in render(found, "en").message


def test_an_article_alone_competes_with_nothing():
    assert points("site.cannibalisation", article("Text."), site=Site()) == 9


def test_a_text_that_stands_in_another_article_holds_publishing():
    text = prose(300)
    found = ask(
        "site.duplicate", article(text), site=Site((Other("The same", "/en/same", text=text),))
    )

    assert found is not None
    assert found.gate
    assert found.level == "bad"
    assert found.spans
    assert "/en/same" in render(found, "ko").message


def test_half_a_text_may_stand_in_another_and_a_text_of_its_own_is_fine():
    mine = " ".join(f"mine{n}" for n in range(100))
    theirs = " ".join(f"theirs{n}" for n in range(100))
    site = Site((Other("Theirs", "/en/theirs", text=theirs),))

    assert points("site.duplicate", article(mine), site=site) == 9
    assert points("site.duplicate", article(f"{mine}\n\n{theirs}"), site=site) == 9
    assert points("site.duplicate", article(f"short\n\n{theirs}"), site=site) == 3


def test_no_text_is_no_duplicate():
    site = Site((Other("Theirs", "/en/theirs", text="a b c d e f g h i"),))

    assert ask("site.duplicate", article(""), site=site) is None


@pytest.mark.parametrize(
    ("why", "expected"), [("missing", 3), ("gone", 3), ("unpublished", 6), ("moved", 6)]
)
def test_a_link_to_nowhere_is_marked(why, expected: int):
    given = article("See [this](/en/old) now.")
    site = Site(broken=(Broken("/en/old", why, "/en/new" if why == "moved" else ""),))
    found = ask("links.broken", given, site=site)

    assert found is not None
    assert found.points == expected
    assert [span.of(given.markdown) for span in found.spans]
    assert "/en/old" in render(found, "en").message


def test_links_that_lead_somewhere_are_fine():
    assert points("links.broken", article("Text."), site=Site(broken=())) == 9
    assert ask("links.broken", article("Text."), site=Site()) is None


def test_pairs_of_one_topic_are_told_from_pairs_of_two():
    """The tuning half; the threshold is the middle between the two kinds' nearest, one outlier set aside."""
    told = {"same": 0, "different": 0}
    for pair in (each for each in _PAIRS if not each["held"]):
        language = pair["language"]
        one, other = (
            _topic(side["title"], side["keyphrase"], *side["headings"], language=language)
            for side in (pair["a"], pair["b"])
        )
        told[pair["label"]] += similarity(one, other) >= limits_for(language).topic_share[0]

    assert told["same"] >= 7
    assert told["different"] == 0


def test_links_of_the_worst_kind_alone_are_counted():
    given = article("[a](/en/a) [b](/en/b) [c](/en/c)")
    site = Site(
        broken=(
            Broken("/en/a", "moved", "/en/d"),
            Broken("/en/b", "gone"),
            Broken("/en/c", "missing"),
        )
    )
    found = ask("links.broken", given, site=site)

    assert found is not None
    assert (found.measured, len(found.spans)) == (2, 2)
