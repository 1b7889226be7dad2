"""Checks 24-33 and 35 at their thresholds."""

from dataclasses import replace

import pytest

from app.seo.page import Site
from tests.seo.articles import article, ask, points

_TIED = "However, servers share the whole load today."
_LOOSE = "Servers share the whole load of today."
_PASSIVE = "The session is kept by every server here."
_ACTIVE = "Every server keeps the session here."


def _mixed(one: str, count: int, other: str, total: int) -> str:
    return " ".join([one] * count + [other] * (total - count))


@pytest.mark.parametrize(("tied", "expected"), [(12, 9), (11, 6), (8, 6), (7, 3)])
def test_three_sentences_in_ten_have_a_transition(tied: int, expected: int):
    assert points("sentence.transitions", article(_mixed(_TIED, tied, _LOOSE, 40))) == expected


def test_a_short_text_needs_no_transition():
    assert points("sentence.transitions", article(_LOOSE)) == 9


@pytest.mark.parametrize(("passive", "expected"), [(2, 9), (3, 6), (4, 3)])
def test_one_sentence_in_ten_may_be_passive(passive: int, expected: int):
    assert points("sentence.passive", article(_mixed(_PASSIVE, passive, _ACTIVE, 20))) == expected


def test_a_check_of_one_language_is_silent_in_the_other():
    assert ask("sentence.passive", article("서버가 꺼집니다.", language="ko")) is None
    assert ask("ko.endings", article("The server stops.")) is None


_POLITE = [
    "서버를 켭니다.",
    "요청을 보냅니다.",
    "캐시를 비웁니다.",
    "파일을 읽습니다.",
    "로그를 남깁니다.",
    "상태를 묻습니다.",
]


def test_one_register_with_different_verbs_is_good():
    assert points("ko.endings", article(" ".join(_POLITE), language="ko")) == 9


@pytest.mark.parametrize(("plain", "total", "expected"), [(1, 10, 6), (2, 10, 3)])
def test_registers_are_not_mixed(plain: int, total: int, expected: int):
    text = ["서버를 끈다."] * plain + (_POLITE * 2)[: total - plain]

    finding = ask("ko.endings", article(" ".join(text), language="ko"))

    assert finding is not None
    assert finding.points == expected
    assert len(finding.spans) == plain


def test_requests_and_questions_are_at_home_in_both_polite_registers():
    asked = " 서버를 늘리세요. 언제 늘릴까요?"
    casual = "서버를 켜요. 요청을 보내요. 캐시를 비워요. 파일을 읽어요. 로그를 남겨요."
    plain = "서버를 켠다. 요청을 보낸다. 캐시를 비운다. 파일을 읽는다. 로그를 남긴다."

    assert points("ko.endings", article(" ".join(_POLITE) + asked, language="ko")) == 9
    assert points("ko.endings", article(casual + asked, language="ko")) == 9
    assert points("ko.endings", article(plain + asked, language="ko")) == 3
    assert points("ko.endings", article(" ".join(_POLITE) + " 서버를 켜요.", language="ko")) == 3


def test_four_sentences_with_one_ending_are_a_run():
    same = ["캐시는 도구입니다.", "서버는 기계입니다.", "요청은 문장입니다.", "답은 글입니다."]

    assert points("ko.endings", article(" ".join(same), language="ko")) == 6
    assert points("ko.endings", article(" ".join(same[:3]), language="ko")) == 9


def test_lists_and_quotations_have_their_own_register():
    text = " ".join(_POLITE) + "\n\n- 서버를 끈다.\n- 캐시를 비운다.\n\n> 나는 쓴다."

    assert points("ko.endings", article(text, language="ko")) == 9


def test_what_is_told_is_not_scored():
    korean = article("이 문제에 대하여 설명된다. 유모차도 있다.", language="ko")
    english = article("The whitelist is short.")

    for check_id in (
        "ko.passive",
        "ko.measures",
        "ko.translationese",
        "ko.spacing",
        "inclusive.words",
    ):
        assert points(check_id, korean) is None
    assert points("reading.ease", english) is None
    assert points("inclusive.words", english) is None


def test_missing_blanks_are_shown_where_they_are():
    finding = ask("ko.spacing", article("서버를늘리면 부하가나뉩니다.", language="ko"))

    assert finding is not None
    assert (finding.measured or 0) >= 2
    assert {span.start for span in finding.spans} >= {3, 10}


def test_links_to_the_own_site_and_to_others():
    relative = article("See [scaling](/en/scaling).")
    elsewhere = article("See [scaling](https://example.org/s).")
    own = replace(elsewhere, url="https://www.example.org/a")
    fragment = article("See [below](#below).")
    noted = article("True.[^1]\n\n[^1]: The guide, <https://example.org>.")

    assert (points("links.internal", relative), points("links.external", relative)) == (9, 3)
    assert (points("links.internal", elsewhere), points("links.external", elsewhere)) == (3, 9)
    assert (points("links.internal", own), points("links.external", own)) == (9, 3)
    assert points("links.internal", fragment) == 3
    assert points("links.external", noted) == 9


def test_links_that_are_not_followed_count_less():
    followed = "[one](https://a.example)"
    unfollowed = '<a href="https://b.example/?x=1&amp;y" rel="nofollow">two</a>'

    assert points("links.external", article(followed)) == 9
    assert points("links.external", article(f"{followed} {unfollowed}")) == 8
    assert points("links.external", article(unfollowed)) == 7


def test_images_written_as_html_are_seen():
    given = article('Text <img src="a.png" alt="A rack"> and ![A rack](b.png).')

    assert points("images.alt", given) == 6


def test_the_first_article_of_a_site_has_none_to_link_to():
    assert ask("links.internal", article("Text."), site=Site(linkable=False)) is None
    assert points("links.internal", article("Text."), site=Site()) == 3


def test_links_say_where_they_lead():
    assert points("links.generic", article("[The guide](/a) and [here](/b).")) == 3
    assert points("links.generic", article("[안내서](/a)와 [여기](/b).", language="ko")) == 3
    assert points("links.generic", article("[The guide](/a).")) == 9
    assert ask("links.generic", article("No link.")) is None


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("/path", 9), ("https://example.org", 9), ("mailto:a@b.c", 9), ("#part", 9), ("../up", 9),
        ("javascript:void(0)", 3), ("#", 3), ("", 3), ("data:text/html,x", 3), ("https://", 3),
    ],
)  # fmt: skip
def test_crawlers_can_follow_a_link(href: str, expected: int):
    finding = ask("links.crawlable", article(f"[The guide]({href})"))

    assert finding is not None
    assert finding.points == expected
    assert bool(finding.spans) is (expected == 3)


def test_images_have_alternative_text_of_their_own():
    assert points("images.alt", article("![A rack](a.png) ![A cat](b.png)")) == 9
    assert points("images.alt", article("![A rack](a.png) ![a  rack](b.png)")) == 6
    assert points("images.alt", article("![A rack](a.png) ![](b.png)")) == 3
    assert ask("images.alt", article("None.")) is None
    assert ask("images.present", article("![A rack](a.png)")).measured == 1
