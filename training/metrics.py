"""Figures of a detector, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detector.intervals import clopper_pearson


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


def share(chosen: ArrayLike) -> Estimate:
    """The share of true values, with its Clopper-Pearson interval.

    Raises:
        ValueError: There are none.
    """
    values = np.asarray(chosen, bool)
    k, n = int(values.sum()), values.size
    low, high = clopper_pearson(k, n)
    return Estimate(k / n, low, high, n)


def auroc(positive: ArrayLike, negative: ArrayLike) -> Estimate:
    """The chance that a positive scores higher than a negative, ties counting half.

    The interval is that of DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more
    correlated receiver operating characteristic curves, Biometrics 44 (1988), computed from
    placements. It takes images as independent.

    Raises:
        ValueError: A side is empty.
    """
    x, y = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    if not x.size or not y.size:
        raise ValueError("an AUROC needs both classes")
    of_x, of_y = _placements(x, y), 1 - _placements(y, x)
    value = float(of_x.mean())
    variance = sum(float(p.var(ddof=1)) / p.size for p in (of_x, of_y) if p.size > 1)
    half = 1.959964 * variance**0.5
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), x.size + y.size)


def _placements(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each x, the share of y below it, ties counting half."""
    ordered = np.sort(y)
    below = np.searchsorted(ordered, x, "left") + np.searchsorted(ordered, x, "right")
    return np.asarray(below / (2 * y.size), np.float64)


def auroc_by_group(
    scores: ArrayLike, is_ai: ArrayLike, groups: Sequence[str], *, draws: int = 500, seed: int = 0
) -> Estimate:
    """The AUROC with an interval that resamples whole groups instead of images.

    Images of one source are alike, so the number of groups and not of images says how sure a figure
    is. Percentile bootstrap, groups drawn within each class.

    Args:
        scores: float [N].
        is_ai: bool [N].
        groups: What belongs together, of each of N.
        draws: Resamples.
        seed: Of the resampling.
    """
    values, positive = np.asarray(scores, np.float64), np.asarray(is_ai, bool)
    estimate = auroc(values[positive], values[~positive])
    rng = np.random.default_rng(seed)
    index = {name: i for i, name in enumerate(sorted(set(groups)))}
    group = np.array([index[name] for name in groups])
    sides = []
    for side in (positive, ~positive):
        names = np.unique(group[side])
        counts = rng.multinomial(names.size, np.full(names.size, 1 / names.size), draws)
        times = np.zeros((draws, len(index)))
        times[:, names] = counts
        sides.append(times)
    order = np.argsort(values, kind="stable")
    ranked, ai = values[order], positive[order]
    # Tied scores share a place, and count half.
    start = np.searchsorted(ranked, ranked, "left")
    end = np.searchsorted(ranked, ranked, "right")
    samples = []
    for of_ai, of_human in zip(*sides, strict=True):
        up = np.where(ai, of_ai[group[order]], 0.0)
        down = np.where(ai, 0.0, of_human[group[order]])
        below = np.concatenate([[0.0], np.cumsum(down)])
        samples.append(up @ (below[start] + below[end]) / (2 * up.sum() * down.sum()))
    low, high = np.percentile(samples, [2.5, 97.5])
    return Estimate(estimate.value, float(low), float(high), estimate.n)


def tpr_at_fpr(positive: ArrayLike, negative: ArrayLike, fpr: float) -> Estimate:
    """The share of positives above the threshold that at most `fpr` of the negatives exceed."""
    x, y = np.asarray(positive, np.float64), np.sort(np.asarray(negative, np.float64))
    allowed = min(int(np.floor(fpr * y.size + 1e-9)), y.size - 1)
    return share(x > y[y.size - 1 - allowed])


def roc(positive: ArrayLike, negative: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """The ROC curve: false and true positive rates, float64 each, from (0, 0) to (1, 1)."""
    x, y = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    thresholds = np.unique(np.concatenate([x, y]))[::-1]
    false = 1 - np.searchsorted(np.sort(y), thresholds, "left") / y.size
    true = 1 - np.searchsorted(np.sort(x), thresholds, "left") / x.size
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], true])


@dataclass(frozen=True)
class ReliabilityBin:
    """Images whose published probability lies in one range.

    Attributes:
        probability: Mean published probability.
        share: Share of AI pictures among them, both classes weighing the same.
        n: Images.
    """

    probability: float
    share: float
    n: int


def reliability(
    probabilities: ArrayLike, is_ai: ArrayLike, bins: int = 10
) -> tuple[float, tuple[ReliabilityBin, ...]]:
    """How far the published probabilities are from the truth.

    Both classes weigh the same, as in the calibration.

    Args:
        probabilities: float [N], 0 to 1.
        is_ai: bool [N].
        bins: Ranges of equal width.

    Returns:
        The expected calibration error (mean distance over the ranges), and the ranges in use.
    """
    p, positive = np.asarray(probabilities, np.float64), np.asarray(is_ai, bool)
    weight = np.where(positive, 0.5 / max(positive.sum(), 1), 0.5 / max((~positive).sum(), 1))
    place = np.minimum((p * bins).astype(int), bins - 1)
    error, found = 0.0, []
    for i in range(bins):
        inside = place == i
        total = float(weight[inside].sum())
        if total:
            mean = float(weight[inside] @ p[inside]) / total
            truth = float(weight[inside] @ positive[inside]) / total
            error += total * abs(mean - truth)
            found.append(ReliabilityBin(mean, truth, int(inside.sum())))
    return error / float(weight.sum()), tuple(found)
