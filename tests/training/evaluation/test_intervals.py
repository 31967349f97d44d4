import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from training.evaluation.intervals import GroupBootstrap, clopper_pearson


@given(st.integers(1, 4000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_equals_the_beta_quantiles(kn: tuple[int, int]) -> None:
    k, n = kn
    low, high = clopper_pearson(k, n)
    assert low == pytest.approx(0 if k == 0 else beta.ppf(0.025, k, n - k + 1), abs=1e-9)
    assert high == pytest.approx(1 if k == n else beta.ppf(0.975, k + 1, n - k), abs=1e-9)


@pytest.mark.parametrize(("k", "n"), [(0, 10), (1, 10), (5, 10), (10, 10), (3, 50)])
def test_the_ends_are_where_the_tails_hold_two_and_a_half_percent(k: int, n: int) -> None:
    def chance(successes: range, p: float) -> float:
        return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in successes)

    low, high = clopper_pearson(k, n)
    if k > 0:
        assert chance(range(k, n + 1), low) == pytest.approx(0.025)
    if k < n:
        assert chance(range(k + 1), high) == pytest.approx(0.025)
    assert low <= k / n <= high


@pytest.mark.parametrize(("k", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_refuses_what_is_no_share(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        clopper_pearson(k, n)


def test_an_interval_knows_how_many_groups_there_are() -> None:
    rng = np.random.default_rng(0)
    drawn = GroupBootstrap([i % 20 for i in range(400)])
    one = drawn.mean([i % 20 < 10 for i in range(400)])
    many = drawn.mean(rng.random(400) < 0.5)
    assert one.value == 0.5
    assert one.high - one.low > 3 * (many.high - many.low)
    assert GroupBootstrap(["a", "b"]).mean([True, True]).low == 1.0


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), min_size=1))
def test_resampled_means_are_those_of_images_that_stand_several_times(
    images: list[tuple[int, bool, bool]],
) -> None:
    groups, strata, values = (list(part) for part in zip(*images, strict=True))
    drawn = GroupBootstrap(groups, strata, draws=20, seed=3)
    chosen = np.array(strata) == strata[0]
    means = [
        np.repeat(np.array(values)[chosen], row[chosen].astype(int)).mean() for row in drawn.times
    ]
    found = drawn.mean(values, chosen)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(means, [2.5, 97.5])))


def test_a_bootstrap_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs images"):
        GroupBootstrap([])
