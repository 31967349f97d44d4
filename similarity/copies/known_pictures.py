"""Which works show what somebody else has enrolled, in other files.

A work that was saved anew, made smaller or compressed has other bytes, and nearly the same hash.
Turned or mirrored ones are not among them; nor are works of which the hash says nothing.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from similarity.copies.pdq import SAME_BITS
from similarity.description import USABLE_QUALITY
from similarity.gallery.creators import SharedWork, Work
from similarity.gallery.gallery import NewWork, State
from similarity.vectors.base import MISSING

NEAREST = 16
"""Works nearest by hash that are looked at: a creator's own variants are among them."""


def known_pictures(state: State, creator: str, works: Sequence[NewWork]) -> tuple[SharedWork, ...]:
    """Works of others that show the same as new ones.

    Files of the same bytes, which the gallery tells, are not among them.

    Args:
        state: Of the gallery.
        creator: Whose the new works are.
        works: The new ones.
    """
    told = [work for work in works if work.description.hash_quality >= USABLE_QUALITY]
    if not told:
        return ()
    same = same_pictures(state, np.stack([work.description.hash for work in told]))
    pairs = ((told[row], other) for row, other in same)
    return tuple(
        SharedWork(work.name, other, exact=False)
        for work, other in pairs
        if other.creator != creator and other.sha256 != work.sha256
    )


def same_pictures(state: State, hashes: NDArray[np.uint8]) -> Iterator[tuple[int, Work]]:
    """Enrolled works that show what hashes say, each with the row of the hash.

    Args:
        state: Of the gallery.
        hashes: uint8 [N, 32].
    """
    near = state.search_hashes(hashes, NEAREST)
    same = (near.ids != MISSING) & (near.scores >= -SAME_BITS)
    works = state.works(near.ids[same].tolist())
    for row, place in zip(*np.nonzero(same), strict=True):
        yield int(row), works[int(near.ids[row, place])]
