"""How a file is encoded, apart from what it shows: from its header, without decoding a pixel."""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, JpegImagePlugin

from imaging.codecs.containers.png import png_pixels
from imaging.codecs.formats import sniff
from imaging.codecs.silence import silence_warnings
from imaging.errors import CorruptImage, UnsupportedFormat

_SUBSAMPLING = {0: "444", 1: "422", 2: "420"}


@dataclass(frozen=True)
class EncodingFacts:
    """What a file's header says.

    Attributes:
        format: Name of the container, as in `DecodedImage`.
        width: As stored, in pixels, before orientation.
        height: As stored, in pixels.
        bytes: Length of the file.
        luma: Mean of the first quantisation table of a JPEG, 1 to 65535: the finer the
            quantisation, the lower. None for other formats.
        chroma: Mean of its second table; None if there is but one.
        subsampling: `444`, `422` or `420`, of the colour channels of a JPEG; None if unusual.
        progressive: Whether a JPEG is in several scans.
    """

    format: str
    width: int
    height: int
    bytes: int
    luma: float | None = None
    chroma: float | None = None
    subsampling: str | None = None
    progressive: bool = False


def encoding_facts(data: bytes) -> EncodingFacts:
    """Read how a file is encoded. The pixels need not be intact.

    Args:
        data: The whole file.

    Raises:
        UnsupportedFormat: Not an image, or in a format that is not read here.
        CorruptImage: The header is damaged.
    """
    name = sniff(data[:64])
    if name is None:
        raise UnsupportedFormat("The content is not an image in a format that is read here.")
    silence_warnings()
    try:
        plugin = "HEIF" if name == "heic" else name.upper()
        source = png_pixels(data).data if name == "png" else data
        with Image.open(BytesIO(source), formats=[plugin]) as image:
            width, height = image.size
            if not isinstance(image, JpegImagePlugin.JpegImageFile):
                return EncodingFacts(name, width, height, len(data))
            tables = [float(np.mean(image.quantization[i])) for i in sorted(image.quantization)]
            return EncodingFacts(
                format=name,
                width=width,
                height=height,
                bytes=len(data),
                luma=tables[0] if tables else None,
                chroma=tables[1] if len(tables) > 1 else None,
                subsampling=_SUBSAMPLING.get(JpegImagePlugin.get_sampling(image)),
                progressive="progressive" in image.info,
            )
    except Exception as error:  # plugins raise whatever the damage leads them to
        raise CorruptImage(f"The header of the {name} is damaged.") from error
