"""What is not seen is not kept; what is seen is."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sources.characters import (
    clean_characters,
    opens_with_decoration,
    without_decoration,
)


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("zero\u200bwidth\u200c and\u200d \ufeffmark", "zerowidth and mark"),
        ("bidi \u202eover\u202c \u2066iso\u2069", "bidi over iso"),
        ("soft\u00adhyphen", "softhyphen"),
        ("tag\U000e0041\U000e0042 letters", "tag letters"),
        ("private \ue000 and \U000f0000", "private  and "),
        ("filler \u3164\u115f\uffa0", "filler "),
        ("half \ud83d pair", "half  pair"),
        ("bell\x07 nul\x00 escape\x1b[31m", "bell nul escape[31m"),
        ("not\u00a0breaking\u3000wide\u2009thin", "not breaking wide thin"),
        (
            "one\r\ntwo\rthree\u2028four\u2029five\x0csix\x85seven",
            "one\ntwo\nthree\nfour\nfive\nsix\nseven",
        ),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af e\u0301", "한글 é"),
        ("e\u200b\u0301", "é"),
        ("tab\tstays ☕ 👍 𠮷 ½ “q”", "tab\tstays ☕ 👍 𠮷 ½ “q”"),
    ],
)
def test_a_text_keeps_only_what_is_seen(given_text: str, kept: str) -> None:
    assert clean_characters(given_text) == kept


@given(st.text(alphabet=st.characters()))
def test_a_clean_text_is_composed_can_be_stored_and_stays_as_it_is(words: str) -> None:
    clean = clean_characters(words)

    assert clean.encode().decode() == clean
    assert "\x00" not in clean
    assert clean_characters(clean) == clean
    assert unicodedata.is_normalized("NFC", clean)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("✅ Done", "Done"),
        ("🚀🔥 Fast", "Fast"),
        ("👍🏽 Good", "Good"),
        ("1️⃣ First", "First"),
        ("▶ Play", "Play"),
        ("※ 참고", "참고"),
        ("❌ Not this", "❌ Not this"),
        ("🚫 Never", "🚫 Never"),
        ("° degrees", "° degrees"),
        ("2024 is a year", "2024 is a year"),
        ("plain ✅ inside", "plain ✅ inside"),
        ("✅", ""),
        ("", ""),
    ],
)
def test_a_line_loses_the_decoration_it_opens_with(line: str, words: str) -> None:
    assert without_decoration(line) == words


@pytest.mark.parametrize(
    ("line", "opens"), [("✅ Done", True), ("  ❌ Not", True), ("Done ✅", False), ("", False)]
)
def test_a_line_is_known_to_open_with_decoration(line: str, opens: bool) -> None:
    assert opens_with_decoration(line) is opens
