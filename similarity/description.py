"""What is kept and compared of one picture."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HASH_BYTES = 32
"""Length of a perceptual hash: PDQ has 256 bits."""

REGIONS = 16
"""Most copy vectors of one picture: row id = work id * REGIONS + region."""

USABLE_QUALITY = 50
"""Least `hash_quality` with which a hash says something; others are not searched."""


@dataclass(frozen=True)
class Description:
    """What search compares of one picture; the pixels are not needed again.

    Attributes:
        style: float32 [S], unit norm: how it is drawn.
        copy: float32 [R, C], unit norm, 1 <= R <= REGIONS: what it shows; row 0 is the whole
            picture, the others are regions of it.
        hash: uint8 [32], its PDQ hash.
        hash_quality: How much there is to hash in it, 0 to 100; below `USABLE_QUALITY` it says
            nothing.
    """

    style: NDArray[np.float32]
    copy: NDArray[np.float32]
    hash: NDArray[np.uint8]
    hash_quality: int
