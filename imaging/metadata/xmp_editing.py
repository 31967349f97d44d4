"""Changing a few properties of an XMP packet (ISO 16684-1) and leaving all others as they stand."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lxml import etree

from imaging.errors import UnwritableMetadata

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_RDF_ROOT = f"{_RDF}RDF"
_ENVELOPES = ("{adobe:ns:meta/}xmpmeta", "{adobe:ns:meta/}xapmeta")
_ABOUT = f"{_RDF}about"
_RESOURCE = f"{_RDF}resource"
_DESCRIPTION = f"{_RDF}Description"

_LONGEST_PACKET = 16 * 1024 * 1024

_EMPTY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>'
    b"</x:xmpmeta>"
)
# The wrapper by which scanners find a packet in any file; the id is the standard's own.
_BEGIN = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'.encode()
_END = b'<?xpacket end="w"?>'


@dataclass(frozen=True)
class PropertyName:
    """Name of a simple property.

    Attributes:
        namespace: As a URI.
        prefix: By which it is usually written.
        name: Without the prefix.
    """

    namespace: str
    prefix: str
    name: str

    @property
    def clark(self) -> str:
        """In Clark notation: `{namespace}name`."""
        return f"{{{self.namespace}}}{self.name}"


def get_properties(packet: bytes | None, names: Collection[PropertyName]) -> dict[str, str]:
    """Read simple properties, exactly those that `set_properties` would replace.

    `imaging.metadata.xmp` reads more, and more leniently.

    Args:
        packet: As it stands in a file, may be blank; None for none.
        names: Of the properties.

    Returns:
        Their values by their names in Clark notation; of several the first.

    Raises:
        UnwritableMetadata: See `set_properties`; or one of them is not simple.
    """
    wanted = {name.clark for name in names}
    found: dict[str, str] = {}
    for description in _descriptions(_parsed(packet)).findall(_DESCRIPTION):
        for name in wanted & set(description.attrib):
            found.setdefault(name, str(description.attrib[name]).strip())
        for child in description:
            if child.tag in wanted:
                if len(child):
                    raise UnwritableMetadata(
                        "The file's XMP says in an unusual form what a label would say."
                    )
                found.setdefault(child.tag, (child.text or child.get(_RESOURCE) or "").strip())
    return found


def set_properties(packet: bytes | None, values: Mapping[PropertyName, str | None]) -> bytes:
    """Write simple properties into a packet in place of what it says of them.

    Everything else keeps its values, order, prefixes and comments; the packet's padding goes.

    Args:
        packet: As it stands in a file, may be blank; None for a new one.
        values: What each property is to be; None removes it.

    Returns:
        The packet in UTF-8, in its wrapper.

    Raises:
        UnwritableMetadata: The packet is damaged, is no XMP, or is longer than 16 MiB.
        ValueError: A value cannot stand in XML.
    """
    root = _parsed(packet)
    rdf = _descriptions(root)
    about = next((found for one in rdf if (found := one.get(_ABOUT)) is not None), "")
    names = {name.clark for name in values}
    for description in rdf.findall(_DESCRIPTION):
        if _without(description, names):
            rdf.remove(description)
    present = {name: value for name, value in values.items() if value is not None}
    if present:
        known = _prefixes(rdf)
        prefixes = {known.get(name.namespace, name.prefix): name.namespace for name in present}
        added = etree.SubElement(rdf, _DESCRIPTION, {_ABOUT: about}, nsmap=prefixes)
        for name, value in present.items():
            etree.SubElement(added, name.clark).text = value
    return _serialised(root)


def _parsed(packet: bytes | None) -> "etree._Element":
    packet = packet or b""
    if b"\0" not in packet.rstrip(b"\0"):  # else it is in UTF-16 or UTF-32
        packet = packet.strip(b"\0 \t\r\n") or _EMPTY
    if len(packet) > _LONGEST_PACKET:
        raise UnwritableMetadata("The file's XMP is too long to be changed.")
    # XMP allows no document type. Without one there are no entities that could swell or be fetched.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, strip_cdata=False
    )
    try:
        root = etree.fromstring(packet, parser)
    except etree.XMLSyntaxError as error:
        raise UnwritableMetadata("The file's XMP is damaged.") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnwritableMetadata("The file's XMP declares a document type, which is not allowed.")
    return root


def _descriptions(root: "etree._Element") -> "etree._Element":
    """The element that holds the descriptions."""
    if root.tag == _RDF_ROOT:
        return root
    found = root.findall(_RDF_ROOT) if root.tag in _ENVELOPES else []
    if len(found) != 1:
        raise UnwritableMetadata("The file's XMP is not as the standard wants it.")
    return found[0]


def _prefixes(rdf: "etree._Element") -> dict[str, str]:
    """The prefixes that the packet writes its namespaces with.

    In XML a namespace may have several, but Adobe's XMP Toolkit, which many programs are built on,
    wants one.
    """
    nodes = (rdf, *rdf, *(child for description in rdf for child in description))
    return {uri: prefix for node in nodes for prefix, uri in node.nsmap.items() if prefix}


def _without(description: "etree._Element", names: set[str]) -> bool:
    """Remove properties; whether they were all that the description held."""
    attributes = [name for name in description.attrib if name in names]
    elements = [child for child in description if child.tag in names]
    for name in attributes:
        del description.attrib[name]
    for child in elements:
        description.remove(child)  # with the white space behind it
    emptied = not len(description) and not set(description.attrib) - {_ABOUT}
    held_text = bool((description.text or "").strip())
    return bool(attributes or elements) and emptied and not held_text


def _serialised(root: "etree._Element") -> bytes:
    around = [*reversed(list(root.itersiblings(preceding=True))), root, *root.itersiblings()]
    wrapped = any(
        isinstance(node, etree._ProcessingInstruction) and node.target == "xpacket"
        for node in around
    )
    parts = [etree.tostring(node, encoding="utf-8", with_tail=False) for node in around]
    return b"\n".join(parts if wrapped else [_BEGIN, *parts, _END])
