from pathlib import Path

import numpy as np
import pytest

from models.encoder.features import Features
from training.data.manifest import Row
from training.detector.linear import cross_fit_linear, fit_linear
from training.detector.recipe import Recipe, image_weights
from training.errors import TooFewImages


def _row(label: str, source: str, kind: str = "", creator: str = "", generator: str = "") -> Row:
    return Row(
        2, "x", Path("x"), label, source=source, kind=kind, creator=creator, generator=generator
    )


def _features(x: np.ndarray) -> Features:
    tokens = x.astype(np.float32)[:, None, :]
    return Features(tokens[:, 0], tokens, tokens, tokens, encoder="fake:1")


def test_weights_balance_classes_and_temper_kinds_and_sources() -> None:
    rows = [
        *[_row("ai", "big", "painting")] * 400,
        *[_row("ai", "small", "comic")] * 25,
        *[_row("human", "a", "painting", "x")] * 50,
        *[_row("human", "b", "painting", "y")] * 50,
    ]
    is_ai = np.array([r.label == "ai" for r in rows])
    weights = image_weights(rows, is_ai, Recipe(cap=100, kind_power=0.5))
    assert weights.sum() == pytest.approx(len(rows))
    assert weights[is_ai].sum() == pytest.approx(weights[~is_ai].sum())
    # 400 pictures count as 100; then 100 against 25 becomes 10 against 5.
    assert weights[:400].sum() / weights[400:425].sum() == pytest.approx(2)
    flat = image_weights(rows, is_ai, Recipe(cap=10**9, kind_power=1))
    assert flat[0] == pytest.approx(flat[424])


def test_one_class_alone_cannot_be_trained_on() -> None:
    with pytest.raises(TooFewImages):
        image_weights([_row("ai", "a")], np.array([True]), Recipe())


def test_the_fit_is_the_minimum_of_the_penalised_loss() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3)) * [1, 5, 0.1] + [0, 3, -2]
    is_ai = x[:, 0] + 0.2 * x[:, 1] + rng.normal(size=200) > 0.6
    weights = rng.uniform(0.5, 2, 200)
    head = fit_linear(_features(x), is_ai, weights, Recipe(c=0.01))
    z = (x - head.mean) / head.scale

    def loss(w: np.ndarray, b: float) -> float:
        margin = np.where(is_ai, 1, -1) * (z @ w + b)
        return float(0.5 * w @ w + 0.01 * weights @ np.logaddexp(0, -margin))

    best = loss(head.weight.astype(float), head.bias)
    for _ in range(200):
        step = rng.normal(size=4) * 0.01
        assert loss(head.weight + step[:3], head.bias + step[3]) >= best - 1e-6
    assert z.T @ weights == pytest.approx(np.zeros(3), abs=1e-2)


def test_a_feature_that_never_varies_does_no_harm() -> None:
    x = np.stack([np.arange(20.0), np.full(20, 7.0)], axis=1)
    head = fit_linear(_features(x), np.arange(20) >= 10, np.ones(20), Recipe(c=1.0))
    assert np.isfinite(head.score(_features(x))).all()


def test_held_out_scores_come_from_heads_that_saw_neither_fold_nor_generator() -> None:
    """A feature that marks one generator helps only a head that has seen that generator."""
    rng = np.random.default_rng(1)
    rows = [
        *[_row("ai", "sheet", generator="G")] * 40,
        *[_row("ai", "mixed", generator="G")] * 10,
        *[_row("ai", "mixed", generator="H")] * 40,
        *[_row("human", f"s{i % 9}") for i in range(90)],
    ]
    x = rng.normal(size=(180, 2))
    x[:, 0] = np.arange(180) < 50  # marks G
    x[50:90, 1] += 3  # marks H
    groups = ["generator G"] * 40 + ["source mixed"] * 50 + [f"s{i % 9}" for i in range(90)]
    folds = np.array([0] * 40 + [1] * 50 + [i % 2 for i in range(90)])
    is_ai = np.arange(180) < 90
    scores = cross_fit_linear(rows, _features(x), is_ai, groups, folds, Recipe(c=0.1))
    # Without G in the fit its mark has no weight, and its pictures look like human works.
    human = scores[90:][folds[90:] == 0]
    assert abs(np.median(scores[:40]) - np.median(human)) < human.std()
    # The other fold's head has seen G on its sheet, and knows it by its mark.
    assert np.median(scores[40:50]) > human.max()
