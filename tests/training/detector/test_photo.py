from pathlib import Path

import numpy as np
import pytest

from detector.pixels.photo import PhotoAnswer, PhotoModel
from models.encoder.features import Features
from training.data.manifest import Row
from training.detector.photo import fit_photo, is_learnt
from training.detector.recipe import Recipe

RECIPE = Recipe(inputs=("embedding",), c=0.1)
FOLDS = 4
KINDS = (
    [("human", "photo")] * 60
    + [("ai", "photo")] * 20
    + [("human", "painting")] * 200
    + [("human", "icon")] * 200
    + [("human", "render")] * 40
    + [("ai", "illustration")] * 60
    + [("human", "other")] * 20
)


def rows() -> list[Row]:
    return [
        Row(i, f"{i}", Path(f"{i}"), label, source=f"{kind} {i % 8}", kind=kind)
        for i, (label, kind) in enumerate(KINDS)
    ]


def features(x: np.ndarray) -> Features:
    x = np.asarray(x, np.float32)
    tokens = x[:, None]
    return Features(x, tokens, tokens, tokens, encoder="fake:1")


def shown(seed: int = 0) -> Features:
    """Photographs differ in the first number; renders lie between; AI illustrations are photos."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(len(KINDS), 6))
    like = {"photo": 5.0, "render": 2.5, "illustration": 5.0}
    x[:, 0] += [like.get(kind, 0.0) for _, kind in KINDS]
    return features(x)


def groups() -> list[str]:
    return [f"source {row.source}" for row in rows()]


def folds() -> np.ndarray:
    return np.arange(len(KINDS)) % 8 % FOLDS


@pytest.mark.parametrize(
    ("label", "kind", "learnt"),
    [
        ("human", "photo", True),
        ("ai", "photo", True),
        ("human", "painting", True),
        ("human", "render", True),
        ("human", "other", False),
        ("human", "", False),
        ("ai", "illustration", False),
        ("ai", "anime", False),
    ],
)
def test_only_what_says_what_it_is_is_learnt(label: str, kind: str, learnt: bool) -> None:
    assert is_learnt(Row(1, "x", Path("x"), label, kind=kind)) is learnt


def test_photographs_are_found_and_the_stated_rate_of_art_is_hinted() -> None:
    found = fit_photo(rows(), shown(), groups(), folds(), RECIPE)
    assert found is not None
    assert found.thresholds.photo.measured <= 0.01
    assert found.thresholds.photo.n == 400  # neither renders nor others set the threshold
    assert found.thresholds.not_photo.n == 80
    assert found.figures.auroc.value > 0.99
    assert set(found.figures.found) == {"ai", "human"}
    assert min(figure.value for figure in found.figures.found.values()) > 0.8
    assert set(found.figures.hinted) == {"painting", "icon", "render"}
    model = PhotoModel("fake:1", found.head, found.thresholds)
    point = np.zeros((1, 6))
    assert model.read(features(point)).answer is PhotoAnswer.NOT_PHOTO
    point[0, 0] = 6
    assert model.read(features(point)).answer is PhotoAnswer.PHOTO


def test_ai_pictures_of_other_kinds_teach_nothing() -> None:
    """They look like photographs here; as works they would hide the photographs."""
    x = shown()
    without = np.array([label == "human" or kind == "photo" for label, kind in KINDS])
    kept = [row for row, use in zip(rows(), without, strict=True) if use]
    alone = fit_photo(
        kept, x[without], [f"source {r.source}" for r in kept], folds()[without], RECIPE
    )
    found = fit_photo(rows(), x, groups(), folds(), RECIPE)
    assert found is not None
    assert alone is not None
    assert found.thresholds.photo == alone.thresholds.photo
    assert found.figures == alone.figures


def test_without_photographs_in_two_folds_there_is_no_head() -> None:
    few = np.array([kind != "photo" for _, kind in KINDS])
    assert fit_photo(rows(), shown(), groups(), np.where(few, folds(), 0), RECIPE) is None
    kept = [row for row, use in zip(rows(), few, strict=True) if use]
    names = [f"source {r.source}" for r in kept]
    assert fit_photo(kept, shown()[few], names, folds()[few], RECIPE) is None


def test_where_nothing_tells_photographs_there_is_no_head() -> None:
    """Each fold's photographs differ in the other direction, so that held out they mislead."""
    two = folds() % 2
    x = 0.01 * np.random.default_rng(0).normal(size=(len(KINDS), 2))
    is_photo = np.array([kind == "photo" for _, kind in KINDS])
    x[:, 0] += np.where(is_photo, np.where(two == 0, 3.0, -1.0), 0.0)
    assert fit_photo(rows(), features(x), groups(), two, RECIPE) is None
