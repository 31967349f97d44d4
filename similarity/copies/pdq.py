"""PDQ, a perceptual hash: finds copies of a whole picture that are nearly exact.

Source: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", Meta 2019 -
https://github.com/facebook/ThreatExchange/blob/main/hashing/hashing.pdf; computed by Meta's own
code, through `pdqhash`. It reduces a picture to 64 x 64 pixels in any case: of one of 128 x 128 it
takes every second row and column. Fed with these alone it says the same in a third of the time.
"""

import cv2
import numpy as np
import pdqhash
from numpy.typing import NDArray

LEAST_QUALITY = 50
"""From here on a hash says something, by the specification: flat pictures all hash alike."""

SAME_BITS = 31
"""Bits up to which the specification takes two pictures for the same. Of 2,420 training images none
comes so near to a picture by others that is not the same, the nearest one being 42 away."""

MOST_SURE = 0.6
"""Of a hash alone, where a proof by pixels reaches 1."""

POSITIONS = 8
"""In which a picture may lie: four quarter turns, and the same of it mirrored."""

_SIDE = 128
_TAKEN = slice(1, None, 2)
"""The rows and columns that PDQ takes of so many."""


def hash_of(sketch: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    """Hash a picture.

    Args:
        sketch: uint8 [H, W], as `imaging.sketch` gives it.

    Returns:
        The hash, uint8 [32], and how much there is to hash, 0 to 100: below `LEAST_QUALITY` the
        hash says nothing.
    """
    return _hash(_reduced(sketch))


def hashes_of(sketch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Hash a picture in its eight positions, so that one search finds turned and mirrored copies.

    Each is the hash of the picture really turned or mirrored; the ones that PDQ can derive from
    the first are 20 to 40 bits off.

    Args:
        sketch: uint8 [H, W], as `imaging.sketch` gives it.

    Returns:
        uint8 [8, 32]: as it is (the hash of `hash_of`) and by quarter turns counter-clockwise,
        then mirrored (left and right exchanged) and the same turns of that.
    """
    small = _reduced(sketch)
    sides = (small, small[:, ::-1])
    return np.stack([_hash(np.rot90(side, turns))[0] for side in sides for turns in range(4)])


def with_negative(hashes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Hashes of a picture, and that of its negative: every bit is the other one there.

    A picture whose colours alone are seen may have any of them for the lighter one
    (`imaging.contrast`).

    Args:
        hashes: uint8 [N, 32], as `hashes_of` gives them.

    Returns:
        uint8 [N + 1, 32].
    """
    return np.concatenate([hashes, ~hashes[:1]])


def distance(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Count the bits in which hashes differ.

    Args:
        a: uint8 [..., 32].
        b: uint8 [..., 32]; the leading axes broadcast.

    Returns:
        int64 [...], 0 to 256. Unrelated pictures lie about 128 apart; up to 31 the specification
        takes them for the same.
    """
    return np.asarray(np.bitwise_count(a ^ b).sum(axis=-1), np.int64)


def sureness(bits: int) -> float:
    """How surely two pictures are one whose hashes differ by so many bits.

    Never as surely as by pixels that are proven the same: variants of one drawing hash alike.

    Returns:
        `MOST_SURE` for no bit, falling to a half at `SAME_BITS`, and to 0 at twice as many.
    """
    return float(np.interp(bits, (0, SAME_BITS, 2 * SAME_BITS), (MOST_SURE, 0.5, 0.0)))


def _reduced(sketch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(sketch, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _hash(grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], int]:
    taken = grey[_TAKEN, _TAKEN, None]
    bits, quality = pdqhash.compute(np.repeat(taken, 3, axis=2))
    return np.packbits(np.asarray(bits, np.uint8)), int(quality)
