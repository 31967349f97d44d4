"""Something to see in a picture of one lightness: what little there is, or its colours."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

_FLAT = 40
"""Grey levels between its lightest and its darkest pixel below which it is of one lightness."""

_NOTHING = 0.6
"""Standard deviation in grey levels below which luma is rounded away: colours say more."""

_COLOURS = 6.0
"""Standard deviation along their main axis from which colours show anything."""


def is_flat(luma: NDArray[np.uint8]) -> bool:
    """Whether a picture (uint8 [H, W]) is of one lightness, so that nothing is found by it."""
    return int(luma.max()) - int(luma.min()) < _FLAT


def with_contrast(luma: NDArray[np.uint8], colours: Image.Image) -> NDArray[np.uint8]:
    """Spread what there is to see over all grey levels.

    Recolouring in colours of one lightness leaves a grey picture nothing. Whatever it left decides:
    it has the work's own lights and darks. Of colours nobody knows which was the lighter one, and
    the larger part of the picture becomes light.

    Args:
        luma: uint8 [H, W], of one lightness.
        colours: The same picture, RGB.

    Returns:
        uint8 [H, W]; the luma as it is where there are no colours either.
    """
    if luma.std() >= _NOTHING:
        return _spread(luma.astype(np.float32))
    pixels = np.asarray(colours, np.float32).reshape(-1, 3)
    pixels = pixels - pixels.mean(axis=0)
    variances, axes = np.linalg.eigh(pixels.T @ pixels / len(pixels))
    if variances[-1] < _COLOURS**2:
        return luma
    drawn = _spread((pixels @ axes[:, -1]).reshape(luma.shape))
    return drawn if drawn.mean() >= 128 else 255 - drawn


def _spread(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    low, high = np.percentile(values, (1, 99))
    return np.asarray(((values - low) / max(high - low, 1e-3) * 255).clip(0, 255), np.uint8)
