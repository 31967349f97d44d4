"""Which format the bytes are in, told by their content and never by the file's name."""

import struct

# fmt: off
IMAGE_SUFFIXES: frozenset[str] = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".gif", ".bmp", ".dib", ".tif",
    ".tiff", ".avif", ".avifs", ".heic", ".heics", ".heif", ".heifs", ".hif",
})
# fmt: on
"""Lower-case suffixes, with the dot, that a file in a format read here usually bears."""

FORMATS = ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif", "heic")
"""The formats that are read here."""

_HEAD = 64

_MAGIC = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"II+\0\x08\0\0\0", "tiff"),
    (b"MM\0+\0\x08\0\0", "tiff"),
)

_AVIF_BRANDS = frozenset({b"avif", b"avis"})
_HEIC_BRANDS = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"},
)
_SHARED_BRANDS = frozenset({b"mif1", b"msf1"})

# Sizes of the known BMP headers: "BM" alone begins many a text.
_BMP_HEADERS = frozenset({12, 16, 40, 52, 56, 64, 108, 124})


def sniff(head: bytes) -> str | None:
    """Tell an image format by its magic bytes.

    Args:
        head: The first bytes of the file; 64 are enough, and no more are looked at.

    Returns:
        `jpeg`, `png`, `webp`, `gif`, `bmp`, `tiff`, `avif` or `heic`; None for anything else.
    """
    head = bytes(head[:_HEAD])
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[:2] == b"BM" and len(head) >= 18:
        return "bmp" if struct.unpack_from("<I", head, 14)[0] in _BMP_HEADERS else None
    if head[4:8] == b"ftyp":
        return _sniff_brands(head)
    return None


def _sniff_brands(head: bytes) -> str | None:
    """Tell AVIF from HEIC by the brands of an ISO media file (ISO/IEC 23008-12)."""
    major = head[8:12]
    if major in _AVIF_BRANDS:
        return "avif"
    if major in _HEIC_BRANDS:
        return "heic"
    if major not in _SHARED_BRANDS:
        return None
    end = min(struct.unpack_from(">I", head)[0], len(head))
    compatible = {head[at : at + 4] for at in range(16, end - 3, 4)}
    return "avif" if compatible & _AVIF_BRANDS else "heic"
