import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from training.detector.conformal import (
    Guarantee,
    TooFewWorks,
    conformal_point,
    works_above,
    works_needed,
)

guarantees = st.sampled_from(Guarantee)
rates = st.sampled_from([0.2, 0.1, 0.05, 0.02, 0.01, 0.005])


@pytest.mark.parametrize(
    ("rate", "guarantee", "needed"),
    [
        (0.005, Guarantee.AVERAGE, 199),  # 1 / rate - 1
        (0.01, Guarantee.AVERAGE, 99),
        (0.5, Guarantee.AVERAGE, 1),
        (0.005, Guarantee.SAMPLE, 598),  # 0.995 ** 598 < 0.05 < 0.995 ** 597
        (0.01, Guarantee.SAMPLE, 299),
    ],
)
def test_smallest_samples_known_from_the_literature(
    rate: float, guarantee: Guarantee, needed: int
) -> None:
    assert works_needed(rate, guarantee) == needed


@given(st.integers(1, 1500), rates, guarantees)
def test_too_small_a_sample_is_refused_with_the_size_that_is_enough(
    n: int, rate: float, guarantee: Guarantee
) -> None:
    needed = works_needed(rate, guarantee)
    if n >= needed:
        assert 0 <= works_above(n, rate, guarantee) < n
        return
    with pytest.raises(TooFewWorks, match=rf"at least {needed}, and {n} promise") as told:
        works_above(n, rate, guarantee)
    possible = float(re.findall(r"promise ([0-9.]+) % at best", str(told.value))[0]) / 100
    assert possible > rate
    assert works_above(n, possible, guarantee) == 0, "the one that is told is kept"
    with pytest.raises(TooFewWorks):
        works_above(n, possible - 1.1e-4, guarantee)


@given(st.integers(1, 3000), rates)
def test_average_is_the_order_statistic_of_split_conformal(n: int, rate: float) -> None:
    rank = math.ceil(round((n + 1) * (1 - rate), 9))
    if rank > n:
        with pytest.raises(TooFewWorks):
            works_above(n, rate, Guarantee.AVERAGE)
    else:
        point = conformal_point(np.arange(n), rate, Guarantee.AVERAGE)
        assert point.threshold == np.sort(np.arange(n))[rank - 1]


@given(st.integers(1, 3000), rates)
def test_sample_is_the_largest_count_that_the_binomial_tail_allows(n: int, rate: float) -> None:
    """By another way: were the rate exceeded, so few above would have less than 5 % chance."""
    allowed = np.flatnonzero(binom.cdf(np.arange(n), n, rate) <= 0.05 + 1e-9)
    if allowed.size:
        assert works_above(n, rate) == allowed.max()
    else:
        with pytest.raises(TooFewWorks):
            works_above(n, rate)


@pytest.mark.parametrize(("n", "rate"), [(60, 0.05), (299, 0.01), (500, 0.02), (1000, 0.005)])
def test_the_promises_hold_in_simulation(n: int, rate: float) -> None:
    """Scores are uniform, so that the true share above a threshold t is 1 - t."""
    rng = np.random.default_rng(0)
    samples = rng.random((4000, n))
    for guarantee in Guarantee:
        above = works_above(n, rate, guarantee) if n >= works_needed(rate, guarantee) else None
        if above is None:
            continue
        shares = 1 - np.sort(samples, axis=1)[:, n - 1 - above]
        # Three standard errors of 4,000 draws.
        if guarantee is Guarantee.SAMPLE:
            assert (shares > rate).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4000)
        else:
            assert shares.mean() <= rate + 3 * shares.std() / math.sqrt(4000)
            # What the docstring warns of: the one sample at hand may well promise too much.
            assert (shares > rate).mean() > 0.25


def test_the_promise_holds_for_scores_of_any_shape_and_with_ties() -> None:
    rng = np.random.default_rng(1)
    population = np.round(rng.standard_cauchy(200_000), 1)
    shares = []
    for _ in range(400):
        point = conformal_point(rng.choice(population, 300), 0.02)
        shares.append((population > point.threshold).mean())
    assert (np.array(shares) > 0.02).mean() <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 400)


@given(
    st.lists(st.floats(-50, 50, width=16), min_size=60, max_size=400),
    guarantees,
)
def test_a_larger_rate_never_raises_the_threshold(scores: list[float], how: Guarantee) -> None:
    points = [
        conformal_point(scores, rate, how)
        for rate in (0.05, 0.1, 0.2, 0.4)
        if len(scores) >= works_needed(rate, how)
    ]
    thresholds = [point.threshold for point in points]
    assert thresholds == sorted(thresholds, reverse=True)
    for point in points:
        assert point.measured <= point.rate
        assert point.measured == np.mean(np.array(scores) > point.threshold)
        assert point.n == len(scores)


@given(st.integers(600, 3000))
def test_the_sample_promise_is_the_stricter_one(n: int) -> None:
    assert works_above(n, 0.005, Guarantee.SAMPLE) <= works_above(n, 0.005, Guarantee.AVERAGE)


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1, float("nan")])
def test_refuses_what_is_no_rate(rate: float) -> None:
    with pytest.raises(ValueError, match="a rate lies above 0"):
        conformal_point(np.zeros(1000), rate)


def test_refuses_scores_that_are_not_finite() -> None:
    with pytest.raises(ValueError, match="finite"):
        conformal_point([float("inf")] * 1000, 0.1)


def test_an_empty_sample_is_too_small() -> None:
    with pytest.raises(TooFewWorks, match="0 works are too few"):
        conformal_point([], 0.1)
