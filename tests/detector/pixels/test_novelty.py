"""Distances from the training set."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detector.pixels.novelty import NoveltyModel, unexplained
from models.artefact.detector import NOVELTY
from models.artefact.manifest import NoveltyThreshold, OperatingPoint
from models.encoder.features import Features
from models.errors import BrokenArtefact, EncoderDiffers
from tests.artefacts import ENCODER, fake_features, write_artefact


def model() -> NoveltyModel:
    """Training images differ in the first of three numbers of the last block."""
    level = OperatingPoint(rate=0.01, threshold=1.0, measured=0.01, low=0.0, high=0.02, n=500)
    return NoveltyModel(
        ENCODER,
        NoveltyThreshold(blocks=(1,), far=level),
        np.zeros(3, np.float32),
        np.ones(3, np.float32),
        np.array([[1, 0, 0]], np.float16),
    )


def features(*rows: tuple[float, float, float]) -> Features:
    found = fake_features([0.0] * len(rows))
    tokens = found.class_tokens.copy()
    tokens[:, 1] = rows
    tokens[:, 0] = 99  # of a block that is not read
    return replace(found, class_tokens=tokens)


def test_what_the_training_images_do_not_explain_is_the_distance() -> None:
    near = model().read(features((50.0, 1.0, -1.0)))
    assert not near.far
    assert near.distance == pytest.approx(2 / 3)
    far = model().read(features((50.0, 2.0, 0.0)))
    assert far.far
    assert far.distance == pytest.approx(4 / 3)
    assert "1.0 % of 500 human works" in model().reason.text


def test_views_of_one_image_are_averaged() -> None:
    found = model().read(features((0, 3.0, 0), (0, 0, 0)))
    assert found.distance == pytest.approx(1.5)


def test_the_distance_is_what_remains_after_the_projection() -> None:
    """By Pythagoras: the square of the whole less the squares along the directions."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 30)).astype(np.float32)
    directions = np.linalg.qr(rng.normal(size=(30, 7)))[0].T.astype(np.float32)
    expected = ((x**2).sum(axis=1) - ((x @ directions.T) ** 2).sum(axis=1)) / 30
    assert unexplained(x, directions) == pytest.approx(expected, rel=1e-4)
    assert unexplained(directions, directions) == pytest.approx(np.zeros(7), abs=1e-9)


def test_refuses_other_features_and_no_view() -> None:
    with pytest.raises(EncoderDiffers):
        model().read(fake_features([0.0], encoder="other:2"))
    with pytest.raises(ValueError, match="without views"):
        model().read(fake_features([]))


def test_what_an_artefact_holds_is_loaded(tmp_path: Path) -> None:
    loaded = NoveltyModel.of(write_artefact(tmp_path / "small", novelty=model()))
    assert loaded is not None
    assert loaded.threshold == model().threshold
    shown = features((1.0, 2.0, 3.0))
    assert loaded.read(shown) == model().read(shown)


def test_an_artefact_without_distances_has_none(tmp_path: Path) -> None:
    assert NoveltyModel.of(write_artefact(tmp_path / "small")) is None


@given(st.binary(max_size=300))
def test_a_damaged_file_is_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    artefact = write_artefact(tmp_path_factory.mktemp("novelty") / "small", novelty=model())
    (artefact.folder / NOVELTY).write_bytes(data)
    with pytest.raises(BrokenArtefact):
        NoveltyModel.of(artefact)


@pytest.mark.parametrize(
    "damage",
    [
        {"scale": np.zeros(3, np.float32)},
        {"mean": np.full(3, np.nan, np.float32)},
        {"directions": np.ones((1, 4), np.float16)},
        {"mean": np.zeros(2, np.float32)},
    ],
)
def test_damaged_numbers_are_refused(damage: dict[str, np.ndarray]) -> None:
    with pytest.raises(BrokenArtefact):
        replace(model(), **damage)
