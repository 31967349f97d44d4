"""The texts of an EXIF block, by the names that the standard gives their tags."""

from io import BytesIO

from PIL import TiffImagePlugin

from imaging.codecs.silence import silence_warnings
from imaging.metadata.unicode import decode_text, decode_utf16

# fmt: off
_TAGS = {
    0x000B: "ProcessingSoftware", 0x010D: "DocumentName", 0x010E: "ImageDescription",
    0x010F: "Make", 0x0110: "Model", 0x0131: "Software", 0x013B: "Artist", 0x013C: "HostComputer",
    0x8298: "Copyright", 0x9C9B: "XPTitle", 0x9C9C: "XPComment", 0x9C9D: "XPAuthor",
    0x9C9E: "XPKeywords", 0x9C9F: "XPSubject",
    0x9286: "UserComment", 0x927C: "MakerNote", 0xA433: "LensMake", 0xA434: "LensModel",
    0xA431: "BodySerialNumber",
}
# fmt: on
_EXIF_DIRECTORY = 0x8769

# Field types of TIFF that hold text. What else a tag may claim to be, a million fractions for
# instance, is never turned into Python's numbers.
_BYTE, _ASCII, _SHORT, _LONG, _UNDEFINED, _IFD = 1, 2, 3, 4, 7, 13
_TEXT_TYPES = frozenset({_BYTE, _ASCII, _UNDEFINED})
_OFFSET_TYPES = frozenset({_SHORT, _LONG, _IFD})

_MOST_DIRECTORIES = 4
_LONGEST_NOTE = 64 * 1024


def exif_texts(exif: bytes) -> tuple[tuple[str, str], ...]:
    """The tags of an EXIF block that hold text, decoded, without empty ones.

    Every tag is looked for in the main directory, in that of EXIF, and in those of a thumbnail and
    what follows it: writers put them into any, whatever the standard says. Never raises: what is
    damaged is left out. Pillow reads no more bytes than the block has, however often its tags point
    to the same place.

    Args:
        exif: The block (TIFF structure), without the container's prefix.

    Returns:
        The name of each tag as EXIF has it (`Make`, `UserComment`, `XPComment`) with its text. A
        `MakerNote` is there only where it is readable text, which no camera's is.
    """
    if not exif:
        return ()
    silence_warnings()
    found: dict[tuple[str, str], None] = {}  # ordered, and each once
    try:
        stream = BytesIO(exif)
        at = _header(exif).next
        for _ in range(_MOST_DIRECTORIES):
            if not at:
                break
            main = _directory(exif, stream, at)
            _collect(main, found)
            if main.tagtype.get(_EXIF_DIRECTORY) in _OFFSET_TYPES:
                _collect(_directory(exif, stream, main[_EXIF_DIRECTORY]), found)
            at = main.next
    except Exception:  # Pillow raises whatever the damage leads to
        return tuple(found)
    return tuple(found)


def _header(exif: bytes) -> TiffImagePlugin.ImageFileDirectory_v2:
    return TiffImagePlugin.ImageFileDirectory_v2(exif[:8])


def _directory(exif: bytes, stream: BytesIO, at: int) -> TiffImagePlugin.ImageFileDirectory_v2:
    directory = _header(exif)
    stream.seek(at)
    directory.load(stream)
    return directory


def _collect(
    directory: TiffImagePlugin.ImageFileDirectory_v2, found: dict[tuple[str, str], None]
) -> None:
    little = directory.prefix == b"II"
    for tag, name in _TAGS.items():
        if directory.tagtype.get(tag) not in _TEXT_TYPES:
            continue
        body = directory[tag]
        if isinstance(body, str):  # of type ASCII, which Pillow reads as Latin-1
            body = body.encode("latin-1", "replace")
        text = _decoded(name, body, little) if isinstance(body, bytes) else ""
        if text:
            found[name, text] = None


def _decoded(name: str, body: bytes, little: bool) -> str:
    if name.startswith("XP"):  # Windows writes these in UTF-16, as type BYTE
        text = decode_utf16(body, little=True)
    elif name == "UserComment":
        text = _user_comment(body, little)
    elif name == "MakerNote":
        text = body.decode("utf-8", "replace") if len(body) <= _LONGEST_NOTE else ""
        text = text if text.rstrip("\0").isprintable() else ""
    else:
        text = decode_text(body)
    return text.strip("\0 \t\r\n")


def _user_comment(body: bytes, little: bool) -> str:
    """Decode a UserComment by the eight bytes that name its character code."""
    code, text = body[:8].rstrip(b"\0 ").upper(), body[8:]
    match code:
        case b"UNICODE":
            return decode_utf16(text, little=little)
        case b"JIS":
            return text.decode("iso2022_jp", "replace")
        case b"ASCII" | b"":
            return decode_text(text)
    return decode_text(body)  # some writers leave the code out
