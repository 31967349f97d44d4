"""The properties of an XMP packet (ISO 16684-1), read as a stream and without trusting it."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from lxml import etree

from imaging.metadata.unicode import decode_text

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ENVELOPES = "{adobe:ns:meta/}"
_STARTS = ("<x:xmpmeta", "<x:xapmeta", "<rdf:RDF", "<")

# What is beyond these is no description of an image; the longest packets known, Photoshop's with
# thousands of ancestors, have some megabytes.
_LONGEST_PACKET = 4 * 1024 * 1024
_MOST_ELEMENTS = 100_000
_MOST_PROPERTIES = 20_000
_DEEPEST = 64
_LONGEST_VALUE = 256 * 1024


@dataclass(frozen=True)
class XmpProperty:
    """One value that stands in a packet.

    Attributes:
        name: Of the property in Clark notation, `{namespace}name`, whatever prefix the file uses.
            An item of a list bears the list's name.
        value: As text.
        parents: Names of the properties that it is a part of, outermost first.
    """

    name: str
    value: str
    parents: tuple[str, ...] = ()


def local_name(name: str) -> str:
    """A property's name in lower case, without its namespace, or prefix if that has none.

    Args:
        name: As `XmpProperty` has it.
    """
    return name.rpartition("}")[2].rpartition(":")[2].casefold()


def xmp_properties(packet: bytes) -> tuple[XmpProperty, ...]:
    """All properties of a packet, in its order, whether written as elements or as attributes.

    Never raises. Of a damaged packet, what can be made out is read; of one that declares entities
    or a document type, which XMP forbids, nothing is. No tree is built, so the memory does not
    exceed a small multiple of the packet.

    Args:
        packet: In UTF-8, UTF-16 or UTF-32; longer than 4 MiB, it is not read.
    """
    if not packet or len(packet) > _LONGEST_PACKET:
        return ()
    text = decode_text(_marked(packet))
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return ()
    found = _Properties()
    parser = etree.XMLParser(
        target=cast(Any, found),  # the stubs ask for a handler of comments, too
        encoding="utf-8",
        recover=True,
        no_network=True,
        huge_tree=False,
    )
    with suppress(etree.LxmlError, ValueError, _EnoughError):
        etree.fromstring(_trimmed(text).encode(), parser)
    return tuple(found.properties)


def _marked(packet: bytes) -> bytes:
    """The packet with a byte order mark where it is UTF-16 without one."""
    if packet[:2] == b"<\0":
        return b"\xff\xfe" + packet
    return b"\xfe\xff" + packet if packet[:2] == b"\0<" else packet


def _trimmed(text: str) -> str:
    """From the packet's first tag to its last: what stands around them need not be XML."""
    start = next((at for mark in _STARTS if (at := text.find(mark)) >= 0), 0)
    return text[start : text.rfind(">") + 1]


class _EnoughError(Exception):
    """The packet is deeper or fuller than any honest one."""


class _Properties:
    """Collects properties from the parser's events.

    RDF has many spellings of one statement: elements that are RDF's own (`Description`, `Bag`,
    `li`, ...) only hold, all others are properties.
    """

    def __init__(self) -> None:
        self.properties: list[XmpProperty] = []
        self._open: list[str | None] = []  # None for what only holds
        self._text: list[str] = []
        self._length = 0
        self._elements = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= _DEEPEST or self._elements > _MOST_ELEMENTS:
            raise _EnoughError
        self._flush()
        self._open.append(None if tag.startswith((_RDF, _ENVELOPES)) else tag)
        for name, value in attributes.items():
            if name in (f"{_RDF}resource", f"{_RDF}value"):
                self._add(value, self._parents())
            elif not name.startswith((_RDF, _XML)):
                self._add(value, (*self._parents(), name))

    def end(self, _tag: str) -> None:
        self._flush()
        self._open.pop()

    def data(self, text: str) -> None:
        self._length += len(text)
        if self._length <= _LONGEST_VALUE:
            self._text.append(text)

    def close(self) -> None:
        """The parser asks for it."""

    def _flush(self) -> None:
        value = "".join(self._text).strip()
        self._text, self._length = [], 0
        if value:
            self._add(value, self._parents())

    def _parents(self) -> tuple[str, ...]:
        return tuple(name for name in self._open if name)

    def _add(self, value: str, path: tuple[str, ...]) -> None:
        if len(self.properties) >= _MOST_PROPERTIES:
            raise _EnoughError
        if path:
            self.properties.append(XmpProperty(path[-1], value[:_LONGEST_VALUE], path[:-1]))
