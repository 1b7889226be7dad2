"""Titles have a width."""

import pytest

from app.seo.font_metrics import full_width_signs, width_px


@pytest.mark.parametrize(
    ("text", "pixels"),
    [("", 0), ("A", 13.34), ("i", 4.44), ("W", 18.88), ("가", 18.4), ("漢", 18.4)],
)
def test_a_sign_has_its_fonts_width(text: str, pixels: float):
    assert width_px(text) == pytest.approx(pixels)


def test_600_px_hold_32_hangul():
    assert full_width_signs(600) == 32


def test_one_letter_is_as_wide_composed_as_decomposed():
    assert width_px("가") == width_px("\u1100\u1161") == 18.4
    assert width_px("é") == width_px("e\u0301")
