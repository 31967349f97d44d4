"""From raw scores to what is published: a probability, and thresholds with stated error rates."""

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models.artefact.artefact import Calibration, OperatingPoint, OperatingPoints
from training.evaluation.intervals import clopper_pearson

AI_RATES = (0.10, 0.05, 0.01, 0.005)
"""Shares of human works that may be called `ai`, for which thresholds are set."""

HUMAN_RATES = (0.10, 0.05, 0.01)
"""Shares of AI pictures that may be called `human`, for which thresholds are set."""


def fit_platt(ai: ArrayLike, human: ArrayLike) -> Calibration:
    """Fit Platt scaling, both classes weighing the same.

    Platt, Probabilistic outputs for support vector machines (1999), with its smoothed targets
    against overconfidence on separable scores; Newton's method with step halving after Lin, Lin
    and Weng, A note on Platt's probabilistic outputs (2007).

    Args:
        ai: Raw scores of AI pictures.
        human: Raw scores of human works.

    Raises:
        ValueError: A class is empty, or AI pictures do not score higher than human works.
    """
    positive, negative = _scores(ai), _scores(human)
    x = np.concatenate([positive, negative])
    target = np.concatenate(
        [
            np.full(positive.size, (positive.size + 1) / (positive.size + 2)),
            np.full(negative.size, 1 / (negative.size + 2)),
        ]
    )
    weight = np.concatenate(
        [np.full(positive.size, 0.5 / positive.size), np.full(negative.size, 0.5 / negative.size)]
    )
    centre, spread = float(weight @ x), float(np.sqrt(weight @ (x - weight @ x) ** 2)) or 1.0
    design = np.stack([(x - centre) / spread, np.ones_like(x)], axis=1)

    def loss(parameters: NDArray[np.float64]) -> float:
        z = design @ parameters
        return float(weight @ (np.logaddexp(0, z) - target * z))

    theta = np.zeros(2)
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(design @ theta, -700, 700)))
        gradient = design.T @ (weight * (p - target))
        hessian = (design.T * (weight * p * (1 - p))) @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while loss(theta - size * step) > loss(theta) and size > 1e-10:
            size /= 2
        theta = theta - size * step
        if np.abs(gradient).max() < 1e-10:
            break
    slope = float(theta[0] / spread)
    if not slope > 0:
        raise ValueError("AI pictures do not score higher than human works: nothing to calibrate")
    intercept = float(theta[1] - theta[0] * centre / spread)
    return Calibration(slope=slope, intercept=intercept, n_ai=positive.size, n_human=negative.size)


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
    scores = _scores(others)
    # Ordered from the end where the answer would be wrong most surely.
    ordered = np.sort(scores)[::-1] if side == "above" else np.sort(scores)
    threshold = float(ordered[min(_floor(rate * scores.size), scores.size - 1)])
    beyond = scores > threshold if side == "above" else scores < threshold
    images = scores.size // repeats
    low, high = clopper_pearson(min(round(beyond.sum() / repeats), images), images)
    return OperatingPoint(
        rate=rate,
        threshold=threshold,
        measured=float(beyond.mean()),
        low=low,
        high=high,
        n=images,
    )


def operating_points(
    ai: ArrayLike, human: ArrayLike, *, ai_rate: float, human_rate: float, repeats: int = 1
) -> OperatingPoints:
    """All operating points that the sample is large enough for, and the two that are published.

    A sample is large enough if the rate leaves room for one image at least; a published rate for
    which it is not takes the most extreme image as its threshold.
    """
    positive, negative = _scores(ai), _scores(human)
    of_ai = [
        rate for rate in AI_RATES if rate == ai_rate or _floor(rate * negative.size / repeats) >= 1
    ]
    of_human = [
        rate
        for rate in HUMAN_RATES
        if rate == human_rate or _floor(rate * positive.size / repeats) >= 1
    ]
    return OperatingPoints(
        ai=tuple(operating_point("above", rate, negative, repeats) for rate in of_ai),
        human=tuple(operating_point("below", rate, positive, repeats) for rate in of_human),
    )


def _floor(count: float) -> int:
    """Rounded down, forgiving the last bit: 0.01 * 700 is a little above or below 7."""
    return math.floor(count + 1e-9)


def _scores(values: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(values, np.float64).ravel()
    if not scores.size or not np.isfinite(scores).all():
        raise ValueError("calibration needs finite scores of both classes")
    return scores
