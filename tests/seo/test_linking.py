"""Links between own articles: which are suggested, around which words, and what setting them changes."""

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.language.types import LANGUAGES, Language
from app.seo.document import parse
from app.seo.linking import (
    NOBODY,
    Candidate,
    Linker,
    Own,
    Suggestion,
    insert_links,
    path_of,
    suggest_links,
)
from bench.links import judge


def _candidate(keyphrase: str, *, title: str = "", address: str = "") -> Candidate:
    slug = keyphrase.replace(" ", "-")
    return Candidate(slug, title or keyphrase, address or f"/en/{quote(slug)}", keyphrase)


BREW = _candidate("cold brew coffee", title="Cold brew coffee at home")
GRINDER = _candidate("espresso grinder")
KOREAN = _candidate(
    "콜드브루 커피", title="집에서 만드는 콜드브루 커피", address="/ko/" + quote("콜드브루-커피")
)


def _suggested(
    text: str, *candidates: Candidate, language: Language = "en", own: Own = NOBODY
) -> tuple[Suggestion, ...]:
    return suggest_links(parse(text, language), candidates, own)


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("We drink cold brew coffee.", "cold brew coffee"),
        ("Cold-brewed coffees keep a week.", "Cold-brewed coffees"),
        ("We drink\ncold brew\ncoffee.", "cold brew coffee"),
        ("- cold **brew** coffee\n- cold brew coffee here", "cold brew coffee"),
    ],
)
def test_english_words_are_found_in_other_forms(text: str, anchor: str):
    assert [each.anchor for each in _suggested(text, BREW)] == [anchor]


@pytest.mark.parametrize(
    ("text", "anchor"),
    [
        ("저희는 콜드브루 커피를 마십니다.", "콜드브루 커피"),
        ("콜드브루커피는 오래갑니다.", "콜드브루커피"),
        ("여름에는 콜드 브루 커피라고 부릅니다.", "콜드 브루 커피"),
        ("콜드브루 커피숍에 갑니다.", ""),
        ("**콜드브루 커피** 이야기입니다.", "콜드브루 커피"),
        ("**콜드브루 커피**도 있습니다.", ""),  # a bracket before the marks would end the bold
    ],
)
def test_korean_particles_stay_outside_and_longer_words_are_left(text: str, anchor: str):
    found = _suggested(text, KOREAN, language="ko")

    assert [each.anchor for each in found] == ([anchor] if anchor else [])


@pytest.mark.parametrize(
    "text",
    [
        "# Cold brew coffee\n\nNothing.",
        "Cold brew coffee\n====\n\nNothing.",
        "See [cold brew coffee](https://example.com) there.",
        "See [cold brew coffee][1] there.\n\n[1]: https://example.com",
        "See <a href='/x'>cold brew coffee</a>.",
        "![cold brew coffee](/a.png)",
        "Type `cold brew coffee` here.",
        "```\ncold brew coffee\n```",
        "    cold brew coffee",
        "> cold brew coffee, he said.",
        "He wrote “make cold brew coffee”.",
        'He wrote "make cold brew coffee".',
        "| cold brew coffee | x |\n|---|---|\n| cold brew coffee | y |",
        "A note.[^1]\n\n[^1]: cold brew coffee",
        "<!-- cold brew coffee -->",
        "<div>\ncold brew coffee\n</div>",
        "See https://example.com/cold-brew-coffee for it.",
        "Our non-cold brew coffee is hot.",
        "cold *brew coffee*",
        "Stop!cold brew coffee",
        r"A \[cold brew coffee\] in brackets that are words.",
    ],
)
def test_no_link_is_set_where_none_may_stand(text: str):
    found = _suggested(text, BREW)

    made = insert_links(text, found)
    assert not found or text.startswith("A \\[")
    assert [each.href for each in parse(made, "en").links if each.href == BREW.address] == [
        each.target.address for each in found
    ]


@pytest.mark.parametrize(
    "link",
    [
        "[our guide](/en/cold-brew-coffee)",
        "[x](/en/cold-brew-coffee#ratio)",
        "[x](/en/cold-brew-coffee/)",
    ],
)
def test_what_is_linked_already_is_not_linked_again(link: str):
    assert _suggested(f"See {link}.\n\nWe drink cold brew coffee.", BREW) == ()


def test_an_article_links_neither_to_itself_nor_by_its_own_keyphrase():
    own = Own(address=BREW.address)
    rival = _candidate("brew coffee", title="Brew coffee")

    assert _suggested("We drink cold brew coffee.", BREW, own=own) == ()
    assert _suggested("We brew coffee.", rival, own=Own(keyphrase="cold brew coffee")) == ()


def test_one_link_a_target_one_a_paragraph_and_five_at_most():
    others = [_candidate(f"subject number{n}") for n in range(9)]
    text = (
        "\n\n".join(f"Here is subject number{n} and subject number{n} again." for n in range(9))
        + "\n\nLast, cold brew coffee and an espresso grinder."
    )

    found = _suggested(text, *others, BREW, GRINDER)

    assert len(found) == 5
    assert len({each.target.id for each in found}) == 5
    assert len({text.count("\n\n", 0, each.span.start) for each in found}) == 5


def test_a_paragraph_with_an_own_link_gets_no_second_one():
    text = "See [the shop](/en/shop) and cold brew coffee."

    assert _suggested(text, BREW) == ()


def test_the_reason_is_told():
    (whole,) = _suggested("We drink cold brew coffee.", BREW)
    (part,) = _suggested(
        "Chains rust.\n\nLinked: the hardness of water.", _candidate("water hardness")
    )

    assert (whole.why, set(whole.shared)) == ("keyphrase", {"cold", "brew", "coffe"})
    assert (part.why, part.anchor) == ("words", "hardness of water")


def test_a_related_article_is_told_though_no_words_name_it():
    text = parse("Coffee steeps cold. You brew it.", "en")

    found = Linker(text, [BREW, _candidate("tax forms")]).related

    assert [each.target for each in found] == [BREW]


def test_an_address_is_compared_as_a_reader_means_it():
    assert path_of("/ko/%EC%BB%A4%ED%94%BC/") == "/ko/커피"
    assert (
        path_of("//elsewhere.example/ko")
        == path_of("https://example.com/")
        == path_of("#top")
        == ""
    )
    assert path_of("/en/a?b=1#c") == "/en/a"


def test_the_measured_halves_for_tuning_stay_as_good():
    for language in LANGUAGES:
        told = judge(language, "tune", tell=False)
        assert told["ranking_recall_at_10"] >= 0.95
        assert told["anchor_recall"] >= 0.9
        assert told["anchor_precision"] >= 0.95


_PIECES = st.lists(
    st.sampled_from(
        ["cold brew coffee", "콜드브루 커피", "를 ", "`", "*", "[", "](", ")", "!", "\\", "\n", "\n\n", "> ", "# ",
         "- ", "| ", "<a href=x>", "</a>", "<!--", '"', "“", "”", "[^1]", "[^1]: ", "&amp;", "a", " ", "://", "\u200b", "😀"]
    ),
    max_size=25,
).map("".join)  # fmt: skip


@settings(deadline=None)  # the first Korean text loads the morphemes
@given(_PIECES | st.text(max_size=200), st.sampled_from(["ko", "en"]))
def test_whatever_the_text_only_links_are_added(text: str, language: Language):
    document = parse(text, language)
    found = suggest_links(document, [BREW, KOREAN, GRINDER])

    made = parse(insert_links(text, found), language)

    assert [block.text for block in made.blocks] == [block.text for block in document.blocks]
    assert len(made.links) == len(document.links) + len(found)
    assert all(each.span.of(text).split() == each.anchor.split() for each in found)
