"""Parts of a view, and the mean of its patch tokens in them."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Window = tuple[int, int, int, int]
"""A part of a view: from row to row, from column to column, in fourteenths of the side.

Fourteen because the patches of a common encoder stand so many a side; for those of any other grid
the nearest edges between patches are taken (`cells`).
"""

UNITS = 14

WHOLE: Window = (0, UNITS, 0, UNITS)


def pool(tokens: NDArray[np.float16], windows: tuple[Window, ...]) -> NDArray[np.float32]:
    """Mean of the patch tokens in windows.

    Args:
        tokens: float16 [N, G * G, D], row by row.
        windows: W windows.

    Returns:
        float32 [N, W, D].
    """
    shares = _shares(windows, math.isqrt(tokens.shape[1]))
    return np.asarray(shares @ tokens.astype(np.float32), np.float32)


@lru_cache
def _shares(windows: tuple[Window, ...], grid: int) -> NDArray[np.float32]:
    """What every patch contributes to the mean of every window: float32 [W, grid * grid]."""
    shares = np.zeros((len(windows), grid, grid), np.float32)
    for share, window in zip(shares, windows, strict=True):
        top, bottom, left, right = cells(window, grid)
        share[top:bottom, left:right] = 1 / ((bottom - top) * (right - left))
    return shares.reshape(len(windows), -1)


def cells(window: Window, grid: int) -> Window:
    """First and last row, first and last column of the patches in a window, half open.

    Args:
        window: In fourteenths of the side.
        grid: Patches along a side of the view.
    """

    def between(start: int, end: int) -> tuple[int, int]:
        first, last = (round(edge * grid / UNITS) for edge in (start, end))
        first = min(first, grid - 1)
        return first, max(last, first + 1)

    return (*between(*window[:2]), *between(*window[2:]))
