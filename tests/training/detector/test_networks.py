import numpy as np
import pytest
import torch

from models.encoder.features import Features
from training.detector.networks import AdamW, begin, fit_networks, gradient, schedule
from training.detector.recipe import Recipe

SMALL = Recipe(networks=2, hidden=8, epochs=30, batch=16, learning_rate=1e-2)


def _batch() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(16, 30)).astype(np.float32)
    kept = (rng.random((16, 7)) > 0.5).astype(np.float32) * 2
    target = (rng.random(16) > 0.5).astype(np.float32)
    return x, kept, target, rng.random(16).astype(np.float32)


def test_gradients_and_steps_are_those_of_torch() -> None:
    """A second derivation: automatic differentiation, and torch's own optimiser."""
    parameters = begin(30, 7, np.random.default_rng(1))
    theirs = {n: torch.tensor(v.copy(), requires_grad=True) for n, v in parameters.items()}
    optimiser = AdamW(parameters, 0.1)
    their_optimiser = torch.optim.AdamW(theirs.values(), lr=1e-2, weight_decay=0.1)
    x, kept, target, weight = _batch()
    for _ in range(3):
        units = torch.relu(torch.tensor(x) @ theirs["hidden"].T + theirs["offset"])
        score = (units * torch.tensor(kept)) @ theirs["out"] + theirs["bias"]
        losses = torch.nn.functional.binary_cross_entropy_with_logits(
            score, torch.tensor(target), reduction="none"
        )
        their_optimiser.zero_grad()
        (losses * torch.tensor(weight)).mean().backward()
        found = gradient(parameters, x, kept, target, weight)
        for name, value in found.items():
            expected = theirs[name].grad
            assert expected is not None
            np.testing.assert_allclose(value, expected.numpy(), atol=1e-6)
        optimiser.step(found, 1e-2)
        their_optimiser.step()
    for name, value in parameters.items():
        np.testing.assert_allclose(value, theirs[name].detach().numpy(), atol=1e-5)


def test_the_rate_rises_and_falls() -> None:
    rates = [schedule(done) for done in np.linspace(0, 1, 101)]
    assert 0 < rates[0] < 0.1
    assert max(rates) == pytest.approx(1)
    assert rates[-1] == pytest.approx(0)
    assert np.argmax(rates) == 10


def _features(x: np.ndarray) -> Features:
    tokens = x[:, None, :]
    return Features(tokens[:, 0], tokens, tokens, tokens, encoder="fake:1")


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
    head = fit_networks([hidden, hidden], rows, is_ai[rows], np.ones(300), recipe)
    scores = head.score(_features(x))[wrong]
    assert scores[is_ai[wrong]].min() > scores[~is_ai[wrong]].max()


def test_the_same_seed_gives_the_same_head_and_another_another() -> None:
    x, is_ai = _ring(np.random.default_rng(4), 60)
    rows, ones = np.arange(60), np.ones(60)
    one, again = (fit_networks([x], rows, is_ai, ones, SMALL) for _ in range(2))
    np.testing.assert_array_equal(one.hidden, again.hidden)
    assert not np.array_equal(one.hidden[0], one.hidden[1]), "the networks begin differently"


def test_every_view_is_learnt_from() -> None:
    """What only the second view tells is known then."""
    rng = np.random.default_rng(5)
    is_ai = np.arange(200) % 2 == 0
    plain = rng.normal(size=(200, 4)).astype(np.float32)
    telling = plain.copy()
    telling[:, 2] = np.where(is_ai, 2, -2)
    head = fit_networks([plain, telling], np.arange(200), is_ai, np.ones(200), SMALL)
    scores = head.score(_features(telling))
    assert scores[is_ai].min() > scores[~is_ai].max()


def test_a_feature_that_never_varies_does_no_harm() -> None:
    x, is_ai = _ring(np.random.default_rng(6), 60)
    x[:, 1] = 7
    head = fit_networks([x], np.arange(60), is_ai, np.ones(60), SMALL)
    assert np.isfinite(head.score(_features(x))).all()
