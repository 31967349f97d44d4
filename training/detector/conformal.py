"""Thresholds from a platform's own human works, with a guarantee for a sample of any size.

The thresholds of an artefact promise what they do on works like those that it was made from. A
platform that gives the scores of works by its own artists gets a promise about *these* artists. It
rests on one condition alone: that the works of the sample and those judged later come from the
same place (are exchangeable). Whatever the head is, and however the scores are spread, it holds.
Many works of a few artists break the condition, because an artist's works are alike; one work of
each of many artists keeps it.
"""

import math
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import beta

from models.artefact.manifest import OperatingPoint
from training.evaluation.intervals import share

CONFIDENCE = 0.95


class Guarantee(StrEnum):
    """What is promised about the share of the platform's artists who are called `ai`.

    Both are split conformal prediction. Vovk, Conditional validity of inductive conformal
    predictors, ACML 2012 - https://arxiv.org/abs/1209.2673
    """

    SAMPLE = "sample"
    """The share is at most the rate, with 95 % confidence in the sample (Vovk's proposition 2a).
    The default: a platform draws one sample and keeps to its threshold, and wants to be right with
    that one."""

    AVERAGE = "average"
    """The share is at most the rate on average over samples; with nearly every other sample it is
    more. It needs fewer works."""


class TooFewWorks(ValueError):
    """The sample is too small for the rate that is asked for; the text says how many it takes."""


def works_needed(
    rate: float, guarantee: Guarantee = Guarantee.SAMPLE, confidence: float = CONFIDENCE
) -> int:
    """The smallest sample that allows any promise at a rate; its highest score is the threshold.

    Args:
        rate: Largest share of human works that may be called `ai`, above 0 and below 1.
        guarantee: What is promised.
        confidence: In the sample; `Guarantee.AVERAGE` does without.

    Raises:
        ValueError: The rate or the confidence is not above 0 and below 1.
    """
    _check(rate, confidence)
    if guarantee is Guarantee.AVERAGE:
        needed = math.ceil(1 / rate - 1 - 1e-9)
    else:
        needed = math.ceil(math.log(1 - confidence) / math.log1p(-rate) - 1e-9)
    return max(needed, 1)


def least_rate(
    n: int, guarantee: Guarantee = Guarantee.SAMPLE, confidence: float = CONFIDENCE
) -> float:
    """The smallest rate that a sample allows a promise at, rounded up to a hundredth of a percent.

    Args:
        n: Works in the sample, at least 1.
        guarantee: What is promised.
        confidence: In the sample.
    """
    average = guarantee is Guarantee.AVERAGE
    least = 1 / (n + 1) if average else 1 - (1 - confidence) ** (1 / n)
    return math.ceil(10_000 * least - 1e-9) / 10_000


def works_above(
    n: int,
    rate: float,
    guarantee: Guarantee = Guarantee.SAMPLE,
    confidence: float = CONFIDENCE,
) -> int:
    """How many works of a sample may lie above the threshold.

    Args:
        n: Works in the sample.
        rate: Largest share of human works that may be called `ai`.
        guarantee: What is promised.
        confidence: In the sample.

    Returns:
        A count from 0 to n - 1. The threshold is the next score down.

    Raises:
        TooFewWorks: The sample does not allow any promise at this rate.
        ValueError: The rate or the confidence is not above 0 and below 1.
    """
    needed = works_needed(rate, guarantee, confidence)
    if n < needed:
        allowed = 100 * least_rate(n, guarantee, confidence) if n else 100
        instead = f", and {n} promise {allowed:.2f} % at best" if allowed < 100 else ""
        raise TooFewWorks(
            f"{n} works are too few to promise that at most {100 * rate:g} % lie above a "
            f"threshold: it takes at least {needed}{instead}"
        )
    if guarantee is Guarantee.AVERAGE:
        # The ceil((n + 1)(1 - rate))-th smallest score, forgiving the last bit of the product.
        return min(n - math.ceil((n + 1) * (1 - rate) - 1e-9), n - 1)
    # With k works above it, the share beyond the threshold is at most Beta(k + 1, n - k): its
    # quantile is the one-sided Clopper-Pearson bound, which grows with k.
    k = np.arange(n)
    return int(np.flatnonzero(beta.ppf(confidence, k + 1, n - k) <= rate + 1e-9)[-1])


def conformal_point(
    scores: ArrayLike,
    rate: float,
    guarantee: Guarantee = Guarantee.SAMPLE,
    confidence: float = CONFIDENCE,
) -> OperatingPoint:
    """The threshold above which at most `rate` of a platform's human works lie.

    Args:
        scores: Raw scores of human works of the platform, which no head was fitted on: one work of
            each of many artists, and none chosen for its score.
        rate: Largest share of them that may be called `ai`.
        guarantee: What is promised.
        confidence: In the sample.

    Returns:
        An operating point of the verdict `ai`. Its `measured` share and interval are those of the
        sample.

    Raises:
        TooFewWorks: The sample does not allow any promise at this rate.
        ValueError: A score is not finite, or the rate is not above 0 and below 1.
    """
    values = np.sort(np.asarray(scores, np.float64).ravel())[::-1]
    if not np.isfinite(values).all():
        raise ValueError("a threshold needs finite scores")
    threshold = float(values[works_above(values.size, rate, guarantee, confidence)])
    # Scores that tie with the threshold lie on its right side: the verdict is strictly above it.
    above = share(values > threshold)
    return OperatingPoint(
        rate=rate,
        threshold=threshold,
        measured=above.value,
        low=above.low,
        high=above.high,
        n=above.n,
    )


def _check(rate: float, confidence: float) -> None:
    if not 0 < rate < 1:
        raise ValueError(f"a rate lies above 0 and below 1, not at {rate}")
    if not 0.5 < confidence < 1:
        raise ValueError(f"a confidence lies above 0.5 and below 1, not at {confidence}")
