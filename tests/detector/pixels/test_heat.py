from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from detector.pixels.heat import draw_heat_map, heat_map, map_patches, where
from models import DetectorArtefact, Features
from models.errors import EncoderDiffers, NoPatchHead
from models.patch_head import PatchHead
from tests.artefacts import fake_features, write_artefact

SIDE = 14
FIRST = PatchHead(np.array([1, 0, 0], np.float32), bias=0.0)
"""Scores the first number of a token; the second only makes tokens equally long."""


@pytest.fixture
def artefact(tmp_path: Path) -> DetectorArtefact:
    return write_artefact(tmp_path / "small", patches=FIRST)


def planted(values: np.ndarray) -> Features:
    """Features of views whose patches have these scores: float [N, S, S]."""
    n = len(values)
    tokens = np.zeros((n, values[0].size, 3), np.float16)
    tokens[..., 0] = values.reshape(n, -1)
    tokens[..., 1] = 10
    return replace(fake_features([0.0] * n), patch_tokens=tokens)


def test_a_planted_region_is_found_exactly(artefact: DetectorArtefact) -> None:
    values = np.full((1, SIDE, SIDE), -1.0)
    values[0, 3:9, 5:] = 1
    (found,) = heat_map(planted(values), artefact)
    assert found.dtype == np.float32
    # The neighbourhood rounds off its two corners, and nothing else.
    rounded = values[0].copy()
    rounded[[3, 8], 5] = -1
    np.testing.assert_array_equal(np.sign(found), rounded)


def test_a_cell_is_the_mean_of_its_neighbourhood() -> None:
    values = np.random.default_rng(0).normal(size=(2, 5, 5)).astype(np.float16)
    features = planted(values)
    assert features.patch_tokens is not None
    found = map_patches(features.patch_tokens, FIRST)
    for row in range(5):
        for column in range(5):
            around = values[1, max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].astype(
                np.float64
            )
            assert found[1, row, column] == pytest.approx(around.mean(), abs=1e-6)


def test_tokens_that_do_not_stand_for_their_patch_are_left_out(artefact: DetectorArtefact) -> None:
    values = np.full((1, SIDE, SIDE), 0.5)
    features = planted(values)
    assert features.patch_tokens is not None
    features.patch_tokens[0, [0, 17, 100]] = (-900, 900, 0)
    np.testing.assert_allclose(heat_map(features, artefact), 0.5)
    # In the middle of many of them nothing is said.
    block = np.zeros((SIDE, SIDE), bool)
    block[4:9, 4:9] = True
    features.patch_tokens[0, block.ravel()] = (-900, 900, 0)
    (found,) = heat_map(features, artefact)
    assert (found[5:8, 5:8] == 0).all()
    assert found[4, 4] == pytest.approx(0.5)


def test_a_view_does_not_depend_on_its_batch(artefact: DetectorArtefact) -> None:
    features = planted(np.random.default_rng(0).normal(size=(4, SIDE, SIDE)))
    whole = heat_map(features, artefact)
    assert whole.shape == (4, SIDE, SIDE)
    for i in range(4):
        np.testing.assert_array_equal(heat_map(features[i : i + 1], artefact)[0], whole[i])
    assert heat_map(features[:0], artefact).shape == (0, SIDE, SIDE)


def test_refuses_what_cannot_be_mapped(artefact: DetectorArtefact, tmp_path: Path) -> None:
    features = planted(np.zeros((1, SIDE, SIDE)))
    with pytest.raises(NoPatchHead, match="the model bare has no heat map"):
        heat_map(features, write_artefact(tmp_path / "bare"))
    with pytest.raises(EncoderDiffers):
        heat_map(replace(features, encoder="other:2"), artefact)
    with pytest.raises(ValueError, match="patch tokens"):
        heat_map(fake_features([0.0]), artefact)


@pytest.mark.parametrize(
    ("hot", "says"),
    [
        (196, "Nearly everywhere"),
        (180, "Nearly everywhere"),
        (98, "In 50 % of its area"),
        (15, "Hardly anywhere"),
        (0, "Hardly anywhere"),
    ],
)
def test_it_is_said_where_a_picture_looks_like_those_of_ais(hot: int, says: str) -> None:
    values = np.where(np.arange(SIDE**2) < hot, 0.1, -3).astype(np.float32)
    assert where(values.reshape(SIDE, SIDE)).startswith(says)
    assert where(np.zeros((SIDE, SIDE), np.float32)).startswith("Nothing")


def test_the_drawing_is_warm_where_the_map_is_high() -> None:
    view = np.full((224, 224, 3), 128, np.uint8)
    values = np.full((SIDE, SIDE), -9, np.float32)
    values[:, 7:] = 9
    with Image.open(BytesIO(draw_heat_map(view, values))) as drawn:
        pixels = np.asarray(drawn.convert("RGB"), np.float64)
    red, _, blue = np.moveaxis(pixels[16 : 16 + 224, -16 - 224 : -16], 2, 0)
    assert (red - blue)[:, 120:].min() > 60
    assert (blue - red)[:, :104].min() > 60
