"""How much there is to see in an image: nothing is judged where there is nothing to judge.

Flat icons and sparse line drawings are legitimate works. The measures say one thing only: that the
pixels carry too little for an answer about who made them, or for a material to be of use.
"""

import numpy as np
from numpy.typing import NDArray

from evidence.ai import Information
from evidence.reasons import Reason, reason
from imaging import DecodedImage
from imaging.detail import LEAST_DETAIL, detail, on_grid

GROUND_TOLERANCE = 16
"""Largest difference from the ground's colour, per channel of 0 to 255, that still belongs to it;
JPEG's own noise stays below."""

MOST_GROUND = 0.96
"""Above this share of one colour there is too little content."""

MOST_IN_TWO_COLOURS = 0.97
"""Above this share of two flat colours there are outlines alone: no colour, tone or texture for a
style to be told by. The scans of ink drawings in `dev` stay below, with their grey edges."""


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
    return information(float(_ground(grid).mean()), detail(grid))


def too_plain_for_style(image: DecodedImage) -> bool:
    """Whether there is too little to see in an image to tell whose style it is.

    Outlines of two flat colours are alike, whoever drew them: a style head that knows colour, tone
    and texture maps them all to one place. Their content can still be compared.

    Args:
        image: The image; a reduced version of the original gives nearly the same.
    """
    grid = on_grid(image.pixels)
    ground = _ground(grid)
    rest = grid[~ground][None]
    others = int(_ground(rest).sum()) if rest.size else 0
    in_two = (int(ground.sum()) + others) / ground.size
    return in_two > MOST_IN_TWO_COLOURS or measure_information(image).too_plain


def _ground(grid: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Which pixels of a grid (int16 [h, w, 3]) have the colour of most, bool [h, w]."""
    # The ground is the fullest of 4,096 boxes of similar colours; its own colour is the median
    # there, so that a colour on the edge of a box is not cut in two.
    box = (grid[..., 0] >> 4) * 256 + (grid[..., 1] >> 4) * 16 + (grid[..., 2] >> 4)
    fullest = np.bincount(box.ravel(), minlength=4096).argmax()
    colour = np.median(grid[box == fullest], axis=0)
    near: NDArray[np.bool_] = (np.abs(grid - colour) <= GROUND_TOLERANCE).all(axis=2)
    return near
