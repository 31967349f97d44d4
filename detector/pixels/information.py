"""How much there is to see in an image: nothing is judged where there is nothing to judge.

Flat icons and sparse line drawings are legitimate works. The measures say one thing only: that the
pixels carry too little for an answer about who made them, or for a material to be of use.
"""

import numpy as np

from evidence.ai import Information
from evidence.reasons import Reason, reason
from imaging import DecodedImage

GRID = 128
"""The measures look at about this many pixels along the longer side, so that their cost does not
grow with the image."""

GROUND_TOLERANCE = 16
"""Largest difference from the ground's colour, per channel of 0 to 255, that still belongs to it;
JPEG's own noise stays below."""

STEP = 8
"""Smallest step of luminance between neighbours, of 0 to 255, that counts as detail."""

MOST_GROUND = 0.96
"""Above this share of one colour there is too little content."""

LEAST_DETAIL = 0.01
"""Below this share of steps there is nothing but flat areas or smooth gradients."""


def information(ground: float, detail: float) -> Information:
    """What two measures say.

    Of the 5,016 training images 8 are too plain: 7 human works (outline maps and marks on white,
    soft glows on one colour) and 1 AI picture (a gradient).

    Args:
        ground: See `evidence.ai.Information`.
        detail: See there.
    """
    return Information(ground, detail, ground > MOST_GROUND or detail < LEAST_DETAIL)


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
    height, width = image.pixels.shape[:2]
    step = max(1, round(max(height, width) / GRID))
    first = min(step // 2, height - 1, width - 1)  # of a strip, too, something is looked at
    grid = image.pixels[first::step, first::step].astype(np.int16)
    # The ground is the fullest of 4,096 boxes of similar colours; its own colour is the median
    # there, so that a colour on the edge of a box is not cut in two.
    box = (grid[..., 0] >> 4) * 256 + (grid[..., 1] >> 4) * 16 + (grid[..., 2] >> 4)
    fullest = np.bincount(box.ravel(), minlength=4096).argmax()
    colour = np.median(grid[box == fullest], axis=0)
    ground = (np.abs(grid - colour) <= GROUND_TOLERANCE).all(axis=2).mean()
    grey = grid @ np.array([0.299, 0.587, 0.114], np.float32)
    steps = [np.abs(np.diff(grey, axis=axis)) > STEP for axis in (0, 1)]
    # A strip of one row or column has no neighbours across it.
    detail = np.mean([s.mean() for s in steps if s.size] or [0.0])
    return information(float(ground), float(detail))
