"""The metadata blocks of a file, as bytes and unread."""

import re
from collections.abc import Sequence

from PIL import Image

from evidence.reasons import Reason, reason
from imaging.codecs.containers.png import inflate, png_chunks, png_text
from imaging.codecs.containers.source import LONGEST_BLOCK, Block
from imaging.metadata.image_resources import resource_blocks
from imaging.metadata.raw_profiles import PREFIX, raw_profile
from imaging.metadata.texts import Metadata

_EXIF_PREFIX = b"Exif\0\0"
_XMP_KEYWORD = "XML:com.adobe.xmp"
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\0"
# A packet without its header, as OpenCV writes it, or with a damaged one.
_BARE_XMP = re.compile(rb"(?!http://ns\.adobe\.com/xmp/)[^<]{0,40}(?=<(?:\?xpacket|x:x|rdf:RDF))")
_RESOURCES_PREFIX = b"Photoshop 3.0\0"
_MOST_TEXTS = 1000
_MOST_BLOCKS = 16
_LEFT_OUT = reason("metadata_left_out")

_TIFF_HEADERS = (b"II*\0", b"MM\0*")
_EXIF_DIRECTORY = 0x8769
# Tags of a TIFF that say where its pixels are, or hold them, or are kept elsewhere: strips,
# tiles, palette, JPEG tables, XMP, IPTC, Photoshop's resources, ICC profile, Photoshop's layers.
_PIXEL_TAGS = frozenset(
    {273, 278, 279, 320, 322, 323, 324, 325, 347, 700, 33723, 34377, 34675, 37724}
)


class Collector:
    """Gathers metadata blocks up to a bound; what is beyond it is left out, and that is noted."""

    def __init__(self, notes: list[Reason]) -> None:
        self._notes = notes
        self._text: list[tuple[str, bytes]] = []
        self._icc: bytes | None = None
        self._room = LONGEST_BLOCK
        self._blocks: dict[str, list[bytes]] = {"exif": [], "xmp": [], "iptc": []}

    def block(self, name: str, body: object) -> None:
        """Keep one block under its name in `Metadata`; what is no bytes is ignored."""
        if isinstance(body, str):
            body = body.encode()
        if not isinstance(body, bytes) or not body:
            return
        if name == "exif":
            body = body.removeprefix(_EXIF_PREFIX)
        kept = self._blocks[name]
        if body in kept:
            return
        if len(body) + sum(map(len, kept)) <= LONGEST_BLOCK and len(kept) < _MOST_BLOCKS:
            kept.append(body)
        else:
            self.left_out()

    def profile(self, body: object) -> None:
        """Keep the ICC profile; what is no bytes is ignored."""
        if not isinstance(body, bytes) or not body:
            return
        if len(body) <= LONGEST_BLOCK:
            self._icc = body
        else:
            self.left_out()

    def text(self, keyword: str, body: bytes) -> None:
        """Keep one piece of text, or the blocks that it holds."""
        if keyword == _XMP_KEYWORD:
            self.block("xmp", body)
            return
        if keyword.startswith(PREFIX):
            blocks = list(raw_profile(body))
            for block in blocks:
                self.block(*block)
            if blocks:
                return
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
        blocks = {name: tuple(kept) for name, kept in self._blocks.items()}
        return Metadata(icc=self._icc, text=tuple(self._text), **blocks)


def png_metadata(data: bytes, notes: list[Reason]) -> Metadata:
    """Read the metadata of a PNG, whether they stand before or after its pixels.

    Raises:
        CorruptImage: The file is in absurdly many pieces.
    """
    found = Collector(notes)
    for chunk in png_chunks(data):
        if not chunk.whole:
            break
        match chunk.kind:
            case b"eXIf":
                found.block("exif", chunk.body)
            case b"iCCP":
                profile = inflate(chunk.body.partition(b"\0")[2][1:])
                found.profile(profile) if profile else found.left_out()
            case b"tEXt" | b"zTXt" | b"iTXt":
                entry = png_text(chunk.kind, chunk.body)
                found.text(*entry) if entry else found.left_out()
            case b"comf":  # ComfyUI's own, in animations: like tEXt, and behind the pixels
                entry = png_text(b"tEXt", chunk.body)
                if entry:
                    found.text(*entry)
            case _:
                pass
    return found.metadata()


def pillow_metadata(
    image: Image.Image, name: str, blocks: list[Block], notes: list[Reason]
) -> Metadata:
    """Collect the metadata that Pillow read from the header of a file other than a PNG.

    Args:
        image: Opened, not necessarily loaded; a TIFF at the page that is judged, whose metadata
            count beside those of the first.
        name: The format as `sniff` names it.
        blocks: What else was found, as (`exif`, `xmp` or `iptc`, block) or (keyword, text).
        notes: A note is appended here where something was too large to keep.
    """
    found = Collector(notes)
    found.profile(image.info.get("icc_profile"))
    match name:
        case "jpeg":
            _jpeg_blocks(getattr(image, "applist", ()), found)
        case "tiff":
            chosen = image.tell()
            for page in dict.fromkeys((0, chosen)):
                image.seek(page)
                found.block("exif", _tiff_tags(image))
                found.block("xmp", image.info.get("xmp"))
        case "avif" | "heic" | "webp":
            # Pillow turns the container's own rotation into an orientation of EXIF.
            found.block("exif", image.info.get("exif"))
            if "xmp" not in dict(blocks):  # of a track, perhaps
                found.block("xmp", image.info.get("xmp"))
    for keyword, body in blocks:
        if keyword in ("exif", "xmp", "iptc"):
            found.block(keyword, body)
        else:
            found.text(keyword, body)
    return found.metadata()


def _jpeg_blocks(segments: Sequence[tuple[str, bytes]], found: Collector) -> None:
    """All segments of a JPEG that hold metadata. Pillow's own summary knows one of each kind."""
    exif: list[bytes] = []
    packets: list[bytes] = []
    resources: list[bytes] = []
    for marker, body in segments:
        if marker == "COM":
            found.text("comment", body)
        elif body.startswith(_EXIF_PREFIX):
            body = body[len(_EXIF_PREFIX) :]
            if exif and not body.startswith(_TIFF_HEADERS):
                exif[-1] += body  # goes on from the segment before: one holds 64 kB at most
            else:
                exif.append(body)
        elif body.startswith(_XMP_PREFIX):
            packets.append(body[len(_XMP_PREFIX) :])
        elif marker == "APP1" and body.startswith(_TIFF_HEADERS):
            exif.append(body)  # without its header
        elif marker == "APP1" and (bare := _BARE_XMP.match(body)):
            packets.append(body[bare.end() :])
        elif body.startswith(_RESOURCES_PREFIX):
            resources.append(body[len(_RESOURCES_PREFIX) :])
    for block in exif:
        found.block("exif", block)
    for packet in packets:
        found.block("xmp", packet)
        found.block("xmp", _extended_xmp(packet, segments))
    # Resources that are longer than one segment go on in the next.
    for name, body in resource_blocks(b"".join(resources)):
        found.block(name, body)


def _extended_xmp(main: bytes, segments: Sequence[tuple[str, bytes]]) -> bytes | None:
    """The packet that continues a packet of a JPEG, if it is whole.

    Source: XMP specification, part 3, 1.1.3.1: parts in APP1, each with the digest of the packet,
    which the main one names, its length and the part's place in it.
    """
    if b"HasExtendedXMP" not in main:
        return None
    parts: dict[int, bytes] = {}
    length = 0
    for _, body in segments:
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
