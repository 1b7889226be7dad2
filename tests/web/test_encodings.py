"""Which form of a body a reader gets."""

import gzip

import brotli
import pytest

from app.web.encodings import accepted, compress


@pytest.mark.parametrize(
    ("field", "forms"),
    [
        (b"", ("",)),
        (b"gzip", ("gzip", "")),
        (b"gzip, deflate, br, zstd", ("br", "gzip", "")),
        (b"GZIP;Q=1.0", ("gzip", "")),
        (b"br;q=0.5, gzip;q=0.8", ("gzip", "br", "")),
        (b"br;q=0, gzip;q=0", ("",)),
        (b"*", ("br", "gzip", "")),
        (b"*;q=0, gzip", ("gzip",)),
        (b"identity;q=0, br", ("br",)),
        (b"identity, gzip;q=0.5", ("", "gzip")),
        (b"x-gzip", ("gzip", "")),
        (b"br;q=much", ("",)),
        (b";;,,q=1;", ("",)),
        (b"\xff\xfe", ("",)),
    ],
)
def test_a_reader_s_wishes_are_read_with_their_weights(
    field: bytes, forms: tuple[str, ...]
) -> None:
    assert accepted(field) == forms


def test_every_form_is_the_same_body() -> None:
    body = "가나다 load balancer ".encode() * 200

    forms = compress(body)

    assert gzip.decompress(forms["gzip"]) == body
    assert brotli.decompress(forms["br"]) == body
    assert forms[""] == body


def test_a_short_body_has_one_form() -> None:
    assert compress(b"x" * 999) == {"": b"x" * 999}
