"""How much there is to see in an image: nothing is judged where there is nothing to judge.

Flat icons and sparse line drawings are legitimate works. The measures say one thing only: that the
pixels carry too little for an answer about who made them, or for a material to be of use.
"""

import numpy as np

from evidence.ai import Information
from evidence.reasons import Reason, reason
from imaging import DecodedImage
from imaging.detail import LEAST_DETAIL, detail, on_grid

GROUND_TOLERANCE = 16
"""Largest difference from the ground's colour, per channel of 0 to 255, that still belongs to it;
JPEG's own noise stays below."""

MOST_GROUND = 0.96
"""Above this share of one colour there is too little content."""


def information(ground: float, steps: float) -> Information:
    """What two measures say.

    Of the 5,016 training images 8 are too plain: 7 human works (outline maps and marks on white,
    soft glows on one colour) and 1 AI picture (a gradient).

    Args:
        ground: See `evidence.ai.Information`.
        steps: As `Information.detail`.
    """
    return Information(ground, steps, ground > MOST_GROUND or steps < LEAST_DETAIL)


def too_plain(found: Information) -> Reason | None:
    """Why no verdict is given; None where one may be."""
    return _finding("too_plain", found) if found.too_plain else None


def material_note(found: Information) -> Reason | None:
    """For a moderator of materials; None where there is enough to see."""
    return _finding("plain_material", found) if found.too_plain else None


def _finding(code: str, found: Information) -> Reason:
    if found.ground > MOST_GROUND:
        return reason(f"{code}_ground", ground=found.ground)
    return reason(f"{code}_detail", detail=found.detail)


def measure_information(image: DecodedImage) -> Information:
    """Measure how much there is to see in an image, on a grid of its pixels.

    Args:
        image: The image; a reduced version of the original gives nearly the same.
    """
    grid = on_grid(image.pixels)
    # The ground is the fullest of 4,096 boxes of similar colours; its own colour is the median
    # there, so that a colour on the edge of a box is not cut in two.
    box = (grid[..., 0] >> 4) * 256 + (grid[..., 1] >> 4) * 16 + (grid[..., 2] >> 4)
    fullest = np.bincount(box.ravel(), minlength=4096).argmax()
    colour = np.median(grid[box == fullest], axis=0)
    ground = (np.abs(grid - colour) <= GROUND_TOLERANCE).all(axis=2).mean()
    return information(float(ground), detail(grid))
