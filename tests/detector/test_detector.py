from pathlib import Path

import pytest

from detector import Detector, EvidenceKind, Verdict
from models.errors import EncoderDiffers
from tests.artefacts import fake_features, write_artefact


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    return Detector(write_artefact(tmp_path / "small"))


@pytest.mark.parametrize(
    ("score", "verdict"),
    [
        (9.0, Verdict.AI),
        (2.0, Verdict.INCONCLUSIVE),  # exactly on the threshold: not beyond it
        (0.0, Verdict.INCONCLUSIVE),
        (-1.0, Verdict.INCONCLUSIVE),
        (-1.5, Verdict.HUMAN),
    ],
)
def test_the_answer_follows_the_thresholds(
    detector: Detector, score: float, verdict: Verdict
) -> None:
    found = detector.assess(fake_features([score]))
    assert found.verdict is verdict
    assert found.pixel_score == pytest.approx(score)
    assert found.probability == found.pixel_probability
    assert found.evidence is EvidenceKind.INFERRED
    assert found.generator is None
    assert len(found.reasons) == 1
    assert found.reasons[0].endswith(".")


def test_the_reason_states_the_rate_its_interval_and_the_sample(detector: Detector) -> None:
    (reason,) = detector.assess(fake_features([9.0])).reasons
    assert "1.0 % of 1000 human works" in reason
    assert "95 % interval 0.5 to 2.0 %" in reason


def test_views_of_one_image_are_averaged(detector: Detector) -> None:
    found = detector.assess(fake_features([1.0, 2.0, 6.0]))
    assert found.pixel_score == pytest.approx(3.0)
    assert found.probability == detector.assess(fake_features([3.0])).probability


def test_images_smaller_than_any_in_training_get_no_verdict(detector: Detector) -> None:
    small = detector.assess(fake_features([9.0]), short_side=99)
    assert small.verdict is Verdict.INCONCLUSIVE
    assert "99 px" in small.reasons[0]
    assert small.pixel_score == pytest.approx(9.0)
    assert detector.assess(fake_features([9.0]), short_side=100).verdict is Verdict.AI


def test_where_both_thresholds_are_passed_neither_holds(tmp_path: Path) -> None:
    swapped = write_artefact(tmp_path / "swapped", ai_threshold=-1.0, human_threshold=2.0)
    assert Detector(swapped).assess(fake_features([0.0])).verdict is Verdict.INCONCLUSIVE
    assert Detector(swapped).assess(fake_features([3.0])).verdict is Verdict.AI


def test_refuses_features_of_another_encoder(detector: Detector) -> None:
    with pytest.raises(EncoderDiffers, match=r"small was made with the encoder fake:1, not with"):
        detector.assess(fake_features([0.0], encoder="other:2"))


def test_refuses_an_image_without_views(detector: Detector) -> None:
    with pytest.raises(ValueError, match="without views"):
        detector.assess(fake_features([]))
