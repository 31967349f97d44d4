"""Region proposals: the parts of a picture that stand out, where a work may have been pasted.

What was pasted into a picture differs from what is around it, wherever it lies and whatever its
shape. So rectangles are not searched for at fixed places: of all those of two to five sevenths of
the sides, the ones are taken that tell most of how the patches differ, by the variance between
inside and outside (Otsu's criterion), none of which overlaps another by much.

Papers: Alexe, Deselaers and Ferrari, "Measuring the objectness of image windows", PAMI 2012; Otsu,
"A threshold selection method from gray-level histograms", 1979.
"""

from itertools import product

import numpy as np
from numpy.typing import NDArray

from similarity.windows import UNITS, Window

PARTS = 9
"""Parts of a picture that are proposed."""

MOST_OVERLAP = 0.3
"""Of two proposed parts: their common area by that of both together."""

GRID = 7
"""Steps along a side by which rectangles begin and end."""

_SIDES = range(2, 6)
"""Lengths of a rectangle, in steps."""

Vectors = NDArray[np.float32]


def _between(edges: tuple[int, int, int, int]) -> Window:
    top, bottom, left, right = (edge * UNITS // GRID for edge in edges)
    return top, bottom, left, right


STEPS: tuple[Window, ...] = tuple(
    _between((row, row + 1, column, column + 1)) for row, column in product(range(GRID), repeat=2)
)
"""The squares that rectangles are made of, row by row."""


def _rectangles() -> NDArray[np.bool_]:
    """Which squares each rectangle holds: bool [R, GRID * GRID]."""
    found = []
    for height, width in product(_SIDES, repeat=2):
        for top, left in product(range(GRID - height + 1), range(GRID - width + 1)):
            inside = np.zeros((GRID, GRID), bool)
            inside[top : top + height, left : left + width] = True
            found.append(inside.ravel())
    return np.stack(found)


_INSIDE = _rectangles()
_AREA = _INSIDE.sum(axis=1)
_SHARES = np.asarray(_INSIDE / _AREA[:, None], np.float32)
_ODDS = np.asarray(_AREA / (GRID * GRID - _AREA), np.float32)
_COMMON = (_INSIDE[:, None] & _INSIDE).sum(axis=2)
_CLASH = MOST_OVERLAP * (_AREA[:, None] + _AREA - _COMMON) < _COMMON
"""Which rectangles overlap by too much: bool [R, R], each and itself among them."""


def standing_out(squares: Vectors) -> Vectors:
    """The means of the parts that stand out.

    Args:
        squares: float32 [GRID * GRID, C], of the squares of one picture (`STEPS`), every direction
            at one size.

    Returns:
        float32 [PARTS, C], the one that stands out most first.
    """
    means = _SHARES @ squares
    between = np.square(means - squares.mean(axis=0)).sum(axis=1) * _ODDS
    chosen = []
    for _ in range(PARTS):
        best = int(between.argmax())
        chosen.append(best)
        between[_CLASH[best]] = -np.inf  # were none left, the first would be asked for again
    return means[chosen]
