"""Small real files of each type that may be uploaded, and of some that may not."""

import struct
import zlib


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x20\x40\x80"))
    + _chunk(b"IEND", b"")
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffd9")
GIF = b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
AVIF = b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf" + b"\x00" * 16
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"

ALLOWED = {
    "image/png": PNG,
    "image/jpeg": JPEG,
    "image/gif": GIF,
    "image/webp": WEBP,
    "image/avif": AVIF,
    "application/pdf": PDF,
}

REFUSED = {
    "nothing": b"",
    "text": b"hello",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "html that names an image": b"<!-- \x89PNG -->",
    "program": b"\x7fELF\x02\x01\x01" + b"\x00" * 60,
    "zip": b"PK\x03\x04" + b"\x00" * 60,
    "sound in RIFF": b"RIFF\x1a\x00\x00\x00WAVEfmt ",
    "film": b"\x00\x00\x00\x1cftypisom\x00\x00\x00\x00isomiso2mp41",
    "box without end": b"\xff\xff\xff\xffftypavif",
    "box of nothing": b"\x00\x00\x00\x00ftypavif",
    "cut off": b"\x89PN",
    "leading space before a PDF": b" %PDF-1.4",
}
