"""What is published on a raw score."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.pixels.score import publish
from evidence.ai import Verdict
from models.artefact.manifest import OperatingPoint, OperatingPoints


def _point(threshold: float) -> OperatingPoint:
    return OperatingPoint(rate=0.01, threshold=threshold, measured=0.01, low=0.0, high=0.02, n=100)


AI, HUMAN = _point(2.0), _point(-2.0)


@pytest.mark.parametrize(
    ("score", "width", "verdict"),
    [
        (2.1, 0.0, Verdict.AI),
        (2.0, 0.0, Verdict.INCONCLUSIVE),
        (-2.1, 0.0, Verdict.HUMAN),
        (2.1, 0.25, Verdict.INCONCLUSIVE),
        (-2.1, 0.25, Verdict.INCONCLUSIVE),
        (2.26, 0.25, Verdict.AI),
        (-2.26, 0.25, Verdict.HUMAN),
    ],
)
def test_no_verdict_within_the_numerical_width_of_a_threshold(
    score: float, width: float, verdict: Verdict
) -> None:
    assert publish(score, AI, HUMAN, width)[0] is verdict


@given(st.floats(-5, 5), st.floats(0, 2))
def test_what_is_published_keeps_to_the_rates_whatever_the_width(
    score: float, width: float
) -> None:
    """The thresholds make room for it: the rates are those of what is published."""
    inner = OperatingPoints(ai=(AI,), human=(HUMAN,)).within(width)
    verdict = publish(score, inner.ai[0], inner.human[0], width)[0]
    apart = AI.threshold - width > HUMAN.threshold + width
    near = min(abs(score - AI.threshold), abs(score - HUMAN.threshold)) < 1e-9
    assert not apart or near or verdict is publish(score, AI, HUMAN)[0]


def test_no_verdict_between_thresholds_that_changed_places() -> None:
    assert publish(0.0, _point(-1.0), _point(1.0))[0] is Verdict.INCONCLUSIVE


def test_the_reason_tells_an_overlap_from_numbers_that_are_too_near() -> None:
    assert publish(2.1, AI, HUMAN, 0.25)[1].code == "pixels_too_near"
    assert publish(-2.1, AI, HUMAN, 0.25)[1].code == "pixels_too_near"
    assert publish(1.9, AI, HUMAN, 0.25)[1].code == "pixels_overlap"
    assert publish(0.0, _point(-1.0), _point(1.0), 0.25)[1].code == "pixels_overlap"
