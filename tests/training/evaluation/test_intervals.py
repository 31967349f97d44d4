import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from training.evaluation.intervals import clopper_pearson


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
