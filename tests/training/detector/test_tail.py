from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models import Features
from models.tail import normalised
from tests.tails import small_blocks
from tests.training.tables import made_table
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.detector.recipe import TailRecipe
from training.detector.tail import Tokens, _Tail, fit_tail, gathered
from training.evaluation.metrics import auroc

START = small_blocks(width=16, block=1)
RECIPE = TailRecipe(units=32, batch=32, epochs=40, learning_rate=3e-3, units_rate=1e-2)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """What is small here is not worth sharing, least of all on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _images(n: int = 400, seed: int = 0) -> tuple[Features, np.ndarray]:
    """In every fourth patch of AI pictures, wherever it is, stands what no human work has."""
    rng = np.random.default_rng(seed)
    is_ai = rng.random(n) < 0.5
    classes = 1 + 0.1 * rng.normal(size=(n, 2, 16)).astype(np.float32)
    patches = rng.normal(size=(n, 20, 16))
    for image in np.flatnonzero(is_ai):
        patches[image, rng.permutation(20)[:5], :4] += 4
    return Features(
        classes[:, 0], classes, classes, classes, "fake:1", patches.astype(np.float16)
    ), is_ai


def _tokens(*views: Features) -> Tokens:
    patches = [normalised(np.asarray(view.patch_tokens, np.float32)) for view in views]
    return Tokens(
        np.stack([view.class_tokens[:, START.block - 1] for view in views]),
        np.stack(patches).astype(np.float16),
    )


def _auroc(scores: np.ndarray, is_ai: np.ndarray) -> float:
    return auroc(scores[is_ai], scores[~is_ai]).value


def test_learns_what_stands_in_some_patches_alone() -> None:
    seen, is_ai = _images()
    weights = np.ones(len(is_ai))
    tail = fit_tail(_tokens(seen), np.arange(len(is_ai)), is_ai, weights, START, RECIPE)
    unseen, truth = _images(seed=1)
    assert _auroc(tail.score(unseen), truth) > 0.9
    blind = replace(unseen, patch_tokens=np.zeros_like(unseen.patch_tokens))
    assert _auroc(tail.score(blind), truth) < 0.6, "the class tokens tell nothing"


def test_learns_from_the_rows_and_by_the_weights_that_it_is_given() -> None:
    seen, is_ai = _images()
    tokens, rows = _tokens(seen), np.flatnonzero(np.arange(400) % 2)
    wrong = is_ai ^ (np.arange(400) % 4 == 1)
    sure = np.where(np.arange(400) % 4 == 1, 0.0, 2.0)
    tail = fit_tail(tokens, rows, wrong[rows], sure[rows], START, RECIPE)
    unseen, truth = _images(seed=1)
    assert _auroc(tail.score(unseen), truth) > 0.8, "half of the labels are wrong and weigh nothing"


def test_the_same_seed_gives_the_same_tail_and_leaves_torchs_own_alone() -> None:
    seen, is_ai = _images(100)
    given = (_tokens(seen, _images(100, 2)[0]), np.arange(100), is_ai, np.ones(100), START)
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again = (fit_tail(*given, RECIPE, seed=3) for _ in range(2))
    assert torch.equal(torch.get_rng_state(), before)
    np.testing.assert_array_equal(first.score(seen), again.score(seen))
    other = fit_tail(*given, RECIPE, seed=4)
    assert not np.array_equal(first.score(seen), other.score(seen))


def test_what_is_tuned_is_what_ships() -> None:
    """Many images at once in torch, and one by one in NumPy with numbers of a byte."""
    features, _ = _images(50)
    torch.manual_seed(0)
    network = _Tail(START, RECIPE).eval()
    network.of_input.share = network.of_hidden.share = 0.0
    tokens = _tokens(features)
    with torch.no_grad():
        tuned = network(
            torch.from_numpy(tokens.classes[0]), torch.from_numpy(tokens.patches[0]).float()
        )
    shipped = network.tail(START).score(features)
    assert np.abs(shipped - tuned.numpy()).max() < 0.15 * float(tuned.std())


def test_tokens_lie_in_a_file_that_nobody_has_to_delete(tmp_path: Path) -> None:
    class Stored:
        def read(self, images: np.ndarray) -> np.ndarray:
            assert features.patch_tokens is not None
            return features.patch_tokens[images]

    features, is_ai = _images(300)
    rows = tuple(
        Row(i, str(i), Path(str(i)), "ai" if one else "human") for i, one in enumerate(is_ai)
    )
    table: FeatureTable = replace(made_table(rows, features), stored=Stored())  # type: ignore[arg-type]
    with gathered([table, table], START.block, tmp_path) as tokens:
        expected = _tokens(features, features)
        np.testing.assert_array_equal(tokens.classes, expected.classes)
        np.testing.assert_array_equal(tokens.patches, expected.patches)
        assert isinstance(tokens.patches, np.memmap)
        assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("blocks", [1, 3])
def test_tunes_as_many_blocks_as_there_are(blocks: int) -> None:
    seen, is_ai = _images(60)
    start = small_blocks(blocks, width=16, block=1)
    recipe = replace(RECIPE, epochs=1)
    tail = fit_tail(_tokens(seen), np.arange(60), is_ai, np.ones(60), start, recipe)
    assert tail.norms.shape == (blocks, 2, 2, 16)
    assert np.isfinite(tail.score(seen)).all()
