import numpy as np
import pytest

from similarity.styles.imitation import BY_AI, WEIGHTS, imitation, reached
from similarity.styles.likeness import SAMPLE, Body, evenly
from similarity.styles.open_set import RIVALS, SPREAD, soft_minimum
from similarity.vectors.base import unit

WIDTH = 16


def vectors(n, seed):
    return unit(np.random.default_rng(seed).normal(size=(n, WIDTH)).astype(np.float32))


@pytest.mark.parametrize("count", [1, RIVALS - 1, RIVALS, 200])
def test_pictures_by_ais_reach_what_the_nearest_of_them_do(count):
    body, by_ai = Body(vectors(5, 0)), vectors(count, 1)
    nearest = sorted((float(body.likeness(one[None])[0]) for one in by_ai), reverse=True)[:RIVALS]
    assert reached(body, by_ai) == pytest.approx(np.mean(nearest), abs=1e-5)


def test_of_many_works_some_are_looked_at():
    works, by_ai = vectors(SAMPLE + 50, 0), vectors(60, 1)
    some = Body(works[evenly(len(works), SAMPLE)])
    assert reached(Body(works), by_ai) == reached(some, by_ai)


def test_without_pictures_by_ais_nothing_is_reached():
    assert reached(Body(vectors(5, 0)), vectors(0, 1)) == -np.inf
    assert np.isfinite(imitation(0.3, -np.inf, 0.0))


def test_the_weaker_comparison_counts_most():
    (middle, high), (outside, within) = BY_AI
    typical = imitation(SPREAD * middle, 0.0, outside)
    assert typical == pytest.approx(0)
    assert imitation(SPREAD * high, 0.0, within) == pytest.approx(1)
    near, inside = imitation(SPREAD * 20, 0.0, outside), imitation(SPREAD * middle, 0.0, 5.0)
    for one in (near, inside):
        assert 0 < one <= np.log(WEIGHTS.sum()) + 1e-9, "one alone is worth little"
    assert imitation(SPREAD * 20, 0.0, 5.0) > 5


def test_it_rises_with_each_and_falls_with_what_others_reach():
    likeness, inside = np.linspace(-1, 1, 21), np.linspace(-2, 2, 21)
    assert (np.diff(imitation(likeness, 0.1, 0.0)) > 0).all()
    assert (np.diff(imitation(0.2, 0.1, inside)) > 0).all()
    assert imitation(0.2, 0.1, 0.0) > imitation(0.2, 0.3, 0.0)


def test_a_soft_minimum_is_about_the_least():
    scales, weights = np.array([(0, 1), (2, 4), (-1, 0)]), np.array([1, 1, 4])
    same = soft_minimum([np.array(3.0), np.array(8.0), np.array(2.0)], scales, weights)
    assert same == pytest.approx(3), "where all are equal, so is what comes of them"
    rng = np.random.default_rng(0)
    compared = rng.normal(size=(3, 50)) * 5
    found = soft_minimum(list(compared), scales, weights)
    scaled = (compared - scales[:, :1]) / (scales[:, 1:] - scales[:, :1])
    expected = -np.log((np.exp(-scaled) * weights[:, None]).sum(axis=0) / weights.sum())
    np.testing.assert_allclose(found, expected, rtol=1e-9)
