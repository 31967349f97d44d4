from pathlib import Path

import numpy as np
import pytest

from models.artefact.detector import NOVELTY
from models.encoder.features import Features
from training.detector.novelty import fit_novelty

N, WIDTH = 400, 24


def features(tokens: np.ndarray) -> Features:
    rows = len(tokens)
    tokens = tokens.reshape(rows, 8, -1).astype(np.float32)
    zeros = np.zeros((rows, 1, 3), np.float32)
    return Features(np.zeros((rows, 4), np.float32), tokens, zeros, zeros, encoder="fake:1")


def in_a_plane(n: int, seed: int) -> np.ndarray:
    """Class tokens of 8 blocks that vary in five directions, and a little in all."""
    rng = np.random.default_rng(seed)
    directions = np.random.default_rng(99).normal(size=(5, 8 * WIDTH))
    return rng.normal(size=(n, 5)) @ directions + 0.1 * rng.normal(size=(n, 8 * WIDTH))


@pytest.fixture(scope="module")
def known() -> Features:
    return features(in_a_plane(N, 0))


def fitted(known: Features):
    return fit_novelty(known, np.arange(N) % 4 == 0, np.arange(N) // 80, rate=0.02)


def test_the_stated_rate_of_held_out_works_is_far(known: Features) -> None:
    found = fitted(known)
    level = found.model.threshold.far
    assert level.n == N * 3 // 4
    assert 0 < level.measured <= 0.02
    assert found.far["human"].value == level.measured
    assert found.model.threshold.blocks == (1, 3, 5, 7)


def test_more_of_the_same_is_near_and_other_directions_are_far(known: Features) -> None:
    model = fitted(known).model
    threshold = model.threshold.far.threshold
    same = model.distances(features(in_a_plane(500, 7)))
    assert (same > threshold).mean() < 0.06
    other = in_a_plane(50, 8) + np.random.default_rng(3).normal(size=(50, 8 * WIDTH))
    assert (model.distances(features(other)) > threshold).all()


def test_the_same_images_give_the_same_distances(known: Features) -> None:
    first, second = fitted(known), fitted(known)
    assert (first.distances == second.distances).all()
    assert (first.model.directions == second.model.directions).all()


def test_saved_with_an_artefact_it_is_small(known: Features, tmp_path: Path) -> None:
    fitted(known).model.save(tmp_path)
    assert (tmp_path / NOVELTY).stat().st_size < 1_000_000


def test_without_human_works_there_is_no_threshold(known: Features) -> None:
    with pytest.raises(ValueError, match="finite scores"):
        fit_novelty(known, np.ones(N, bool), np.arange(N) % 5)
