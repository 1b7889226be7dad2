"""Writes small PDF files by hand: pages of printed lines, in Latin letters or Hangul."""

import zlib
from collections.abc import Sequence
from io import BytesIO

from pypdf import PdfReader, PdfWriter


def pdf(
    pages: Sequence[Sequence[str]],
    *,
    information: dict[str, str] | None = None,
    unicode: bool = False,
) -> bytes:
    """A PDF whose pages hold the lines, top down; an empty line leaves a gap."""
    objects: list[bytes] = [b"", b""]
    font = _hangul(objects) if unicode else _latin(objects)
    kids: list[int] = []
    for lines in pages:
        drawn = [b"BT /F1 11 Tf 14 TL 50 780 Td"]
        drawn += [(_hex(line) if unicode else _literal(line)) + b" Tj T*" for line in lines]
        stream = zlib.compress(b"\n".join([*drawn, b"ET"]))
        content = _add(objects, _stream(stream, b"/Filter /FlateDecode"))
        kids.append(
            _add(
                objects,
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R"
                b" /Resources << /Font << /F1 %d 0 R >> >> >>" % (content, font),
            )
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    refs = b" ".join(b"%d 0 R" % kid for kid in kids)
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (refs, len(kids))
    fields = b" ".join(
        b"/%s %s" % (name.encode(), _utf16(value)) for name, value in (information or {}).items()
    )
    info = _add(objects, b"<< %s >>" % fields)
    return _file(objects, info)


def locked(data: bytes, password: str, *, algorithm: str = "RC4-128") -> bytes:
    """The same file, to be opened with a password only; with an empty one, to be changed with one only."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.encrypt(password, "owner", algorithm=algorithm)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def endless_pages(count: int) -> bytes:
    """A file of one page that is listed `count` times."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join([b"3 0 R"] * count), count),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
    ]
    info = _add(objects, b"<< >>")
    return _file(objects, info)


def _add(objects: list[bytes], body: bytes) -> int:
    objects.append(body)
    return len(objects)


def _latin(objects: list[bytes]) -> int:
    return _add(
        objects,
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )


def _hangul(objects: list[bytes]) -> int:
    """A font without glyphs whose codes are UTF-16, as a map to text says; all that a reader needs."""
    cmap = (
        b"/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        b"1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        b"1 beginbfrange <0000> <FFFF> <0000> endbfrange\n"
        b"endcmap end end"
    )
    to_unicode = _add(objects, _stream(cmap))
    descendant = _add(
        objects,
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Batang /DW 1000"
        b" /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
    )
    return _add(
        objects,
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Batang /Encoding /Identity-H"
        b" /DescendantFonts [%d 0 R] /ToUnicode %d 0 R >>" % (descendant, to_unicode),
    )


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), entries, data)


def _literal(line: str) -> bytes:
    data = line.encode("cp1252")
    return b"(" + data.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def _hex(line: str) -> bytes:
    return b"<" + line.encode("utf-16-be").hex().encode() + b">"


def _utf16(value: str) -> bytes:
    return b"<feff" + value.encode("utf-16-be").hex().encode() + b">"


def _file(objects: Sequence[bytes], info: int) -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets: list[int] = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        info,
        start,
    )
    return bytes(out)


def bomb(*, mebibytes: int) -> bytes:
    """A page whose content is a few kilobytes packed and this much unpacked."""
    packer = zlib.compressobj(9)
    blank = bytes(1024 * 1024).replace(b"\x00", b" ")
    stream = b"".join(packer.compress(blank) for _ in range(mebibytes)) + packer.flush()
    return one_page(stream)


def one_page(stream: bytes, *, entries: bytes = b"/Filter /FlateDecode") -> bytes:
    """A page with this content, as it stands in the file."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        _stream(stream, entries),
    ]
    _latin(objects)
    return _file(objects, _add(objects, b"<< >>"))
