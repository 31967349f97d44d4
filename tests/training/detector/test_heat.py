from pathlib import Path

import numpy as np
import pytest

from models import load_encoder
from models.patch_head import stands_for_patch
from tests.artefacts import FakeEncoder, fake_features
from tests.training.grainy import grainy_table
from tests.training.tables import made_table
from training.data.features import FeatureTable, compute_features
from training.data.manifest import Row, in_split, read_manifest
from training.data.splits import assign_folds, group_keys, join_groups, near_duplicates
from training.detector.heat import PATCHES, fit_heat, fit_patch_head, sample_patches
from training.detector.recipe import Recipe
from training.errors import TooFewImages

RECIPE = Recipe(folds=3)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> FeatureTable:
    return grainy_table(tmp_path_factory.mktemp("images"))


class InMemory(FeatureTable):
    """A table of made tokens; `hashes` holds them, for want of images."""

    def patch_tokens(self, images: np.ndarray) -> np.ndarray:
        return self.hashes[images]


def in_memory(tokens: np.ndarray, is_ai: np.ndarray) -> InMemory:
    rows = tuple(
        Row(line=i, name=str(i), path=Path(str(i)), label="ai" if ai else "human", source=str(i))
        for i, ai in enumerate(is_ai)
    )
    features = fake_features([0.0] * len(rows))
    return InMemory(**vars(made_table(rows, features, tokens)))


def assigned(table: FeatureTable, folds: int) -> tuple[list[str], np.ndarray]:
    groups = join_groups(table.rows, group_keys(table.rows), near_duplicates(table))
    return groups, assign_folds(groups, [row.label for row in table.rows], folds, 0)


def test_the_head_finds_what_tells_ai_parts(table: FeatureTable) -> None:
    found = fit_heat(table, *assigned(table, 3), FakeEncoder(), RECIPE, collages=30)
    weight = found.head.weight
    assert weight[1] > 0, "the grain"
    assert found.localisation is not None
    assert found.localisation.auroc.value > 0.95


def test_the_same_data_gives_the_same_head(table: FeatureTable) -> None:
    one, two = (
        fit_heat(table, *assigned(table, 3), FakeEncoder(), RECIPE, collages=3) for _ in range(2)
    )
    np.testing.assert_array_equal(one.head.weight, two.head.weight)
    assert one.head.bias == two.head.bias
    assert one.localisation == two.localisation


def test_patches_are_of_their_image_and_stand_for_themselves(table: FeatureTable) -> None:
    patches = sample_patches(table, seed=0)
    assert patches.shape == (len(table.rows), PATCHES, 3)
    assert patches.dtype == np.float16
    for i in (0, 17, 35):
        tokens = table.patch_tokens(np.array([i]))
        local = tokens[stands_for_patch(tokens)]
        for patch in patches[i]:
            assert (local == patch).all(axis=1).any()
        assert len(np.unique(patches[i], axis=0)) == PATCHES, "each taken once"


def test_log_odds_are_those_of_the_data() -> None:
    # Two classes, normal with means 0 and 2 and variance 1, all patches of an image alike: the
    # log-odds of x are 2 x - 2, whatever the penalty makes of them.
    rng = np.random.default_rng(0)
    is_ai = np.arange(12000) % 3 == 1
    x = rng.normal(np.where(is_ai, 2.0, 0.0), 1.0)[:, None].repeat(4, axis=1)
    tokens = np.stack([x, rng.normal(size=x.shape), np.full(x.shape, 30)], axis=2)
    table = in_memory(tokens.astype(np.float16), is_ai)
    groups, folds = [str(i) for i in range(12000)], np.arange(12000) // 3 % 3
    found = fit_heat(table, groups, folds, FakeEncoder(), RECIPE, collages=0)
    assert found.localisation is None
    np.testing.assert_allclose(found.head.weight, [2, 0, 0], atol=0.15)
    assert found.head.bias == pytest.approx(-2, abs=0.15)


def test_images_count_what_they_weigh() -> None:
    rng = np.random.default_rng(0)
    patches = rng.normal(size=(400, 4, 2)).astype(np.float16)
    is_ai = np.arange(400) % 2 == 1
    patches[:200, :, 0] += np.where(is_ai[:200], 2, -2)[:, None]
    patches[200:, :, 0] -= np.where(is_ai[200:], 2, -2)[:, None]
    first = np.where(np.arange(400) < 200, 1.99, 0.01)
    assert fit_patch_head(patches, is_ai, first).weight[0] > 0
    assert fit_patch_head(patches, is_ai, first[::-1]).weight[0] < 0


def test_patches_that_tell_nothing_of_images_held_out_are_an_error() -> None:
    # What holds in one fold is the other way round in the other.
    is_ai, folds = np.arange(80) % 2 == 1, np.arange(80) // 2 % 2
    tokens = np.full((80, 16, 3), 30, np.float16)
    tokens[..., 0] = np.where(is_ai == (folds == 1), 1, -1)[:, None]
    groups = [str(i) for i in range(80)]
    with pytest.raises(TooFewImages, match="the heat map tells nothing on held-out images"):
        fit_heat(in_memory(tokens, is_ai), groups, folds, FakeEncoder(), Recipe(folds=2))


def test_ai_parts_of_real_collages_are_hotter(
    data_dir: Path, encoder_cache: Path, tmp_path: Path
) -> None:
    encoder = load_encoder(encoder_cache)
    rows = in_split(read_manifest(data_dir / "manifest.csv"), "train")
    table = compute_features(every(rows, 40), encoder, tmp_path, tokens=True)
    recipe = Recipe(folds=2)
    found = fit_heat(table, *assigned(table, 2), encoder, recipe, collages=36).localisation
    assert found is not None
    assert found.hotter.low > 0.5
    assert found.auroc.low > 0.5


def every(rows: tuple[Row, ...], count: int) -> list[Row]:
    """As many of each class, spread over all of the manifest."""
    chosen = []
    for label in ("ai", "human"):
        of_class = [row for row in rows if row.label == label]
        chosen += [of_class[i * len(of_class) // count] for i in range(count)]
    return chosen
