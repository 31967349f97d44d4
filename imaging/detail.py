"""How much there is to see in a picture: the share of places with a visible step between them."""

import numpy as np
from numpy.typing import NDArray

from imaging.types import Pixels

GRID = 128
"""The measures look at about this many pixels along the longer side, so that their cost does not
grow with the image."""

STEP = 8
"""Smallest step of luminance between neighbours, of 0 to 255, that counts as detail."""

LEAST_DETAIL = 0.01
"""Below this share of steps there is nothing but flat areas or smooth gradients."""

_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


def on_grid(pixels: Pixels) -> NDArray[np.int16]:
    """Pixels of a picture (uint8 [H, W, 3]) at even steps, about GRID a side: int16 [h, w, 3]."""
    height, width = pixels.shape[:2]
    step = max(1, round(max(height, width) / GRID))
    first = min(step // 2, height - 1, width - 1)  # of a strip, too, something is looked at
    return pixels[first::step, first::step].astype(np.int16)


def detail(grid: NDArray[np.int16]) -> float:
    """Share of neighbouring places with a visible step of luminance between them.

    Args:
        grid: int16 [h, w, 3], from `on_grid`.

    Returns:
        0 to 1.
    """
    grey = grid @ _LUMINANCE
    steps = [np.abs(np.diff(grey, axis=axis)) > STEP for axis in (0, 1)]
    # A strip of one row or column has no neighbours across it.
    return float(np.mean([s.mean() for s in steps if s.size] or [0.0]))
