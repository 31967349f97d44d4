"""What every perturbation does."""

from collections.abc import Callable

import numpy as np

from imaging import Pixels


def applied_twice(step: Callable[[Pixels], Pixels], pixels: Pixels) -> Pixels:
    """What a step gives: the same again, of pixels that it leaves as they are."""
    before = pixels.copy()
    first = step(pixels)
    assert first.dtype == np.uint8
    assert np.array_equal(first, step(pixels))
    assert np.array_equal(pixels, before)
    return first
