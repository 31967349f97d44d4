"""The statistic over a set of works."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import combine_pvalues

from labelling.account.surprise import FLOOR, NEAR, surprise

P_VALUES = st.lists(st.floats(0, 1), min_size=3, max_size=30)


@given(P_VALUES)
def test_it_is_fishers_statistic_for_each_work(p_values: list[float]) -> None:
    # SciPy's is chi-squared: twice the sum.
    whole = combine_pvalues(np.maximum(p_values, FLOOR), method="fisher").statistic
    assert surprise(p_values, 0) == pytest.approx(whole / 2 / len(p_values), abs=1e-9)
    assert 0 <= surprise(p_values, 3) <= -log(FLOOR) + 1e-9


def test_many_weak_likenesses_are_strong_together() -> None:
    assert surprise([0.1] * 8, 3) == pytest.approx(log(10))
    assert surprise([0.1] * 2, 3) == 0
    assert surprise([0.1] * 3 + [1.0] * 27, 3) == pytest.approx(log(10) / 10)


def test_a_work_alone_does_not_outweigh_the_others() -> None:
    assert surprise([1e-12, 1.0, 1.0, 1.0], 1) < surprise([0.1] * 4, 1)
    assert surprise([1e-12, 1.0, 1.0, 1.0], 3) == 0


@given(P_VALUES, st.integers(1, 5), st.integers(1, 4))
def test_more_of_the_works_that_are_near_never_make_it_smaller(
    p_values: list[float], least: int, more: int
) -> None:
    near = [p for p in p_values if p <= NEAR]
    assert surprise(p_values + near * more, least) >= surprise(p_values, least) - 1e-12


@given(P_VALUES, st.integers(1, 5), st.integers(1, 20))
def test_another_work_that_is_not_near_never_makes_it_larger(
    p_values: list[float], least: int, more: int
) -> None:
    assert surprise(p_values + [1.0] * more, least) <= surprise(p_values, least)
