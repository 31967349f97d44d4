from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import Detector, EvidenceKind, Verdict
from detector.pixels.information import LowInformation
from detector.pixels.views import COUNT
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


def doubting(detector: Detector, doubt: float | None = 0.5) -> Detector:
    manifest = detector.artefact.manifest.model_copy(update={"doubt": doubt})
    return Detector(replace(detector.artefact, manifest=manifest))


def test_in_doubt_the_whole_and_the_detail_count(detector: Detector) -> None:
    found = doubting(detector).assess(fake_features([1.0, 6.0, 1.0]))
    assert found.pixel_score == pytest.approx(3.5)
    assert found.probability == detector.assess(fake_features([3.5])).probability


def test_without_doubt_the_first_view_alone_counts(detector: Detector) -> None:
    for one in (doubting(detector, 1.0), detector):
        found = one.assess(fake_features([1.0, 6.0, 9.0]))
        assert found.pixel_score == pytest.approx(1.0)
        assert found.stability is None
    assert doubting(detector, 0.9).in_doubt(fake_features([1.0]))
    assert not doubting(detector, 1.0).in_doubt(fake_features([1.0]))
    assert not detector.in_doubt(fake_features([99.0])), "it looks at one view alone"


def test_a_verdict_that_recompression_changes_is_withheld(detector: Detector) -> None:
    stable = doubting(detector).assess(fake_features([3.0, 3.0, 2.9]))
    assert (stable.verdict, stable.stability) == (Verdict.AI, pytest.approx(1, abs=0.01))
    flipped = doubting(detector).assess(fake_features([3.0, 3.0, -3.0]))
    assert flipped.verdict is Verdict.INCONCLUSIVE
    assert "recompression" in flipped.reasons[0]
    assert flipped.pixel_score == pytest.approx(3.0)
    assert flipped.stability == pytest.approx(
        1 - flipped.probability + detector.assess(fake_features([0.0])).probability
    )


def test_plain_images_get_no_verdict_and_a_note(detector: Detector) -> None:
    plain = detector.assess(fake_features([9.0]), information=LowInformation(0.99, 0.5))
    assert plain.verdict is Verdict.INCONCLUSIVE
    assert plain.probability == detector.assess(fake_features([9.0])).probability
    assert [one.reader for one in plain.signals] == ["low-information"]
    full = detector.assess(fake_features([9.0]), information=LowInformation(0.5, 0.5))
    assert (full.verdict, full.signals) == (Verdict.AI, ())


@given(st.integers(0, 9).filter(lambda n: n not in (1, COUNT)))
def test_an_image_has_one_view_or_all(n: int) -> None:
    with TemporaryDirectory() as folder:
        detector = Detector(write_artefact(Path(folder) / "small"))
        with pytest.raises(ValueError, match=f"not by {n}"):
            detector.assess(fake_features([0.0] * n))


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


def test_what_else_the_pixels_show_stands_among_the_reasons(detector: Detector) -> None:
    found = detector.assess(fake_features([9.0]), information=LowInformation(0.99, 0.5))
    assert found.signals[0].text in found.reasons
