"""Slugs: readable in both languages, and safe as one segment of an address."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.slugs import FALLBACK, MAX_LENGTH, make_slug


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Horizontal scaling: a guide", "horizontal-scaling-a-guide"),
        ("수평 확장 가이드", "수평-확장-가이드"),
        ("HTTP 캐싱과 ETag", "http-캐싱과-etag"),
        ("What's new in C++ 23?", "whats-new-in-c-23"),
        ("  --Spaced__out--  ", "spaced-out"),
        ("../../etc/passwd", "etc-passwd"),
        ("Café au lait", "café-au-lait"),
        ("가격 5,000원", "가격-5-000원"),
    ],
)
def test_a_title_becomes_its_words(title: str, slug: str) -> None:
    assert make_slug(title) == slug


def test_decomposed_hangul_is_composed() -> None:
    assert make_slug(unicodedata.normalize("NFD", "수평 확장")) == "수평-확장"


def test_a_long_title_is_cut_between_words() -> None:
    slug = make_slug("seven letter " * 20)

    assert len(slug) <= MAX_LENGTH
    assert set(slug.split("-")) == {"seven", "letter"}


def test_one_endless_word_is_cut_all_the_same() -> None:
    assert make_slug("가" * 200) == "가" * MAX_LENGTH


@pytest.mark.parametrize("title", ["", "!!!", "🚀 🚀", "\x00\n"])
def test_a_title_without_letters_gets_a_name(title: str) -> None:
    assert make_slug(title) == FALLBACK


@given(st.text())
def test_any_title_gives_one_safe_segment(title: str) -> None:
    slug = make_slug(title)

    assert 0 < len(slug) <= MAX_LENGTH
    assert not re.search(r"[\s/\\?#%&<>\"'.:@]", slug)
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert unicodedata.is_normalized("NFC", slug)
    assert make_slug(slug) == slug
