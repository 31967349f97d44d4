"""From raw scores to what is published: a probability, and thresholds with stated error rates."""

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.linear_model import LogisticRegression

from models.artefact.manifest import Calibration, OperatingPoint, OperatingPoints
from training.evaluation.intervals import share
from training.evaluation.metrics import allowed_beyond, threshold_at

AI_RATES = (0.10, 0.05, 0.01, 0.005)
"""Shares of human works that may be called `ai`, for which thresholds are set."""

HUMAN_RATES = (0.10, 0.05, 0.01)
"""Shares of AI pictures that may be called `human`, for which thresholds are set."""


def fit_platt(positive: ArrayLike, negative: ArrayLike) -> Calibration:
    """Fit Platt scaling, both classes weighing the same.

    Platt, Probabilistic outputs for support vector machines (1999), with its smoothed targets
    against overconfidence on separable scores: each score stands once in either class, weighing as
    much as its target says. A logistic regression without a penalty then has Platt's minimum.

    Args:
        positive: Raw scores of the class that the probability is of.
        negative: Raw scores of the other.

    Raises:
        ValueError: A class is empty, or the positives do not score higher than the negatives.
    """
    up, down = _scores(positive), _scores(negative)
    x = np.concatenate([up, down])
    target = np.repeat([(up.size + 1) / (up.size + 2), 1 / (down.size + 2)], [up.size, down.size])
    weight = np.repeat([0.5 / up.size, 0.5 / down.size], [up.size, down.size])
    centre, spread = float(weight @ x), float(np.sqrt(weight @ (x - weight @ x) ** 2)) or 1.0
    twice = np.tile((x - centre) / spread, 2)[:, None]
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10, max_iter=200)
    model.fit(
        twice,
        np.repeat([True, False], x.size),
        sample_weight=np.concatenate([weight * target, weight * (1 - target)]),
    )
    slope = float(model.coef_[0, 0]) / spread
    if not slope > 0:
        raise ValueError("positives do not score higher than negatives: nothing to calibrate")
    intercept = float(model.intercept_[0]) - slope * centre
    return Calibration(slope=slope, intercept=intercept, n_ai=up.size, n_human=down.size)


def operating_point(
    side: Literal["above", "below"], rate: float, others: ArrayLike, repeats: int = 1
) -> OperatingPoint:
    """The threshold beyond which at most `rate` of some images lie.

    Args:
        side: Which side of the threshold is beyond it.
        rate: The stated rate, 0 to 1.
        others: Raw scores of the images that the answer beyond the threshold is wrong about.
        repeats: How often each image is among them, scored by different heads; the interval is
            that of the images.

    Raises:
        ValueError: No scores.
    """
    # What lies below a threshold lies above it with all signs turned.
    sign = 1 if side == "above" else -1
    scores = sign * _scores(others)
    threshold = threshold_at(scores, rate)
    beyond = share(scores > threshold, repeats)
    return OperatingPoint(
        rate=rate,
        threshold=sign * threshold,
        measured=beyond.value,
        low=beyond.low,
        high=beyond.high,
        n=beyond.n,
    )


def operating_points(
    ai: ArrayLike, human: ArrayLike, *, ai_rate: float, human_rate: float, repeats: int = 1
) -> OperatingPoints:
    """All operating points that the sample is large enough for, and the two that are published.

    A sample is large enough if the rate leaves room for one image at least; a published rate for
    which it is not takes the most extreme image as its threshold.
    """
    positive, negative = _scores(ai), _scores(human)

    def large_enough(rate: float, others: NDArray[np.float64]) -> bool:
        return allowed_beyond(rate, others.size // repeats) >= 1

    of_ai = [r for r in AI_RATES if r == ai_rate or large_enough(r, negative)]
    of_human = [r for r in HUMAN_RATES if r == human_rate or large_enough(r, positive)]
    return OperatingPoints(
        ai=tuple(operating_point("above", rate, negative, repeats) for rate in of_ai),
        human=tuple(operating_point("below", rate, positive, repeats) for rate in of_human),
    )


def _scores(values: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(values, np.float64).ravel()
    if not scores.size or not np.isfinite(scores).all():
        raise ValueError("calibration needs finite scores of both classes")
    return scores
