"""Every text that stands in a file's metadata, decoded, for those who look for words in them."""

from imaging.metadata.exif import exif_texts
from imaging.metadata.unicode import decode_text
from imaging.types import DecodedImage


def file_texts(image: DecodedImage) -> tuple[tuple[str, str], ...]:
    """All texts of a file, as (keyword, text), in the order of the file.

    The keyword of a PNG text or a comment is the file's own (`parameters`, `comment`), that of an
    EXIF tag begins with `EXIF:` (`EXIF:UserComment`), and the XMP packets are `xmp`, unparsed.
    Never raises; as long as the metadata blocks that decoding kept, which are bounded.
    """
    metadata = image.metadata
    found = [(keyword, decode_text(body)) for keyword, body in metadata.text]
    found += [(f"EXIF:{name}", text) for name, text in exif_texts(metadata.exif).items()]
    for packet in (metadata.xmp, metadata.xmp_extended):
        if packet:
            found.append(("xmp", decode_text(packet)))
    return tuple(found)
