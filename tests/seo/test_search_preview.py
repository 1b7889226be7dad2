"""What a search result would show of a title, a description and an address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.seo.font_metrics import width_px
from app.seo.search_preview import fit, preview

ADDRESS = "https://blog.example/ko/%EC%88%98%ED%8F%89-%ED%99%95%EC%9E%A5"


def test_what_fits_is_shown_whole_and_what_does_not_is_cut_after_a_word() -> None:
    short = fit("Horizontal scaling", 600, 20)
    long = fit("Horizontal scaling with a load balancer " * 3, 600, 20)

    assert (short.text, short.cut) == ("Horizontal scaling", False)
    assert long.cut
    assert long.text.endswith("…")
    assert long.text[:-1].split()[-1] in {"Horizontal", "scaling", "with", "a", "load", "balancer"}
    assert long.pixels > 600 >= width_px(long.text)


def test_thirty_two_hangul_fit_and_no_more() -> None:
    assert not fit("가" * 32, 600, 20).cut
    assert fit("가" * 33, 600, 20).cut


def test_korean_is_measured_composed_however_it_was_typed() -> None:
    composed, decomposed = (
        fit("확장", 600, 20),
        fit("\u1112\u116a\u11a8\u110c\u1161\u11bc", 600, 20),
    )

    assert composed == decomposed


def test_every_engine_has_its_room_and_its_line_for_the_address() -> None:
    found = {each.engine: each for each in preview("수평 확장 " * 12, "설명입니다. " * 30, ADDRESS)}

    assert [found[e].title.limit for e in ("google", "google_mobile", "naver")] == [600, 656, 600]
    assert found["google"].place == "https://blog.example › ko › 수평-확장"
    assert found["naver"].place == "blog.example › ko › 수평-확장"
    assert all(each.title.cut and each.description.cut for each in found.values())


@pytest.mark.parametrize("url", ["", "/slug", "http://[", "no address"])
def test_any_address_has_a_line(url: str) -> None:
    assert len(preview("A", "B", url)) == 3


@given(st.text(max_size=400), st.integers(100, 1200), st.integers(10, 24))
def test_whatever_is_written_fits_into_its_room(text: str, limit: int, font_px: int) -> None:
    line = fit(text, limit, font_px)

    assert (
        width_px(line.text, font_px) <= limit + 0.5
    )  # the whole text's width is told in whole pixels
    assert line.cut == line.text.endswith("…") or not line.cut
