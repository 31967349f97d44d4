import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from training.detector.calibrate import fit_platt, operating_point, operating_points

scores = st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=300)


def _samples(shift: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(shift, 2, 300), rng.normal(-shift, 1.5, 900)


@pytest.mark.parametrize("shift", [0.2, 1.0, 3.0, 20.0])
def test_platt_is_the_minimum_that_scipy_finds(shift: float) -> None:
    ai, human = _samples(shift)

    def loss(theta: np.ndarray) -> float:
        """Cross-entropy with Platt's targets, written per class."""
        up, down = theta[0] * ai + theta[1], theta[0] * human + theta[1]
        t1, t0 = (len(ai) + 1) / (len(ai) + 2), 1 / (len(human) + 2)
        of_ai = t1 * np.logaddexp(0, -up) + (1 - t1) * np.logaddexp(0, up)
        of_human = t0 * np.logaddexp(0, -down) + (1 - t0) * np.logaddexp(0, down)
        return float(of_ai.mean() + of_human.mean())

    found = fit_platt(ai, human)
    best = minimize(loss, [0.1, 0.0], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13})
    assert loss(np.array([found.slope, found.intercept])) <= best.fun + 1e-9
    assert found.slope == pytest.approx(best.x[0], rel=1e-3)
    assert (found.n_ai, found.n_human) == (300, 900)


def test_classes_weigh_the_same_whatever_their_sizes() -> None:
    ai, human = _samples(1.0)
    once, thrice = fit_platt(ai, human), fit_platt(ai, np.tile(human, 3))
    assert once.probability(0.0) == pytest.approx(thrice.probability(0.0), abs=0.002)


@pytest.mark.parametrize("score", [-1e6, -3.0, 0.0, 3.0, 1e6])
def test_probability_is_the_logistic_function_and_never_overflows(score: float) -> None:
    calibration = fit_platt(*_samples(1.0))
    z = calibration.slope * score + calibration.intercept
    assert calibration.probability(score) == pytest.approx(0.5 * (1 + np.tanh(z / 2)), abs=1e-12)


@given(st.floats(-100, 100), st.floats(0, 100))
def test_a_higher_score_never_lowers_the_probability(score: float, more: float) -> None:
    calibration = fit_platt(*_samples(1.0))
    assert calibration.probability(score + more) >= calibration.probability(score)


@pytest.mark.parametrize(
    ("ai", "human"),
    [([0.0, 1.0], [2.0, 3.0]), ([], [1.0]), ([1.0], []), ([np.nan], [0.0])],
)
def test_refuses_what_cannot_be_calibrated(ai: list[float], human: list[float]) -> None:
    with pytest.raises(ValueError, match="calibrat"):
        fit_platt(ai, human)


@given(scores, st.sampled_from([0.1, 0.05, 0.01, 0.005]))
def test_thresholds_keep_their_rate_on_their_own_sample(values: list[float], rate: float) -> None:
    above = operating_point("above", rate, values)
    below = operating_point("below", rate, values)
    x = np.array(values, np.float64)
    assert (x > above.threshold).mean() == above.measured <= rate
    assert (x < below.threshold).mean() == below.measured <= rate
    assert above.low <= above.measured <= above.high
    # No stricter than need be: the next lower score would let too many through.
    if (x < above.threshold).any() and rate * x.size >= 1:
        looser = x[x < above.threshold].max()
        assert (x > looser).mean() > rate


@given(scores)
def test_stricter_rates_have_higher_thresholds(values: list[float]) -> None:
    thresholds = [operating_point("above", r, values).threshold for r in (0.1, 0.05, 0.01, 0.005)]
    assert thresholds == sorted(thresholds)


def test_points_are_given_where_the_sample_is_large_enough_and_where_published() -> None:
    rng = np.random.default_rng(0)
    points = operating_points(rng.random(30), rng.random(150), ai_rate=0.01, human_rate=0.05)
    assert [p.rate for p in points.ai] == [0.10, 0.05, 0.01]
    assert [p.rate for p in points.human] == [0.10, 0.05]
    tiny = operating_points(rng.random(3), rng.random(5), ai_rate=0.01, human_rate=0.05)
    assert [(p.rate, p.measured) for p in tiny.ai] == [(0.01, 0)]
    assert [(p.rate, p.measured) for p in tiny.human] == [(0.05, 0)]
    assert tiny.ai[0].high > 0.4, "five works bear no claim of 1 %, and the interval says so"
