"""A file as somebody may look at it: a small picture without anything that it says of itself."""

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from imaging.codecs.decode import decode
from imaging.codecs.silence import silence_warnings
from imaging.errors import CorruptImage, ImageTooLarge, ImagingError
from imaging.types import Limits

SIDE = 1_600
"""Pixels of the longer side, at most."""

QUALITY = 80

_LAYERED = b"8BPS"
"""With which a layered file of Photoshop begins; many programs write them."""


@dataclass(frozen=True)
class Preview:
    """A file as somebody may look at it.

    Attributes:
        webp: The picture, without metadata.
        layers: How many the file has; None where its format has none.
    """

    webp: bytes
    layers: int | None = None


def preview(data: bytes, *, side: int = SIDE, limits: Limits | None = None) -> Preview:
    """A preview of an image, or of a layered file.

    Args:
        data: The whole file.
        side: Pixels of the longer side, at most.
        limits: What is accepted.

    Raises:
        ImagingError: It is none, is damaged, or is too large.
    """
    limits = limits or Limits()
    if data.startswith(_LAYERED):
        return _layered(data, side, limits)
    return Preview(_small(Image.fromarray(decode(data, limits=limits).pixels), side))


def _layered(data: bytes, side: int, limits: Limits) -> Preview:
    """What a layered file looks like as a whole, as the program that wrote it left it there."""
    try:
        silence_warnings()
        with Image.open(BytesIO(data), formats=["PSD"]) as image:
            if image.width * image.height > limits.pixels:
                raise ImageTooLarge(f"{image.width} x {image.height} pixels are too many")
            layers = len(getattr(image, "layers", ()))
            return Preview(_small(image.convert("RGB"), side), layers)
    except ImagingError:
        raise
    # Whatever a codec raises: the file is a stranger's.
    except Exception as error:
        raise CorruptImage(f"a layered file that cannot be read: {type(error).__name__}") from None


def _small(image: Image.Image, side: int) -> bytes:
    image.thumbnail((side, side))
    written = BytesIO()
    image.save(written, "WEBP", quality=QUALITY)
    return written.getvalue()
