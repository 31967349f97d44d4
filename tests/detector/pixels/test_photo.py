"""The photo signal, with a head that gives the scores of the test."""

from dataclasses import replace
from pathlib import Path

import pytest

from detector.pixels.photo import PhotoAnswer, PhotoModel
from models.artefact.detector import PHOTO
from models.artefact.manifest import Calibration, OperatingPoint, PhotoThresholds
from models.errors import BrokenArtefact, EncoderDiffers
from tests.artefacts import ENCODER, fake_features, fake_head, write_artefact


def level(threshold: float, n: int) -> OperatingPoint:
    shares = {"measured": 0.009, "low": 0.006, "high": 0.014}
    return OperatingPoint(rate=0.01, threshold=threshold, n=n, **shares)


def thresholds(photo: float = 2.0, not_photo: float = -1.0) -> PhotoThresholds:
    return PhotoThresholds(
        calibration=Calibration(slope=2.0, intercept=-1.0, n_ai=300, n_human=2000),
        photo=level(photo, 2000),
        not_photo=level(not_photo, 300),
    )


@pytest.fixture
def model() -> PhotoModel:
    return PhotoModel(ENCODER, fake_head(), thresholds())


@pytest.mark.parametrize(
    ("score", "answer"),
    [(2.5, "photo"), (2.0, "unsure"), (0.0, "unsure"), (-1.0, "unsure"), (-1.5, "not_photo")],
)
def test_the_answer_follows_the_levels(model: PhotoModel, score: float, answer: str) -> None:
    found = model.read(fake_features([score]))
    assert found.answer == answer
    assert found.score == pytest.approx(score)


def test_the_hint_says_how_often_it_is_wrong_and_of_whom(model: PhotoModel) -> None:
    hint = model.hint.text
    assert "0.9 % of 2000 drawn and painted works" in hint
    assert "0.6 to 1.4 %" in hint


def test_the_probability_is_calibrated_and_rises_with_the_score(model: PhotoModel) -> None:
    assert model.read(fake_features([0.5])).probability == pytest.approx(0.5)
    first, second = (model.read(fake_features([s])).probability for s in (0.0, 1.0))
    assert first < second


def test_views_of_one_image_are_averaged(model: PhotoModel) -> None:
    assert model.read(fake_features([1.0, 2.0, 6.0])).score == pytest.approx(3.0)


def test_where_both_levels_are_passed_neither_answer_holds() -> None:
    swapped = PhotoModel(ENCODER, fake_head(), thresholds(photo=-1.0, not_photo=2.0))
    assert swapped.read(fake_features([0.0])).answer is PhotoAnswer.UNSURE
    assert swapped.read(fake_features([3.0])).answer is PhotoAnswer.PHOTO


def test_refuses_other_features_and_no_view(model: PhotoModel) -> None:
    with pytest.raises(EncoderDiffers):
        model.read(fake_features([0.0], encoder="other:2"))
    with pytest.raises(ValueError, match="without views"):
        model.read(fake_features([]))


def test_what_an_artefact_holds_is_loaded(model: PhotoModel, tmp_path: Path) -> None:
    loaded = PhotoModel.of(write_artefact(tmp_path / "small", photo=thresholds()))
    assert loaded is not None
    assert loaded.thresholds == model.thresholds
    for score in (-2.0, 0.0, 3.0):
        assert loaded.read(fake_features([score])) == model.read(fake_features([score]))


def test_an_artefact_without_a_photo_head_has_none(tmp_path: Path) -> None:
    assert PhotoModel.of(write_artefact(tmp_path / "small")) is None


def test_thresholds_without_a_head_are_refused(tmp_path: Path) -> None:
    artefact = write_artefact(tmp_path / "small", photo=thresholds())
    manifest = artefact.manifest
    files = {name: entry for name, entry in manifest.files.items() if name != PHOTO}
    lacking = replace(artefact, manifest=manifest.model_copy(update={"files": files}))
    with pytest.raises(BrokenArtefact, match=f"lacks {PHOTO}"):
        PhotoModel.of(lacking)
