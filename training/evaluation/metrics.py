"""How well scores tell positives (AI pictures, enrolled creators, ...) from negatives."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm
from sklearn.metrics import roc_curve

from training.evaluation.intervals import CONFIDENCE, DRAWS, Estimate, GroupBootstrap, share

Floats = NDArray[np.float64]


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
    half = float(norm.ppf((1 + CONFIDENCE) / 2)) * (repeats * variance) ** 0.5
    images = (x.size + y.size) // repeats
    return Estimate(value, max(0.0, value - half), min(1.0, value + half), images)


def _placements(x: Floats, y: Floats) -> Floats:
    """For each x, the share of y below it, ties counting half."""
    ordered = np.sort(y)
    below = np.searchsorted(ordered, x, "left") + np.searchsorted(ordered, x, "right")
    return np.asarray(below / (2 * y.size), np.float64)


class RankingBootstrap(GroupBootstrap):
    """Resamples of whole groups within positives and negatives, for figures of rankings.

    Attributes:
        positive: bool [N].
    """

    def __init__(
        self, positive: ArrayLike, groups: Sequence[object], *, draws: int = DRAWS, seed: int = 0
    ) -> None:
        """Draw the resamples.

        Args:
            positive: bool [N].
            groups: What belongs together, of each of N.
            draws: Resamples.
            seed: Of the resampling.

        Raises:
            ValueError: A class is missing.
        """
        self.positive = np.asarray(positive, bool)
        if self.positive.all() or not self.positive.any():
            raise ValueError("a comparison needs both classes")
        super().__init__(groups, self.positive, draws=draws, seed=seed)

    def auroc(self, scores: ArrayLike) -> Estimate:
        """The AUROC of scores (float [N])."""
        values = np.asarray(scores, np.float64)
        return self.estimate(self._auroc(values), self._aurocs(values))

    def auroc_gain(self, scores: ArrayLike, others: ArrayLike) -> Estimate:
        """By how much the AUROC of scores (float [N]) exceeds that of others (float [N])."""
        a, b = np.asarray(scores, np.float64), np.asarray(others, np.float64)
        return self.estimate(self._auroc(a) - self._auroc(b), self._aurocs(a) - self._aurocs(b))

    def tpr_at_fpr(self, scores: ArrayLike, fpr: float) -> Estimate:
        """The share of positives above the threshold that `fpr` of the negatives exceed.

        The threshold is set anew in every resample, so the interval knows that it is uncertain.

        Args:
            scores: float [N]; `-inf` for what may never count as found.
            fpr: 0 to 1.
        """
        values = np.asarray(scores, np.float64)
        above, below = values[self.positive], values[~self.positive]
        ordered = np.argsort(-below, kind="stable")
        down = self.times[:, ~self.positive][:, ordered]
        beyond = np.cumsum(down, axis=1) > fpr * down.sum(axis=1, keepdims=True) + 1e-9
        thresholds = below[ordered][beyond.argmax(axis=1)]
        up = self.times[:, self.positive]
        samples = (up * (above > thresholds[:, None])).sum(axis=1) / up.sum(axis=1)
        return self.estimate(tpr_at_fpr(above, below, fpr).value, samples)

    def _auroc(self, values: Floats) -> float:
        return auroc(values[self.positive], values[~self.positive]).value

    def _aurocs(self, values: Floats) -> Floats:
        order = np.argsort(values, kind="stable")
        ranked, positive, times = values[order], self.positive[order], self.times[:, order]
        up, down = np.where(positive, times, 0.0), np.where(positive, 0.0, times)
        below = np.pad(np.cumsum(down, axis=1), ((0, 0), (1, 0)))
        # Tied scores share a place, and count half.
        start = np.searchsorted(ranked, ranked, "left")
        end = np.searchsorted(ranked, ranked, "right")
        wins = (up * (below[:, start] + below[:, end])).sum(axis=1)
        return np.asarray(wins / (2 * up.sum(axis=1) * down.sum(axis=1)), np.float64)


def allowed_beyond(rate: float, n: int) -> int:
    """How many of n may lie beyond a threshold at a rate, at most n - 1.

    Rounded down, forgiving the last bit: 0.01 * 700 is a little above or below 7.
    """
    return min(int(np.floor(rate * n + 1e-9)), n - 1)


def threshold_at(negative: ArrayLike, fpr: float) -> float:
    """The lowest of the negatives' scores that at most `fpr` of them exceed.

    Raises:
        ValueError: There are none.
    """
    y = np.sort(np.asarray(negative, np.float64))
    if not y.size:
        raise ValueError("a threshold needs scores")
    return float(y[y.size - 1 - allowed_beyond(fpr, y.size)])


def tpr_at_fpr(positive: ArrayLike, negative: ArrayLike, fpr: float) -> Estimate:
    """The share of positives above the threshold that at most `fpr` of the negatives exceed."""
    return share(np.asarray(positive, np.float64) > threshold_at(negative, fpr))


def roc(positive: ArrayLike, negative: ArrayLike) -> tuple[Floats, Floats]:
    """The ROC curve: false and true positive rates, float64 each, from (0, 0) to (1, 1)."""
    x, y = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    truth = np.arange(x.size + y.size) < x.size
    false, true, _ = roc_curve(truth, np.concatenate([x, y]), drop_intermediate=False)
    return false, true


def precision_recall(positive: ArrayLike, negative: ArrayLike) -> tuple[Floats, Floats]:
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
