"""Whether a picture by an AI imitates a creator: what tells it from other pictures by AIs.

An imitation comes less near to a creator than the creator's own works do, and less near to other
people's works, too: what compares it with these (`similarity.styles.open_set`) says little of it.
Two comparisons do: how much nearer it comes to the creator than other pictures by AIs, and on which
side of the boundary between the creator and other people it lies. The weaker one counts most.
"""

import numpy as np
from numpy.typing import NDArray

from similarity.styles.likeness import SAMPLE, Body, Vectors, evenly
from similarity.styles.open_set import RIVALS, SPREAD, soft_minimum

BY_AI = np.array([(-1.1, 1.7), (-0.65, -0.2)])
"""What pictures by AIs reach by each of the two comparisons, against the creator who is most like
them: the one in the middle, and one in twenty. Of those of `train`, against 10 to 98 creators whom
no head had seen. They are scales only: what shares mean is measured for each index."""

WEIGHTS = np.array([1, 1])


def reached(body: Body, by_ai: Vectors) -> float:
    """How near pictures by AIs come to a creator: the mean likeness of the nearest ones.

    Args:
        body: The works of the creator, of which some are looked at where there are many.
        by_ai: float32 [N, S], unit norm.

    Returns:
        Minus infinity where there are none.
    """
    if not len(by_ai):
        return -np.inf
    likeness = Body(body.works[evenly(len(body.works), SAMPLE)]).likeness(by_ai)
    count = min(RIVALS, len(likeness))
    return float(np.partition(likeness, -count)[-count:].mean())


def imitation(
    likeness: NDArray[np.float32] | float,
    by_ai: NDArray[np.float64] | float,
    inside: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Imitation score: 0 where the picture by an AI in the middle is, 1 where one in twenty is.

    Args:
        likeness: [...], of pictures to creators.
        by_ai: [...], what `reached` tells of the creators.
        inside: [...], where the pictures lie by the creators' `Boundary`.

    Returns:
        float64 [...].
    """
    nearer = (np.asarray(likeness, np.float64) - by_ai) / SPREAD
    return soft_minimum(np.broadcast_arrays(nearer, inside), BY_AI, WEIGHTS)
