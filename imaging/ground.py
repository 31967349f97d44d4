"""The plain ground that a picture stands on, as art on transparency does once it is shown."""

import numpy as np
from numpy.typing import NDArray

_TOLERANCE = 16
"""Largest difference from the ground's level, per channel, that still belongs to it."""

_LEAST_BORDER = 0.7
"""Share of the border that a ground takes up, at least."""


def plain_ground(pixels: NDArray[np.uint8]) -> NDArray[np.bool_] | None:
    """Find the ground: what has the colour of most of the border, and hangs together with it.

    Args:
        pixels: uint8 [H, W] or [H, W, C].

    Returns:
        bool [H, W]; None where the picture stands on no plain ground.
    """
    layers = pixels.reshape(*pixels.shape[:2], -1).astype(np.int16)
    border = np.concatenate([layers[0], layers[-1], layers[:, 0], layers[:, -1]])
    boxes = (border >> 4) @ 16 ** np.arange(layers.shape[2])
    level = np.median(border[boxes == np.bincount(boxes).argmax()], axis=0)
    if (np.abs(border - level) <= _TOLERANCE).all(axis=1).mean() < _LEAST_BORDER:
        return None
    return _from_border((np.abs(layers - level) <= _TOLERANCE).all(axis=2))


def _from_border(alike: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is reached from the border by steps along rows and columns."""
    reached = alike.copy()
    reached[1:-1, 1:-1] = False
    count = -1
    while count != (count := int(reached.sum())):
        grown = reached.copy()
        grown[1:] |= reached[:-1]
        grown[:-1] |= reached[1:]
        grown[:, 1:] |= reached[:, :-1]
        grown[:, :-1] |= reached[:, 1:]
        reached = grown & alike
    return reached
