"""The very numbers that stand in a file, for those who look at their lowest bits."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from imaging.codecs.containers.png import png_pixels
from imaging.codecs.formats import sniff
from imaging.codecs.silence import silence_warnings
from imaging.types import Limits

_DEFAULT_LIMITS = Limits()
_PLUGINS = {"png": "PNG", "webp": "WEBP"}


def exact_pixels(data: bytes, *, limits: Limits = _DEFAULT_LIMITS) -> NDArray[np.uint8] | None:
    """The samples of a PNG or WebP as they are stored: without colour management or compositing.

    Not turned by an orientation, either. A lossy WebP gives what its decoder makes of it; its
    alpha channel is usually stored without loss.

    Args:
        data: The whole file.
        limits: What is accepted.

    Returns:
        uint8 [H, W, 4] with alpha or [H, W, 3] without, rows from the top, or None: another
        format, a palette, grey, more than 8 bits, too large, damaged.
    """
    name = sniff(data[:64])
    if name not in _PLUGINS or len(data) > limits.bytes:
        return None
    silence_warnings()
    try:
        source = png_pixels(data).data if name == "png" else data
        with Image.open(BytesIO(source), formats=[_PLUGINS[name]]) as image:
            if image.mode not in ("RGB", "RGBA") or image.width * image.height > limits.pixels:
                return None
            return np.asarray(image)
    except Exception:  # codecs raise whatever the damage leads them to
        return None
