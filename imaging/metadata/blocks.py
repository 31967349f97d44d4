"""The metadata blocks of a file, as bytes and unread."""

from PIL import Image

from evidence.reasons import Reason, reason
from imaging.codecs.containers import LONGEST_BLOCK, inflate, png_chunks, png_text
from imaging.types import Metadata

_EXIF_PREFIX = b"Exif\0\0"
_XMP_KEYWORD = "XML:com.adobe.xmp"
_XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
_IPTC_RESOURCE = 0x0404  # of Photoshop's image resources
_MOST_TEXTS = 1000
_LEFT_OUT = reason("metadata_left_out")

_EXIF_DIRECTORY = 0x8769
# Tags of a TIFF that say where its pixels are, or hold them, or are kept elsewhere: strips,
# tiles, palette, JPEG tables, XMP, ICC profile, Photoshop's layers.
_PIXEL_TAGS = frozenset({273, 278, 279, 320, 322, 323, 324, 325, 347, 700, 34675, 37724})


class Collector:
    """Gathers metadata blocks up to a bound; what is beyond it is left out, and that is noted."""

    def __init__(self, notes: list[Reason]) -> None:
        self._notes = notes
        self._text: list[tuple[str, bytes]] = []
        self._room = LONGEST_BLOCK
        self._blocks: dict[str, bytes] = {}

    def block(self, name: str, body: object) -> None:
        """Keep one block under its name in `Metadata`; what is no bytes is ignored."""
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes) or not body:
            return
        if name == "exif":
            body = body.removeprefix(_EXIF_PREFIX)
        if len(body) <= LONGEST_BLOCK:
            self._blocks[name] = body
        else:
            self.left_out()

    def text(self, keyword: str, body: bytes) -> None:
        """Keep one piece of text."""
        if len(body) > self._room or len(self._text) >= _MOST_TEXTS:
            self.left_out()
            return
        self._room -= len(body)
        self._text.append((keyword, body))

    def left_out(self) -> None:
        """Note, once, that something was too large to keep."""
        if _LEFT_OUT not in self._notes:
            self._notes.append(_LEFT_OUT)

    def metadata(self) -> Metadata:
        """Everything that was kept."""
        return Metadata(text=tuple(self._text), **self._blocks)


def png_metadata(data: bytes, notes: list[Reason]) -> Metadata:
    """Read the metadata of a PNG, whether they stand before or after its pixels.

    Raises:
        CorruptImage: The file ends before its last chunk.
    """
    found = Collector(notes)
    for kind, body in png_chunks(data):
        match kind:
            case b"eXIf":
                found.block("exif", body)
            case b"iCCP":
                profile = inflate(body.partition(b"\0")[2][1:])
                found.block("icc", profile) if profile else found.left_out()
            case b"tEXt" | b"zTXt" | b"iTXt":
                entry = png_text(kind, body)
                if entry is None:
                    found.left_out()
                elif entry[0] == _XMP_KEYWORD:
                    found.block("xmp", entry[1])
                else:
                    found.text(*entry)
            case _:
                pass
    return found.metadata()


def pillow_metadata(
    image: Image.Image, name: str, blocks: list[tuple[str, bytes]], notes: list[Reason]
) -> Metadata:
    """Collect the metadata that Pillow read from the header of a file other than a PNG.

    Args:
        image: Opened, not necessarily loaded.
        name: The format as `sniff` names it.
        blocks: What else was found, as (`xmp`, packet) or (keyword, text).
        notes: A note is appended here where something was too large to keep.
    """
    found = Collector(notes)
    for block, key in (("exif", "exif"), ("xmp", "xmp"), ("icc", "icc_profile")):
        found.block(block, image.info.get(key))
    if name == "tiff":
        found.block("exif", _tiff_tags(image))
    comment = image.info.get("comment")
    if name == "jpeg":
        if isinstance(comment, bytes):
            found.text("comment", comment)
        found.block("xmp_extended", _extended_xmp(image))
        resources = image.info.get("photoshop")
        found.block("iptc", resources.get(_IPTC_RESOURCE) if isinstance(resources, dict) else None)
    for keyword, body in blocks:
        if keyword == "xmp":
            found.block("xmp", body)
        else:
            found.text(keyword, body)
    return found.metadata()


def _extended_xmp(image: Image.Image) -> bytes | None:
    """The packet that continues the main one of a JPEG, if it is whole.

    Source: XMP specification, part 3, 1.1.3.1: parts in APP1, each with the digest of the packet,
    which the main one names, its length and the part's place in it.
    """
    main = image.info.get("xmp")
    if not isinstance(main, bytes) or b"HasExtendedXMP" not in main:
        return None
    parts: dict[int, bytes] = {}
    length = 0
    for _, body in getattr(image, "applist", ()):
        digest = body[len(_XMP_EXTENSION) :][:32]
        if body.startswith(_XMP_EXTENSION) and len(digest) == 32 and digest in main:
            length, at, part = _extension_part(body[len(_XMP_EXTENSION) + 32 :])
            parts[at] = part
    packet = b"".join(parts[at] for at in sorted(parts))
    return packet if len(packet) == length else None


def _extension_part(body: bytes) -> tuple[int, int, bytes]:
    return int.from_bytes(body[:4], "big"), int.from_bytes(body[4:8], "big"), body[8:]


def _tiff_tags(image: Image.Image) -> bytes | None:
    """The tags of a TIFF without its pixels, as an EXIF block; None where they are unreadable."""
    try:
        source = image.getexif()
        kept = Image.Exif()
        for tag in source:
            if tag not in _PIXEL_TAGS:
                value = source.get_ifd(tag) if tag == _EXIF_DIRECTORY else source[tag]
                # Pillow reads text as Latin-1 and would write it as ASCII.
                kept[tag] = value.encode("latin-1") if isinstance(value, str) else value
        return kept.tobytes()
    except Exception:  # Pillow raises whatever the damage leads to, and the pixels may be whole
        return None
