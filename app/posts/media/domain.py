"""What may be uploaded, decided by a file's own first bytes: names and declared types are only claims."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of file. Nothing that can carry script is among them, SVG least of all."""

    type: str
    ending: str


PNG = Kind("image/png", "png")
JPEG = Kind("image/jpeg", "jpg")
GIF = Kind("image/gif", "gif")
WEBP = Kind("image/webp", "webp")
AVIF = Kind("image/avif", "avif")
PDF = Kind("application/pdf", "pdf")

KINDS = {kind.ending: kind for kind in (PNG, JPEG, GIF, WEBP, AVIF, PDF)}

_STARTS = {
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"GIF87a": GIF,
    b"GIF89a": GIF,
    b"%PDF-": PDF,
}
_LONGEST_BOX = 256
"""Longest first box of an AVIF file that is looked through, bytes."""


def kind_of(data: bytes) -> Kind | None:
    """What a file is; None where it may not be uploaded."""
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return WEBP
    return AVIF if _is_avif(data) else None


def _is_avif(data: bytes) -> bool:
    """Whether the first box names an AVIF brand (ISO/IEC 14496-12, 4.3)."""
    size = int.from_bytes(data[:4])
    if data[4:8] != b"ftyp" or not 16 <= size <= _LONGEST_BOX:  # noqa: PLR2004  # the shortest has 16
        return False
    box = data[8:size]
    brands = [box[:4], *(box[at : at + 4] for at in range(8, len(box), 4))]
    return b"avif" in brands or b"avis" in brands
