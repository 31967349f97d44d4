from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.pixels.photo import (
    HEAD,
    RECORD,
    PhotoAnswer,
    PhotoModel,
    load_photo_model,
    save_photo_model,
)
from models.artefact.artefact import Calibration, OperatingPoint
from models.errors import BrokenArtefact, EncoderDiffers
from tests.artefacts import ENCODER, fake_features, fake_head


def level(threshold: float, n: int) -> OperatingPoint:
    return OperatingPoint(
        rate=0.01, threshold=threshold, measured=0.009, low=0.006, high=0.014, n=n
    )


def save(folder: Path, *, photo: float = 2.0, not_photo: float = -1.0) -> PhotoModel:
    folder.mkdir(exist_ok=True)
    return save_photo_model(
        folder,
        fake_head(),
        encoder=ENCODER,
        calibration=Calibration(slope=2.0, intercept=-1.0, n_ai=300, n_human=2000),
        photo=level(photo, 2000),
        not_photo=level(not_photo, 300),
    )


@pytest.fixture
def model(tmp_path: Path) -> PhotoModel:
    return save(tmp_path)


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


def test_where_both_levels_are_passed_neither_answer_holds(tmp_path: Path) -> None:
    swapped = save(tmp_path, photo=-1.0, not_photo=2.0)
    assert swapped.read(fake_features([0.0])).answer is PhotoAnswer.UNSURE
    assert swapped.read(fake_features([3.0])).answer is PhotoAnswer.PHOTO


def test_refuses_other_features_and_no_view(model: PhotoModel) -> None:
    with pytest.raises(EncoderDiffers):
        model.read(fake_features([0.0], encoder="other:2"))
    with pytest.raises(ValueError, match="without views"):
        model.read(fake_features([]))


def test_what_was_saved_is_loaded(model: PhotoModel, tmp_path: Path) -> None:
    loaded = load_photo_model(tmp_path)
    assert loaded is not None
    assert loaded.record == model.record
    for score in (-2.0, 0.0, 3.0):
        assert loaded.read(fake_features([score])) == model.read(fake_features([score]))


def test_an_artefact_without_a_photo_head_has_none(tmp_path: Path) -> None:
    assert load_photo_model(tmp_path) is None


@pytest.mark.parametrize("missing", [HEAD, RECORD])
def test_half_a_photo_head_is_refused(tmp_path: Path, missing: str) -> None:
    save(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(BrokenArtefact):
        load_photo_model(tmp_path)


def test_a_head_that_the_record_does_not_name_is_refused(tmp_path: Path) -> None:
    save(tmp_path)
    replace(fake_head(), bias=1.0).save(tmp_path / HEAD)
    with pytest.raises(BrokenArtefact, match="not the head"):
        load_photo_model(tmp_path)


@given(st.binary(max_size=200))
def test_a_damaged_record_is_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("photo")
    save(folder)
    (folder / RECORD).write_bytes(data)
    with pytest.raises(BrokenArtefact):
        load_photo_model(folder)
