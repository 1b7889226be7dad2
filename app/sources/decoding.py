"""Bytes of a text or a page as characters, whatever the encoding and whoever states it wrongly."""

import codecs
import re
from collections.abc import Sequence

from charset_normalizer import from_bytes

from app.sources.errors import Unreadable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ALIASES = {
    # What browsers read these as (WHATWG Encoding): the wider set that pages really use.
    "utf8": "utf-8",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "ks_c_5601-1987": "cp949",
    "ksc5601": "cp949",
    "ks_c_5601": "cp949",
    "ms949": "cp949",
    "windows-949": "cp949",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "windows-1252": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "sjis": "cp932",
}
_KNOWN = frozenset(
    {"utf-8", "utf-16", "utf-16le", "utf-16be", "cp949", "cp1252", "johab", "iso-2022-kr"}
    | {"gb18030", "big5", "cp932", "euc-jp", "iso-2022-jp", "koi8-r", "macintosh"}
    | {f"windows-125{n}" for n in range(9)}
    | {f"iso-8859-{n}" for n in range(2, 17) if n != 12}  # noqa: PLR2004  # there is no part 12
)
"""Python knows more codecs, among them some that are no encodings (`rot13`, `zlib`, `idna`)."""

_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_SAMPLE = 32 * 1024
_HEAD = 4096
_FEW = 0.002
"""Share of damaged characters that a page of a stated charset may have: broken adverts, cut comments."""


def decode_text(data: bytes, charset: str | None, *, name: str) -> str:
    """A text's characters: by byte order mark, the charset stated, UTF-8, CP949, or by their look.

    Raises:
        Unreadable: `binary` or `charset`.
    """
    marked = _by_mark(data)
    if marked is not None:
        return marked
    wide = _wide(data)
    if wide is not None:
        return wide
    if b"\x00" in data[:_HEAD]:
        raise Unreadable("binary", f"{name} is no text; give a text, Markdown, HTML or PDF file.")
    return _by_candidates(data, [_codec(charset), "utf-8", "cp949"], name)


def decode_html(data: bytes, charset: str | None, *, name: str) -> str:
    """A page's characters: byte order mark, HTTP header, `meta`, UTF-8, CP949, or by their look.

    Raises:
        Unreadable: `charset`.
    """
    marked = _by_mark(data)
    if marked is not None:
        return marked
    stated = _codec(charset)
    found = _META.search(data[:_HEAD])
    meta = _codec(found.group(1).decode("ascii")) if found else None
    # Latin-1 decodes anything, and old servers state it for everything.
    candidates: list[str | None] = [stated, meta, "utf-8", "cp949"]
    if stated == "cp1252":
        candidates = [meta, "utf-8", stated]
    elif stated is None and meta == "cp1252":
        candidates = ["utf-8", meta]
    return _by_candidates(data.replace(b"\x00", b""), candidates, name)


def _by_mark(data: bytes) -> str | None:
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace")
    return None


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark, as it gives itself away by its blanks and line ends."""
    head = data[:_HEAD]
    for codec, blanks in (
        ("utf-16-le", (b" \x00", b"\n\x00")),
        ("utf-16-be", (b"\x00 ", b"\x00\n")),
    ):
        if len(data) % 2 == 0 and any(blank in head for blank in blanks):
            try:
                text = data.decode(codec)
            except UnicodeDecodeError:
                continue
            if "\x00" not in text and sum(c.isprintable() or c.isspace() for c in text) == len(
                text
            ):
                return text
    return None


def _codec(charset: str | None) -> str | None:
    name = (charset or "").strip().lower()
    name = _ALIASES.get(name, name)
    return name if name in _KNOWN else None


def _by_candidates(data: bytes, candidates: Sequence[str | None], name: str) -> str:
    tried = list(dict.fromkeys(codec for codec in candidates if codec is not None))
    for codec in tried:
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    for codec in tried:
        text = data.decode(codec, "replace")
        if text.count("\ufffd") <= len(text) * _FEW:
            return text
    looks = from_bytes(data[:_SAMPLE]).best()
    if looks is not None:
        text = data.decode(looks.encoding, "replace")
        if text.count("\ufffd") <= len(text) * _FEW:
            return text
    raise Unreadable(
        "charset",
        f"{name} is in no encoding that could be recognised; save it as UTF-8 and give the file.",
    )
