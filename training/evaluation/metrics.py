"""Figures of a detector, each with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.evaluation.intervals import clopper_pearson


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


def share(chosen: ArrayLike, repeats: int = 1) -> Estimate:
    """The share of true values, with its Clopper-Pearson interval.

    Args:
        chosen: bool [N].
        repeats: How often each image stands among them; the interval is that of the images.

    Raises:
        ValueError: There are none.
    """
    values = np.asarray(chosen, bool)
    k, n = int(values.sum()), values.size
    images = n // repeats
    low, high = clopper_pearson(min(round(k / repeats), images), images)
    return Estimate(k / n, low, high, images)


def auroc(positive: ArrayLike, negative: ArrayLike, repeats: int = 1) -> Estimate:
    """The chance that a positive scores higher than a negative, ties counting half.

    The interval is that of DeLong, DeLong and Clarke-Pearson, Comparing the areas under two or more
    correlated receiver operating characteristic curves, Biometrics 44 (1988), computed from
    placements. It takes images as independent; `repeats` is how often each of them is given.

    Raises:
        ValueError: A side is empty.
    """
    x, y = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    if not x.size or not y.size:
        raise ValueError("an AUROC needs both classes")
    of_x, of_y = _placements(x, y), 1 - _placements(y, x)
    value = float(of_x.mean())
    variance = sum(float(p.var(ddof=1)) / p.size for p in (of_x, of_y) if p.size > 1)
    half = 1.959964 * (repeats * variance) ** 0.5
    images = (x.size + y.size) // repeats
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), images)


def _placements(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """For each x, the share of y below it, ties counting half."""
    ordered = np.sort(y)
    below = np.searchsorted(ordered, x, "left") + np.searchsorted(ordered, x, "right")
    return np.asarray(below / (2 * y.size), np.float64)


class GroupBootstrap:
    """Intervals that resample whole groups instead of images.

    Images of one source are alike, so the number of groups and not of images says how sure a figure
    is. Percentile bootstrap, groups drawn within each class, 95 %. All figures of one bootstrap are
    of the same resamples, so that differences between scorers are paired.

    Attributes:
        times: float64 [draws, N], how often each image stands in each resample.
    """

    def __init__(
        self, is_ai: ArrayLike, groups: Sequence[str], *, draws: int = 500, seed: int = 0
    ) -> None:
        """Draw the resamples.

        Args:
            is_ai: bool [N].
            groups: What belongs together, of each of N.
            draws: Resamples.
            seed: Of the resampling.

        Raises:
            ValueError: A class is missing.
        """
        self._is_ai = np.asarray(is_ai, bool)
        if self._is_ai.all() or not self._is_ai.any():
            raise ValueError("a comparison needs both classes")
        index = {name: i for i, name in enumerate(sorted(set(groups)))}
        group = np.array([index[name] for name in groups])
        rng = np.random.default_rng(seed)
        self.times = np.zeros((draws, len(groups)))
        for side in (self._is_ai, ~self._is_ai):
            names = np.unique(group[side])
            counts = rng.multinomial(names.size, np.full(names.size, 1 / names.size), draws)
            self.times[:, side] = counts[:, np.searchsorted(names, group[side])]

    def auroc(self, scores: ArrayLike) -> Estimate:
        """The AUROC of scores (float [N])."""
        values = np.asarray(scores, np.float64)
        point = auroc(values[self._is_ai], values[~self._is_ai]).value
        return self._estimate(point, self._aurocs(values))

    def auroc_gain(self, scores: ArrayLike, others: ArrayLike) -> Estimate:
        """By how much the AUROC of scores (float [N]) exceeds that of others (float [N])."""
        a, b = np.asarray(scores, np.float64), np.asarray(others, np.float64)
        point = auroc(a[self._is_ai], a[~self._is_ai]).value
        point -= auroc(b[self._is_ai], b[~self._is_ai]).value
        return self._estimate(point, self._aurocs(a) - self._aurocs(b))

    def tpr_at_fpr(self, scores: ArrayLike, fpr: float) -> Estimate:
        """The share of AI pictures above the threshold that `fpr` of the human works exceed.

        The threshold is set anew in every resample, so the interval knows that it is uncertain.
        """
        values = np.asarray(scores, np.float64)
        ai, human = values[self._is_ai], values[~self._is_ai]
        ordered = np.argsort(-human, kind="stable")
        down = self.times[:, ~self._is_ai][:, ordered]
        beyond = np.cumsum(down, axis=1) > fpr * down.sum(axis=1, keepdims=True) + 1e-9
        thresholds = human[ordered][beyond.argmax(axis=1)]
        up = self.times[:, self._is_ai]
        samples = (up * (ai > thresholds[:, None])).sum(axis=1) / up.sum(axis=1)
        return self._estimate(tpr_at_fpr(ai, human, fpr).value, samples)

    def _aurocs(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        order = np.argsort(values, kind="stable")
        ranked, ai, times = values[order], self._is_ai[order], self.times[:, order]
        up, down = np.where(ai, times, 0.0), np.where(ai, 0.0, times)
        below = np.pad(np.cumsum(down, axis=1), ((0, 0), (1, 0)))
        # Tied scores share a place, and count half.
        start = np.searchsorted(ranked, ranked, "left")
        end = np.searchsorted(ranked, ranked, "right")
        wins = (up * (below[:, start] + below[:, end])).sum(axis=1)
        return np.asarray(wins / (2 * up.sum(axis=1) * down.sum(axis=1)), np.float64)

    def _estimate(self, point: float, samples: NDArray[np.float64]) -> Estimate:
        low, high = np.percentile(samples, [2.5, 97.5])
        return Estimate(float(point), float(low), float(high), self._is_ai.size)


def auroc_by_group(
    scores: ArrayLike, is_ai: ArrayLike, groups: Sequence[str], *, draws: int = 500, seed: int = 0
) -> Estimate:
    """The AUROC with an interval that resamples whole groups; see `GroupBootstrap`."""
    return GroupBootstrap(is_ai, groups, draws=draws, seed=seed).auroc(scores)


def threshold_at(negative: ArrayLike, fpr: float) -> float:
    """The lowest of the negatives' scores that at most `fpr` of them exceed.

    Raises:
        ValueError: There are none.
    """
    y = np.sort(np.asarray(negative, np.float64))
    if not y.size:
        raise ValueError("a threshold needs scores")
    # Forgiving the last bit: 0.01 * 700 is a little above or below 7.
    allowed = min(int(np.floor(fpr * y.size + 1e-9)), y.size - 1)
    return float(y[y.size - 1 - allowed])


def tpr_at_fpr(positive: ArrayLike, negative: ArrayLike, fpr: float) -> Estimate:
    """The share of positives above the threshold that at most `fpr` of the negatives exceed."""
    return share(np.asarray(positive, np.float64) > threshold_at(negative, fpr))


def roc(positive: ArrayLike, negative: ArrayLike) -> tuple[NDArray[np.float64], ...]:
    """The ROC curve: false and true positive rates, float64 each, from (0, 0) to (1, 1)."""
    x, y = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    thresholds = np.unique(np.concatenate([x, y]))[::-1]
    false = 1 - np.searchsorted(np.sort(y), thresholds, "left") / y.size
    true = 1 - np.searchsorted(np.sort(x), thresholds, "left") / x.size
    return np.concatenate([[0.0], false]), np.concatenate([[0.0], true])


def precision_recall(
    positive: ArrayLike, negative: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The precision-recall curve, both classes weighing the same: recall and precision.

    Weighing the same, so that the curve does not depend on how many images of each class there
    happen to be. It begins with the highest score: no point is made up at a recall of zero.
    """
    false, true = (rates[1:] for rates in roc(positive, negative))
    return true, true / (true + false)


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


def rounded(value: object) -> object:
    """A document of dicts, lists and plain values, its numbers rounded to what they can bear."""
    if isinstance(value, float):
        return round(value, 5)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value
