"""Photoshop's image resources, in which JPEG, TIFF and GIF carry IPTC-IIM, and EXIF and XMP too.

Source: Adobe Photoshop file formats specification, "Image resource blocks".
"""

from collections.abc import Iterator

_KINDS = {0x0404: "iptc", 0x0422: "exif", 0x0423: "exif", 0x0424: "xmp"}
_SIGNATURES = (b"8BIM", b"MeSa", b"PHUT", b"AgHg", b"DCSR")


def image_resources(block: bytes) -> Iterator[tuple[int, bytes]]:
    """The resources of a block as (id, content), up to where it is damaged.

    Args:
        block: Resources one behind the other, without the container's prefix.
    """
    at = 0
    while block[at : at + 4] in _SIGNATURES and at + 7 <= len(block):
        number = int.from_bytes(block[at + 4 : at + 6])
        name = block[at + 6] + 1
        at += 6 + name + name % 2
        length = int.from_bytes(block[at : at + 4])
        body = block[at + 4 : at + 4 + length]
        if len(body) < length:
            return
        yield number, body
        at += 4 + length + length % 2


def resource_blocks(block: bytes) -> Iterator[tuple[str, bytes]]:
    """The metadata among the resources of a block, as (`iptc`, `exif` or `xmp`, content)."""
    return ((_KINDS[number], body) for number, body in image_resources(block) if number in _KINDS)
