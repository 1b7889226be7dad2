"""Bytes in every encoding that Korean and English texts come in, and in none."""

import random

import pytest

from app.sources.decoding import decode_html, decode_text
from app.sources.errors import Unreadable

KOREAN = "콜드브루는 찬물로 우려낸 커피입니다. 똠방각하도 좋아합니다.\n" * 3


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp949"]
)
def test_a_korean_text_comes_out_right(encoding: str) -> None:
    assert decode_text(KOREAN.encode(encoding), None, name="x") == KOREAN


def test_what_the_server_states_is_used() -> None:
    text = "Crème brûlée, naïve café — “quoted”."

    assert decode_text(text.encode("cp1252"), "ISO-8859-1", name="x") == text


@pytest.mark.parametrize("stated", ["klingon-8", "rot13", "zlib", "utf-8", "", None, "idna"])
def test_what_the_server_states_wrongly_is_not(stated: str | None) -> None:
    assert decode_text(KOREAN.encode("cp949"), stated, name="x") == KOREAN


def test_bytes_that_are_no_text_are_refused() -> None:
    noise = random.Random(7).randbytes(5000)  # the same noise every time

    with pytest.raises(Unreadable) as refused:
        decode_text(noise, None, name="photo.txt")

    assert refused.value.reason_code == "binary"
    assert "photo.txt" in refused.value.message


@pytest.mark.parametrize(
    ("header", "meta", "encoding"),
    [
        ("euc-kr", "", "cp949"),
        (None, "<meta charset=euc-kr>", "cp949"),
        (
            None,
            '<meta http-equiv="Content-Type" content="text/html; charset=ks_c_5601-1987">',
            "cp949",
        ),
        ("utf-8", "<meta charset=euc-kr>", "cp949"),
        ("euc-kr", "<meta charset=utf-8>", "utf-8"),
        ("iso-8859-1", "<meta charset=euc-kr>", "cp949"),
        ("iso-8859-1", "", "utf-8"),
        ("klingon-8", "<meta charset=nonsense>", "cp949"),
        (None, "", "utf-8"),
        (None, "", "utf-16"),
    ],
)
def test_a_korean_page_comes_out_right(header: str | None, meta: str, encoding: str) -> None:
    page = f"<html><head>{meta}</head><body>{KOREAN}</body></html>"

    assert decode_html(page.encode(encoding), header, name="x") == page


def test_a_page_with_one_broken_character_is_still_read() -> None:
    page = (f"<body>{KOREAN * 20}</body>").encode() + b"\xff"

    text = decode_html(page, "utf-8", name="x")

    assert KOREAN in text
    assert text.endswith("\ufffd")
