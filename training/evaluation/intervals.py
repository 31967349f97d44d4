"""Figures with their intervals: exact ones for shares, resampled ones for all others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binomtest

CONFIDENCE = 0.95
"""Of every interval."""

DRAWS = 500
"""Resamples behind a resampled interval."""


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval.

    Attributes:
        value: The figure.
        low: Lower end of the interval.
        high: Upper end.
        n: Images that it is about.
    """

    value: float
    low: float
    high: float
    n: int


def clopper_pearson(k: int, n: int) -> tuple[float, float]:
    """The exact (conservative) 95 % interval of a binomial share.

    Clopper and Pearson, The use of confidence or fiducial limits illustrated in the case of the
    binomial, Biometrika 26 (1934). It supposes that images are independent; those of one source
    are not quite, so the truth is a little wider.

    Args:
        k: Images counted.
        n: Images looked at, at least 1.

    Returns:
        Lower and upper end, 0 to 1.

    Raises:
        ValueError: k is not in 0..n, or n is 0.
    """
    if not 0 <= k <= n or n < 1:
        raise ValueError(f"no share of {k} in {n}")
    found = binomtest(k, n).proportion_ci(CONFIDENCE, method="exact")
    return float(found.low), float(found.high)


def share(chosen: ArrayLike, repeats: int = 1) -> Estimate:
    """The share of true values, with its Clopper-Pearson interval.

    Args:
        chosen: bool [N].
        repeats: How often each image stands among them; the interval is that of the images.

    Raises:
        ValueError: There are none.
    """
    values = np.asarray(chosen, bool)
    images = values.size // repeats
    low, high = clopper_pearson(min(round(values.sum() / repeats), images), images)
    return Estimate(float(values.mean()), low, high, images)


class GroupBootstrap:
    """Intervals that resample whole groups instead of images.

    Images of one source are alike, so the number of groups and not of images says how sure a figure
    is. Percentile bootstrap, groups drawn within each stratum, 95 %. All figures of one bootstrap
    are of the same resamples, so that differences between them are paired.

    Attributes:
        times: float64 [draws, N], how often each image stands in each resample.
    """

    def __init__(
        self,
        groups: Sequence[object],
        strata: ArrayLike | None = None,
        *,
        draws: int = DRAWS,
        seed: int = 0,
    ) -> None:
        """Draw the resamples.

        Args:
            groups: What belongs together, of each of N; at least one.
            strata: [N], such as the class: of each, as many groups are drawn as it has. One for all
                by default.
            draws: Resamples.
            seed: Of the resampling.

        Raises:
            ValueError: There are no images.
        """
        if not len(groups):
            raise ValueError("a bootstrap needs images")
        sides = np.zeros(len(groups), bool) if strata is None else np.asarray(strata)
        _, group = np.unique(np.array(groups).astype(str), return_inverse=True)
        rng = np.random.default_rng(seed)
        self.times: NDArray[np.float64] = np.zeros((draws, len(groups)))
        for side in np.unique(sides)[::-1]:
            mine = sides == side
            names, place = np.unique(group[mine], return_inverse=True)
            counts = rng.multinomial(names.size, np.full(names.size, 1 / names.size), draws)
            self.times[:, mine] = counts[:, place]

    def estimate(self, value: float, resampled: NDArray[np.float64]) -> Estimate:
        """A figure with the interval that its values in the resamples (float64 [draws]) give."""
        tail = 50 * (1 - CONFIDENCE)
        low, high = np.percentile(resampled, [tail, 100 - tail])
        return Estimate(float(value), float(low), float(high), self.times.shape[1])

    def mean(self, values: ArrayLike, among: NDArray[np.bool_] | None = None) -> Estimate:
        """The mean of values, or the share of true ones.

        Args:
            values: float or bool [N].
            among: bool [N], whole strata that are counted; None for all.
        """
        x = np.asarray(values, np.float64)
        chosen = slice(None) if among is None else among
        times, x = self.times[:, chosen], x[chosen]
        return self.estimate(x.mean(), times @ x / times.sum(axis=1))
