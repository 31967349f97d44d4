"""The views of an image by which its pixels are judged: a first one, and in doubt more of them.

The first is the whole image, reduced. Where its score is not clearly that of a human work, a detail
is scored too, in which finer traces are left; and the whole image once more, mildly recompressed,
to see whether the verdict would survive that.
"""

import numpy as np

from imaging import Corner, DecodedImage, Pixels, detail_view, global_view
from imaging.perturbations.web import Jpeg, Resize
from models import Views

DETAILS = (Corner.TOP_LEFT,)
"""Where details are cut out."""

RECOMPRESSION = Jpeg(quality=80)
"""What any platform may do to an upload; a verdict that does not survive it is none."""

COUNT = 2 + len(DETAILS)
"""Views of one image in all; the last is the recompressed one."""


def first_view(image: DecodedImage, size: int) -> Views:
    """The view that every image is judged by.

    Args:
        image: Decoded at least as large as `imaging.decode_for_view` does for `size`.
        size: Side of a view in pixels.

    Returns:
        uint8 [1, size, size, 3]: the whole.
    """
    return global_view(image, size)[None]


def other_views(image: DecodedImage, size: int) -> Views:
    """The views by which an image in doubt is judged besides; they cost more than the first.

    Args:
        image: As for `first_view`.
        size: Side of a view in pixels.

    Returns:
        uint8 [COUNT - 1, size, size, 3]: details of the image, and the whole recompressed.
    """
    details = (detail_view(image, size, corner) for corner in DETAILS)
    return np.stack([*details, recompressed_view(image, size)])


def views_of(image: DecodedImage, size: int) -> Views:
    """All views of an image: uint8 [COUNT, size, size, 3], the first before the others."""
    return np.concatenate([first_view(image, size), other_views(image, size)])


def recompressed_view(image: DecodedImage, size: int) -> Pixels:
    """The whole image, mildly recompressed: uint8 [size, size, 3].

    Recompressed at twice the view's size, whatever the size of the image: large ones would cost
    more than all the rest, and nothing finer is left in the view.
    """
    return Resize(0.5)(RECOMPRESSION(global_view(image, 2 * size)))
