"""Profiles that ImageMagick, exiv2 and others put into a PNG as texts of hexadecimal digits.

`Raw profile type exif`, `APP1`, `iptc`, `8bim` or `xmp`: a line with the profile's name, one with
its length, then the digits. Older than the chunk eXIf, and still written for XMP and IPTC.
Source: ImageMagick, coders/png.c; exiv2, src/pngchunk_int.cpp; ExifTool, PNG.pm.
"""

import re
from binascii import Error, unhexlify
from collections.abc import Iterator

from imaging.metadata.image_resources import resource_blocks

PREFIX = "Raw profile type "

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_HEADERS = (b"II*\0", b"MM\0*")
_IIM = b"\x1c"
_SHAPE = re.compile(rb"\s*[^\n]{0,80}\n\s*(\d{1,9})\s+([0-9a-fA-F\s]*)\0*\Z")


def raw_profile(body: bytes) -> Iterator[tuple[str, bytes]]:
    """The metadata blocks in one text, as (name in `Metadata`, block); none where it is no profile.

    What a profile holds is seen from its content: writers disagree on the names.

    Args:
        body: The text, without its keyword.
    """
    found = _SHAPE.match(body)
    if found is None:
        return
    try:
        profile = unhexlify(b"".join(found[2].split()))
    except Error:
        return
    if len(profile) < int(found[1]):
        return
    if profile.startswith((_EXIF, *_HEADERS)):
        yield "exif", profile
    elif profile.startswith(_XMP):
        yield "xmp", profile[len(_XMP) :]
    elif profile.startswith(_IIM):
        yield "iptc", profile
    elif profile.startswith(b"8BIM"):
        yield from resource_blocks(profile)
    elif b"<" in profile[:200]:
        yield "xmp", profile
