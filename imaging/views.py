"""Square views for an encoder, sketches for local features, and thumbnails for people."""

from enum import Enum
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.codecs.decode import decode
from imaging.contrast import is_flat, with_contrast
from imaging.types import DecodedImage, Limits, Pixels

DETAIL = 1.5
"""The shorter side of the image, in sides of the view, from which `detail_view` cuts."""

_THUMBNAIL_QUALITY = 80
_OVERSAMPLING = 2
_DEFAULT_LIMITS = Limits()


class Corner(Enum):
    """Where a detail view lies: the parts of the room left over that are left of and above it."""

    TOP_LEFT = (0, 0)
    BOTTOM_RIGHT = (1, 1)
    TOP_RIGHT = (1, 0)
    BOTTOM_LEFT = (0, 1)


def decode_for_view(data: bytes, size: int, *, limits: Limits = _DEFAULT_LIMITS) -> DecodedImage:
    """Decode an image as large as `global_view` needs it, and no larger if that saves time.

    Twice the view's size: decoded at the size itself, a JPEG's reduction would show in the view.

    Args:
        data: The whole file.
        size: Side of the view in pixels.
        limits: What is accepted.

    Raises:
        ImagingError: As `decode`.
    """
    return decode(data, limits=limits, min_side=_OVERSAMPLING * size)


def global_view(image: DecodedImage, size: int) -> Pixels:
    """The whole image as an encoder sees it: shorter side to `size`, centre crop, bicubic.

    Equals torchvision's `Resize(size, BICUBIC)` and `CenterCrop(size)` on the full image: up to
    rounding when `image.pixels` are the full image, closely when they were decoded smaller.
    Sizes are rounded on the original's geometry, and only then carried over to the pixels: a
    crop that is off by part of a pixel would cost more than any difference between resamplers.

    Args:
        image: The image.
        size: Side of the view in pixels.

    Returns:
        uint8 [size, size, 3], sRGB.
    """
    width, height = _resized(image, size)
    # Python's round to even is what torchvision's crop does too.
    return _cut(image, (width, height), round((width - size) / 2), round((height - size) / 2), size)


def detail_view(image: DecodedImage, size: int, corner: Corner) -> Pixels:
    """A corner of the image at one and a half times the scale of `global_view`.

    Equals torchvision's `Resize(DETAIL * size, BICUBIC)` and a crop at the corner on the full
    image, as exactly as `global_view`; what was decoded for that serves here too. Neighbouring
    corners of a square image overlap in a third of its side: the four together show all of it.

    Args:
        image: The image.
        size: Side of the view in pixels.
        corner: Which one.

    Returns:
        uint8 [size, size, 3], sRGB.
    """
    width, height = _resized(image, round(DETAIL * size))
    right, down = corner.value
    return _cut(image, (width, height), right * (width - size), down * (height - size), size)


def sketch(image: DecodedImage, side: int = 480) -> NDArray[np.uint8]:
    """The whole image in grey, as local features and perceptual hashes see it.

    Where all of it is of one lightness, what little there is stands out, or else the colours do.
    Sizes are rounded on the original's geometry, as in `global_view`.

    Args:
        image: The image; what `decode_for_view(data, 224)` gives is large enough.
        side: Longest side in pixels; smaller images are not enlarged.

    Returns:
        uint8 [H, W], luma (ITU-R BT.601), or of a picture of one lightness see
        `imaging.contrast.with_contrast`.
    """
    colours = Image.fromarray(image.pixels)
    grey = colours.convert("L")
    factor = min(side / max(image.width, image.height), image.scale)
    size = (max(1, round(image.width * factor)), max(1, round(image.height * factor)))
    x, y = image.origin
    # Floating-point error must not lead out of the image.
    right = min(x + image.width * image.scale, grey.width)
    bottom = min(y + image.height * image.scale, grey.height)
    box = (x, y, right, bottom)
    luma = np.array(grey.resize(size, Image.Resampling.BICUBIC, box=box))
    if not is_flat(luma):
        return luma
    return with_contrast(luma, colours.resize(size, Image.Resampling.BICUBIC, box=box))


def _resized(image: DecodedImage, short_side: int) -> tuple[int, int]:
    """The size of the image with its shorter side at a given length, as torchvision rounds it."""
    if image.width <= image.height:
        return short_side, short_side * image.height // image.width
    return short_side * image.width // image.height, short_side


def _cut(image: DecodedImage, resized: tuple[int, int], left: int, top: int, size: int) -> Pixels:
    """A square of the resized image, computed from the pixels that there are."""
    across = image.width / resized[0] * image.scale
    down = image.height / resized[1] * image.scale
    source = Image.fromarray(image.pixels)
    x, y = image.origin
    box = (
        x + left * across,
        y + top * down,
        # Floating-point error must not lead out of the image.
        min(x + (left + size) * across, source.width),
        min(y + (top + size) * down, source.height),
    )
    return np.array(source.resize((size, size), Image.Resampling.BICUBIC, box=box))


def thumbnail(image: DecodedImage, side: int) -> bytes:
    """A small JPEG for reports, without metadata.

    Args:
        image: The image.
        side: Longest side in pixels; smaller images are not enlarged.

    Returns:
        A JPEG file, quality 80, 4:2:0.
    """
    small = Image.fromarray(image.pixels)
    small.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=1.0)
    out = BytesIO()
    small.save(out, "JPEG", quality=_THUMBNAIL_QUALITY, subsampling="4:2:0")
    return out.getvalue()
