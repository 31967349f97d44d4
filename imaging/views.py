"""Square views for an encoder, and thumbnails for people."""

from io import BytesIO

import numpy as np
from PIL import Image

from imaging.decode import decode
from imaging.types import DecodedImage, Limits, Pixels

_THUMBNAIL_QUALITY = 80
_OVERSAMPLING = 2
_DEFAULT_LIMITS = Limits()


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
    width, height = image.width, image.height
    if width <= height:
        resized_width, resized_height = size, size * height // width
    else:
        resized_width, resized_height = size * width // height, size
    # Python's round to even is what torchvision's crop does too.
    left = round((resized_width - size) / 2)
    top = round((resized_height - size) / 2)
    across = width / resized_width * image.scale
    down = height / resized_height * image.scale
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
