from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from models.encoder.features import Features
from tests.training.detector import numpy_networks
from training.detector.networks import fit_networks, fit_streamed, schedule
from training.detector.recipe import Recipe
from training.errors import TrainingError
from training.evaluation.metrics import auroc

SMALL = Recipe(networks=2, hidden=8, epochs=30, batch=16, learning_rate=1e-2)


def test_the_rate_rises_and_falls() -> None:
    rates = [schedule(done) for done in np.linspace(0, 1, 101)]
    assert 0 < rates[0] < 0.1
    assert max(rates) == pytest.approx(1)
    assert rates[-1] == pytest.approx(0)
    assert np.argmax(rates) == 10


def _features(x: np.ndarray) -> Features:
    tokens = x[:, None, :]
    return Features(tokens[:, 0], tokens, tokens, tokens, encoder="fake:1")


def _noisy(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Two classes that overlap, around each other in two of twelve numbers."""
    is_ai = rng.random(n) < 0.4
    angle, radius = rng.uniform(0, 6.28, n), np.where(is_ai, 2.6, 1.2) + rng.normal(0, 0.7, n)
    x = rng.normal(size=(n, 12))
    x[:, 0], x[:, 1] = radius * np.cos(angle), radius * np.sin(angle)
    x[:, 2] += 0.5 * is_ai
    return x.astype(np.float32), is_ai


def test_ranks_images_held_out_as_the_obvious_loop_does() -> None:
    """The slow derivation, step by step in NumPy, on the same images with the same recipe."""
    rng = np.random.default_rng(0)
    x, is_ai = _noisy(rng, 1600)
    views = np.stack([x, x + rng.normal(0, 0.3, x.shape).astype(np.float32)])
    weights = np.where(is_ai, 0.5 / is_ai.mean(), 0.5 / (~is_ai).mean())
    rows, held = np.arange(800), np.arange(800, 1600)
    recipe = replace(SMALL, networks=3, hidden=32, batch=64, learning_rate=3e-3, dropout=0.2)
    scores = [
        fit(views, rows, is_ai[rows], weights[rows], recipe).score(_features(x[held]))
        for fit in (fit_networks, numpy_networks.fit_networks)
    ]
    ours, theirs = (auroc(s[is_ai[held]], s[~is_ai[held]]).value for s in scores)
    assert theirs > 0.8, "the loop has learnt something to be compared with"
    assert ours == pytest.approx(theirs, abs=0.01)
    assert spearmanr(*scores).statistic > 0.95


def test_heads_fitted_in_one_pass_rank_as_those_fitted_one_by_one() -> None:
    rng = np.random.default_rng(0)
    x, is_ai = _noisy(rng, 1600)
    rows, held = np.arange(800), np.arange(800, 1600)
    balanced = np.where(is_ai, 0.5 / is_ai.mean(), 0.5 / (~is_ai).mean())
    recipe = replace(SMALL, networks=3, hidden=32, batch=64, learning_rate=3e-3, dropout=0.2)
    alone = fit_networks(x[None], rows, is_ai[rows], balanced[rows], recipe)

    def blocks() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        while True:
            order = rng.permutation(1600)
            yield order, x[order]

    halves = [np.where(np.isin(np.arange(1600), half), 2 * balanced, 0) for half in (rows, held)]
    weights = [half.astype(np.float32) for half in halves]
    standard = (alone.mean, alone.scale)
    # Half of what each step meets counts for nothing.
    steps, twice = recipe.epochs * 800 // recipe.batch, replace(recipe, batch=128)
    first, second = fit_streamed(blocks(), is_ai, weights, standard, twice, steps)
    scores = [head.score(_features(x[held])) for head in (first, alone)]
    ours, theirs = (auroc(s[is_ai[held]], s[~is_ai[held]]).value for s in scores)
    assert theirs > 0.8
    assert ours == pytest.approx(theirs, abs=0.02)
    assert spearmanr(*scores).statistic > 0.9
    seen = second.score(_features(x[held]))
    assert auroc(seen[is_ai[held]], seen[~is_ai[held]]).value > ours, "which it has learnt from"
    with pytest.raises(ValueError, match="enough for 3 steps"):
        fit_streamed(
            iter([(rows, x[rows])]), is_ai, weights, standard, replace(recipe, batch=300), 9
        )


def _ring(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """AI pictures around human works: no line parts them."""
    is_ai = np.arange(n) % 2 == 0
    angle, radius = rng.uniform(0, 6.28, n), np.where(is_ai, 3.0, 0.5)
    x = np.stack([radius * np.cos(angle), radius * np.sin(angle), rng.normal(size=n)], axis=1)
    return x.astype(np.float32), is_ai


def test_learns_what_no_line_parts_from_the_rows_that_it_may_see() -> None:
    rng = np.random.default_rng(3)
    x, is_ai = _ring(rng, 400)
    wrong = np.arange(400) >= 300
    rows = np.flatnonzero(~wrong)
    hidden = x.copy()
    hidden[wrong] = np.nan  # a row that may not be seen would spoil everything
    recipe = Recipe(networks=3, hidden=32, dropout=0.1, epochs=60, batch=32, learning_rate=1e-2)
    head = fit_networks(np.stack([hidden, hidden]), rows, is_ai[rows], np.ones(300), recipe)
    scores = head.score(_features(x))[wrong]
    assert scores[is_ai[wrong]].min() > scores[~is_ai[wrong]].max()


def test_the_same_seed_gives_the_same_head_and_leaves_torch_as_it_was() -> None:
    x, is_ai = _ring(np.random.default_rng(4), 60)
    rows, ones = np.arange(60), np.ones(60)
    torch.manual_seed(7)
    one = fit_networks(x[None], rows, is_ai, ones, SMALL)
    drawn = torch.rand(1)
    again = fit_networks(x[None], rows, is_ai, ones, SMALL)
    torch.manual_seed(7)
    assert torch.rand(1) == drawn
    np.testing.assert_array_equal(one.hidden, again.hidden)
    np.testing.assert_array_equal(one.bias, again.bias)
    assert not np.array_equal(one.hidden[0], one.hidden[1]), "the networks begin differently"
    other = fit_networks(x[None], rows, is_ai, ones, replace(SMALL, seed=1))
    assert not np.array_equal(one.hidden, other.hidden)


def test_every_view_is_learnt_from() -> None:
    """What only the second view tells is known then."""
    rng = np.random.default_rng(5)
    is_ai = np.arange(200) % 2 == 0
    plain = rng.normal(size=(200, 4)).astype(np.float32)
    telling = plain.copy()
    telling[:, 2] = np.where(is_ai, 2, -2)
    views = np.stack([plain, telling])
    head = fit_networks(views, np.arange(200), is_ai, np.ones(200), SMALL)
    scores = head.score(_features(telling))
    assert scores[is_ai].min() > scores[~is_ai].max()


def test_an_image_counts_by_its_weight() -> None:
    """Every image stands there twice, once with the wrong label and hardly any weight."""
    x, is_ai = _ring(np.random.default_rng(8), 100)
    rows = np.tile(np.arange(100), 2)
    weights = np.repeat([1.99, 0.01], 100)
    recipe = replace(SMALL, hidden=32, dropout=0.1, epochs=60)
    head = fit_networks(x[None], rows, np.concatenate([is_ai, ~is_ai]), weights, recipe)
    scores = head.score(_features(x))
    assert auroc(scores[is_ai], scores[~is_ai]).value > 0.99


def test_a_feature_that_never_varies_does_no_harm() -> None:
    x, is_ai = _ring(np.random.default_rng(6), 60)
    x[:, 1] = 7
    head = fit_networks(x[None], np.arange(60), is_ai, np.ones(60), SMALL)
    assert np.isfinite(head.score(_features(x))).all()


def test_a_device_that_is_not_there_is_named() -> None:
    x, is_ai = _ring(np.random.default_rng(6), 60)
    with pytest.raises(TrainingError, match="'nonsense'"):
        fit_networks(x[None], np.arange(60), is_ai, np.ones(60), SMALL, "nonsense")
