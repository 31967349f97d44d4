"""Every text that stands in a file's metadata, decoded once for all who look for words in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from imaging.metadata.exif import exif_texts
from imaging.metadata.iptc import iptc_texts
from imaging.metadata.unicode import decode_text
from imaging.metadata.xmp import XmpProperty, xmp_properties
from imaging.types import Metadata


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

        The keyword of an EXIF tag begins with `EXIF:` (`EXIF:UserComment`), and the XMP packets are
        `xmp`, unparsed.
        """
        return (
            *self.own,
            *((f"EXIF:{name}", text) for name, text in self.exif),
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
