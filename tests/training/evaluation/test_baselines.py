from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imaging.codecs.encoding import EncodingFacts
from imaging.perturbations.web import Tier
from tests.artefacts import FakeEncoder
from training.data.augmentation import TIERS
from training.data.features import FeatureTable, compute_features
from training.data.manifest import Row, in_split, read_manifest
from training.detector.linear import fit_linear
from training.detector.recipe import Recipe, image_weights
from training.errors import TooFewImages
from training.evaluation.baselines import (
    FOLDS,
    format_columns,
    format_cross_fitted,
    format_trained,
    standard_recipes,
)
from training.evaluation.metrics import auroc


def _table(rows: tuple[Row, ...], cache: Path, tier: Tier = Tier.CLEAN) -> FeatureTable:
    return compute_features(rows, FakeEncoder(), cache, None, TIERS[tier])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def tables(small_manifest: Path, cache: Path) -> dict[Tier, FeatureTable]:
    rows = in_split(read_manifest(small_manifest), "dev")
    return {tier: _table(rows, cache, tier) for tier in Tier}


@pytest.fixture(scope="module")
def known(small_manifest: Path, cache: Path) -> FeatureTable:
    return _table(in_split(read_manifest(small_manifest), "train"), cache)


def _value(table: FeatureTable, scores: np.ndarray) -> float:
    return auroc(scores[table.is_ai], scores[~table.is_ai]).value


def test_the_recipes_are_linear_heads_on_the_training_features(
    known: FeatureTable, tables: dict[Tier, FeatureTable]
) -> None:
    blocks, last = standard_recipes(known, tables)
    assert (blocks.name, last.name) == ("all_blocks", "last_layer")
    recipe = Recipe(inputs=("class_tokens",))
    weights = image_weights(known.rows, known.is_ai, recipe)
    head = fit_linear(known.features, known.is_ai, weights, recipe)
    for tier, table in tables.items():
        np.testing.assert_array_equal(blocks.scores[tier], head.score(table.features))


def test_format_tells_nothing_where_both_classes_are_stored_alike(
    known: FeatureTable, tables: dict[Tier, FeatureTable]
) -> None:
    """All are PNGs of one size; only their bytes per pixel differ, which grain makes so."""
    scores = format_trained(known, tables).scores
    for tier in (Tier.WEB, Tier.HARD):
        assert 0.3 < _value(tables[tier], scores[tier]) < 0.7


@pytest.fixture
def squares(tmp_path: Path) -> FeatureTable:
    """Noise by both classes, but the AI's are squares in WebP and the humans' are not."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(80):
        ai = i % 2 == 0
        pixels = rng.integers(0, 256, (64, 64 if ai else 80, 3)).astype(np.uint8)
        path = tmp_path / f"{i}.{'webp' if ai else 'png'}"
        Image.fromarray(pixels).save(path)
        label = "ai" if ai else "human"
        rows.append(Row(i, path.name, path, label, source=f"{label}-{i % 20}"))
    return _table(tuple(rows), tmp_path / "cache")


def test_files_that_give_the_class_away_are_found_out(squares: FeatureTable) -> None:
    groups = [row.source for row in squares.rows]
    clean = {Tier.CLEAN: squares}
    found = format_cross_fitted(clean, groups)
    assert _value(squares, found.scores[Tier.CLEAN]) == 1
    trained = format_trained(squares.where(np.arange(80) < 40), clean)
    assert _value(squares, trained.scores[Tier.CLEAN]) == 1
    # What is known of a degraded image, its sides, is enough here, too.
    hard = compute_features(
        squares.rows, FakeEncoder(), squares.rows[0].path.parent, None, TIERS[Tier.HARD]
    )
    of_hard = format_cross_fitted({Tier.HARD: hard}, groups)
    assert _value(hard, of_hard.scores[Tier.HARD]) > 0.9


def test_cross_fitting_never_scores_a_group_by_itself(squares: FeatureTable) -> None:
    """With labels given to groups by chance, nothing can be told."""
    rng = np.random.default_rng(1)
    rows = tuple(
        Row(r.line, r.name, r.path, "ai" if label else "human", source=f"{i // 4}")
        for i, (r, label) in enumerate(
            zip(squares.rows, np.repeat(rng.random(20) < 0.5, 4), strict=True)
        )
    )
    table = replace(squares, rows=rows)
    scores = format_cross_fitted({Tier.CLEAN: table}, [r.source for r in rows]).scores[Tier.CLEAN]
    assert 0.2 < _value(table, scores) < 0.8


def test_too_few_groups_cannot_be_cross_fitted(squares: FeatureTable) -> None:
    with pytest.raises(TooFewImages):
        format_cross_fitted({Tier.CLEAN: squares}, [str(i % (FOLDS - 1)) for i in range(80)])
    with pytest.raises(TooFewImages):
        format_trained(squares.where(squares.is_ai), {Tier.CLEAN: squares})


def test_columns_of_a_file() -> None:
    jpeg = EncodingFacts("jpeg", 512, 768, 98304, 10.0, 20.0, "420", progressive=True)
    sides = EncodingFacts("", 512, 768, 0)
    known, degraded, unread = format_columns([jpeg, sides, None])
    assert known[:7].tolist() == [9, np.log2(768), np.log2(2 / 3), -np.log2(2 / 3), 0, 2, 2]
    np.testing.assert_array_equal(degraded[:7], known[:7])
    assert np.isnan(degraded[7:]).all()
    assert np.isnan(unread).all()
    assert known[7:15].tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert known[15:].tolist() == [-2, 10, 20, -10, 420, 1]
