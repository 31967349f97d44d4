"""The metadata of a file: its blocks, and every text in them, decoded once for all readers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from imaging.metadata.exif import exif_texts
from imaging.metadata.iptc import iptc_texts
from imaging.metadata.unicode import decode_text
from imaging.metadata.xmp import XmpProperty, xmp_properties


@dataclass(frozen=True)
class Metadata:
    """The metadata blocks of a file, as the bytes that stand in it, unread.

    A file may have several of a kind: tools add a second rather than change the first, and
    conversions carry old ones along. All are kept, in the order of the file.

    Attributes:
        exif: EXIF blocks (TIFF structures), without the container's prefix.
        xmp: XMP packets; what did not fit into the packet of a JPEG is a packet of its own, put
            together from its parts.
        icc: The ICC profile.
        text: Text chunks of a PNG and comments of other formats, by keyword.
        iptc: Blocks of IPTC-IIM records, the standard before XMP.
    """

    exif: tuple[bytes, ...] = ()
    xmp: tuple[bytes, ...] = ()
    icc: bytes | None = None
    text: tuple[tuple[str, bytes], ...] = ()
    iptc: tuple[bytes, ...] = ()

    @cached_property
    def texts(self) -> "FileTexts":
        """The texts in these blocks."""
        return FileTexts(self)


@dataclass(frozen=True)
class FileTexts:
    """The texts of a file, in the order of the file, read when they are first asked for.

    Never raises; as long as the metadata blocks that decoding kept, which are bounded.

    Attributes:
        metadata: The blocks that hold them.
    """

    metadata: Metadata

    @cached_property
    def own(self) -> tuple[tuple[str, str], ...]:
        """Texts of a PNG and comments, by the file's own keyword (`parameters`, `comment`)."""
        return tuple((keyword, decode_text(body)) for keyword, body in self.metadata.text)

    @cached_property
    def exif(self) -> tuple[tuple[str, str], ...]:
        """The tags of all EXIF blocks, by the standard's names (`UserComment`)."""
        return _each_once(one for block in self.metadata.exif for one in exif_texts(block))

    @cached_property
    def iptc(self) -> tuple[tuple[str, str], ...]:
        """The datasets of all IPTC-IIM blocks, by the standard's names (`Credit`)."""
        return _each_once(one for block in self.metadata.iptc for one in iptc_texts(block))

    @cached_property
    def packets(self) -> tuple[str, ...]:
        """The XMP packets, unparsed."""
        return tuple(decode_text(packet) for packet in self.metadata.xmp)

    @cached_property
    def xmp_packets(self) -> tuple[tuple[XmpProperty, ...], ...]:
        """The properties of each XMP packet."""
        return tuple(xmp_properties(packet) for packet in self.metadata.xmp)

    @cached_property
    def xmp(self) -> tuple[XmpProperty, ...]:
        """The properties of all XMP packets."""
        return tuple(one for packet in self.xmp_packets for one in packet)

    @cached_property
    def all(self) -> tuple[tuple[str, str], ...]:
        """All of them, as (keyword, text).

        The keyword of an EXIF tag begins with `EXIF:` (`EXIF:UserComment`), that of a dataset of
        IPTC-IIM with `IPTC:`, and the XMP packets are `xmp`, unparsed.
        """
        return (
            *self.own,
            *((f"EXIF:{name}", text) for name, text in self.exif),
            *((f"IPTC:{name}", text) for name, text in self.iptc),
            *(("xmp", packet) for packet in self.packets),
        )


def first_of(named: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """By name, the first text that bears it."""
    found: dict[str, str] = {}
    for name, text in named:
        found.setdefault(name, text)
    return found


def _each_once(named: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(dict.fromkeys(named))
