from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector import Detector, Measures
from detector.pixels.information import information
from detector.pixels.views import COUNT
from evidence import Verdict, Withheld
from models.errors import EncoderDiffers
from tests.artefacts import fake_features, write_artefact

SEEN = Measures(1000, information(0.5, 0.5))
PLAIN = Measures(1000, information(0.99, 0.5))


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
    found = detector.assess(fake_features([score]), SEEN)
    assert found.verdict is verdict
    assert found.score == pytest.approx(score)
    assert found.scored is verdict
    assert found.withheld == ((Withheld.OVERLAPPING,) if verdict is Verdict.INCONCLUSIVE else ())
    assert len(found.reasons) == 1
    assert found.reasons[0].text.endswith(".")


def test_the_reason_states_the_rate_its_interval_and_the_sample(detector: Detector) -> None:
    (reason,) = detector.assess(fake_features([9.0]), SEEN).reasons
    assert "1.0 % of 1000 human works" in reason.text
    assert "95 % interval 0.5 to 2.0 %" in reason.text


def doubting(detector: Detector, doubt: float | None = 0.5) -> Detector:
    manifest = detector.artefact.manifest.model_copy(update={"doubt": doubt})
    return Detector(replace(detector.artefact, manifest=manifest))


def test_in_doubt_the_whole_and_the_detail_count(detector: Detector) -> None:
    found = doubting(detector).assess(fake_features([1.0, 6.0, 1.0]), SEEN)
    assert found.score == pytest.approx(3.5)
    assert found.probability == detector.assess(fake_features([3.5]), SEEN).probability


def test_without_doubt_the_first_view_alone_counts(detector: Detector) -> None:
    for one in (doubting(detector, 1.0), detector):
        found = one.assess(fake_features([1.0, 6.0, 9.0]), SEEN)
        assert found.score == pytest.approx(1.0)
        assert found.stability is None
    assert doubting(detector, 0.9).in_doubt(fake_features([1.0]))
    assert not doubting(detector, 1.0).in_doubt(fake_features([1.0]))
    assert not detector.in_doubt(fake_features([99.0])), "it looks at one view alone"


def test_a_verdict_that_recompression_changes_is_withheld(detector: Detector) -> None:
    stable = doubting(detector).assess(fake_features([3.0, 3.0, 2.9]), SEEN)
    assert (stable.verdict, stable.stability) == (Verdict.AI, pytest.approx(1, abs=0.01))
    flipped = doubting(detector).assess(fake_features([3.0, 3.0, -3.0]), SEEN)
    assert (flipped.scored, flipped.verdict) == (Verdict.AI, Verdict.INCONCLUSIVE)
    assert flipped.withheld == (Withheld.UNSTABLE,)
    assert "recompression" in flipped.reasons[0].text
    assert flipped.score == pytest.approx(3.0)
    assert flipped.stability == pytest.approx(
        1 - flipped.probability + detector.assess(fake_features([0.0]), SEEN).probability
    )


def test_plain_images_get_no_verdict_and_a_note(detector: Detector) -> None:
    plain = detector.assess(fake_features([9.0]), PLAIN)
    assert plain.verdict is Verdict.INCONCLUSIVE
    assert plain.probability == detector.assess(fake_features([9.0]), SEEN).probability
    assert (plain.scored, plain.withheld) == (Verdict.AI, (Withheld.TOO_PLAIN,))
    assert [one.reader for one in plain.hints] == ["low-information"]
    full = detector.assess(fake_features([9.0]), SEEN)
    assert (full.verdict, full.hints) == (Verdict.AI, ())


@given(st.integers(0, 9).filter(lambda n: n not in (1, COUNT)))
def test_an_image_has_one_view_or_all(n: int) -> None:
    with TemporaryDirectory() as folder:
        detector = Detector(write_artefact(Path(folder) / "small"))
        with pytest.raises(ValueError, match=f"not by {n}"):
            detector.assess(fake_features([0.0] * n), SEEN)


def test_images_smaller_than_any_in_training_get_no_verdict(detector: Detector) -> None:
    small = detector.assess(fake_features([9.0]), replace(SEEN, short_side=99))
    assert small.verdict is Verdict.INCONCLUSIVE
    assert "99 px" in small.reasons[0].text
    assert small.score == pytest.approx(9.0)
    assert (
        detector.assess(fake_features([9.0]), replace(SEEN, short_side=100)).verdict is Verdict.AI
    )


def test_where_both_thresholds_are_passed_neither_holds(tmp_path: Path) -> None:
    swapped = write_artefact(tmp_path / "swapped", ai_threshold=-1.0, human_threshold=2.0)
    assert Detector(swapped).assess(fake_features([0.0]), SEEN).verdict is Verdict.INCONCLUSIVE
    assert Detector(swapped).assess(fake_features([3.0]), SEEN).verdict is Verdict.AI


def test_refuses_features_of_another_encoder(detector: Detector) -> None:
    with pytest.raises(EncoderDiffers, match=r"small was made with the encoder fake:1, not with"):
        detector.assess(fake_features([0.0], encoder="other:2"), SEEN)


def test_all_that_stands_against_a_verdict_is_named(detector: Detector) -> None:
    found = detector.assess(fake_features([0.0]), replace(PLAIN, short_side=99))
    assert found.withheld == (Withheld.TOO_PLAIN, Withheld.TOO_SMALL, Withheld.OVERLAPPING)
    assert [why.code for why in found.reasons] == ["too_plain_ground"]
    assert found.information.ground == 0.99
