"""Many weak likenesses together: how surprising the p-values of an account's works are.

Fisher's way of combining p-values: the mean of -log p over all works, in nats. All of them, near or
not: who posts much collects chance likenesses, and they are few among many.

Book: R. A. Fisher, Statistical Methods for Research Workers, 4th edition, 1932, section 21.1.
"""

from collections.abc import Sequence
from math import log

FLOOR = 0.001
"""P-values below it count as it: they are extrapolated, and no work alone is to outweigh others."""

NEAR = 0.5
"""A work counts as near to a creator if at most this share of other people's works are nearer."""


def surprise(p_values: Sequence[float], least: int) -> float:
    """How surprising an account's likeness to one creator is.

    Args:
        p_values: Of all works, to the creator; 1 for those that are not near.
        least: How many works must be near, at least.

    Returns:
        In nats for each work, 0 to -log(FLOOR); 0 where too few are near.
    """
    if sum(p <= NEAR for p in p_values) < least:
        return 0.0
    return -sum(log(max(p, FLOOR)) for p in p_values if p < 1) / len(p_values)
