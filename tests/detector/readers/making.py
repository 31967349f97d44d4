"""Small files that say something of themselves."""

from collections.abc import Mapping
from io import BytesIO

import numpy as np
from PIL import Image, PngImagePlugin

from imaging import DecodedImage, decode

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
NAMESPACES = {
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
    "stEvt": "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "TC260": "http://www.tc260.org.cn/ns/AIGC/1.0/",
}

SOFTWARE, MAKE, MODEL, DESCRIPTION = 0x0131, 0x010F, 0x0110, 0x010E
USER_COMMENT, LENS_MODEL = 0x9286, 0xA434
_EXIF_DIRECTORY = 0x8769


def packet(attributes: str = "", elements: str = "", toolkit: str = "Some toolkit 1.0") -> bytes:
    """An XMP packet with one description."""
    prefixes = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{toolkit}">'
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about=""{prefixes} {attributes}>'
        f'{elements}</rdf:Description></rdf:RDF></x:xmpmeta>\n{" " * 100}<?xpacket end="w"?>'
    ).encode()


def exif(tags: Mapping[int, object], private: Mapping[int, object] | None = None) -> bytes:
    """An EXIF block with these tags in its main and its Exif directory."""
    block = Image.Exif()
    block.update(tags)
    if private:
        block.get_ifd(_EXIF_DIRECTORY).update(private)
    return block.tobytes()


def picture(kind: str = "JPEG", **options: object) -> bytes:
    """A small picture in a format, with Pillow's options for saving it."""
    pixels = np.random.default_rng(3).integers(0, 255, (32, 48, 3), np.uint8)
    out = BytesIO()
    Image.fromarray(pixels).save(out, kind, **options)
    return out.getvalue()


def png(texts: Mapping[str, str] | None = None, xmp: bytes | None = None) -> bytes:
    """A PNG with texts and XMP."""
    info = PngImagePlugin.PngInfo()
    for keyword, text in (texts or {}).items():
        info.add_itxt(keyword, text)
    if xmp is not None:
        info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return picture("PNG", pnginfo=info)


def opened(data: bytes) -> tuple[bytes, DecodedImage]:
    """A file and its decoded image, as readers take them."""
    return data, decode(data)
