"""Which new works show what somebody else has enrolled already, in other files.

A work that was saved anew, made smaller or compressed has other bytes, and nearly the same hash.
"""

from collections.abc import Sequence

import numpy as np

from similarity.copies.pdq import SAME_BITS
from similarity.description import USABLE_QUALITY
from similarity.gallery.creators import SharedWork
from similarity.gallery.gallery import NewWork, State
from similarity.vectors.base import MISSING

NEAREST = 16
"""Works nearest by hash that are looked at: a creator's own variants are among them."""


def known_pictures(state: State, creator: str, works: Sequence[NewWork]) -> tuple[SharedWork, ...]:
    """Works of others that show the same as new ones, by their hashes as they are.

    Turned or mirrored ones are not among them, nor files of the same bytes, which the gallery
    tells; and none of which the hash says nothing.

    Args:
        state: Of the gallery.
        creator: Whose the new works are.
        works: The new ones.
    """
    told = [work for work in works if work.description.hash_quality >= USABLE_QUALITY]
    if not told:
        return ()
    near = state.search_hashes(np.stack([work.description.hash for work in told]), NEAREST)
    same = (near.ids != MISSING) & (near.scores >= -SAME_BITS)
    others = state.works(near.ids[same].tolist())
    pairs = [
        (told[row], others[int(near.ids[row, place])])
        for row, place in zip(*np.nonzero(same), strict=True)
    ]
    return tuple(
        SharedWork(work.name, other, exact=False)
        for work, other in pairs
        if other.creator != creator and other.sha256 != work.sha256
    )
