"""Confidence intervals for shares of images."""

import math

import numpy as np


def clopper_pearson(k: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact (conservative) interval of a binomial share.

    Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the
    binomial, Biometrika 26 (1934). It supposes that images are independent; those of one source
    are not quite, so the truth is a little wider.

    Args:
        k: Images counted.
        n: Images looked at, at least 1.
        confidence: Of the two-sided interval.

    Returns:
        Lower and upper end, 0 to 1.

    Raises:
        ValueError: k is not in 0..n, or n is 0.
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"no share of {k} in {n}")
    tail = (1 - confidence) / 2
    low = 0.0 if k == 0 else _crossing(_AtMost(k - 1, n), 1 - tail)
    high = 1.0 if k == n else _crossing(_AtMost(k, n), tail)
    return low, high


class _AtMost:
    """The chance of at most k successes in n trials, as a falling function of 0 < p < 1."""

    def __init__(self, k: int, n: int) -> None:
        factorials = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])
        self._successes = np.arange(k + 1)
        self._failures = n - self._successes
        self._log_ways = factorials[n] - factorials[: k + 1] - factorials[self._failures]

    def __call__(self, p: float) -> float:
        log_p, log_q = math.log(p), math.log1p(-p)
        return float(
            np.exp(self._log_ways + self._successes * log_p + self._failures * log_q).sum()
        )


def _crossing(falling: _AtMost, level: float) -> float:
    """The share at which the function falls to the level, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if falling(middle) > level:
            low = middle
        else:
            high = middle
    return (low + high) / 2
