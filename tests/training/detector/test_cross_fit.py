from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.encoder.features import Features
from tests.training.tables import made_table
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.detector.cross_fit import LEARNT, SCORED, calibrated, cross_fit
from training.detector.recipe import Recipe
from training.errors import TooFewImages

RECIPE = Recipe(folds=3, repeats=2, networks=1, hidden=8, epochs=80, batch=16, learning_rate=1e-2)


def _tables(told: float, seed: int = 0) -> dict[str, FeatureTable]:
    """120 images of 6 sources a class; `told` is how much the features tell of the class."""
    rng = np.random.default_rng(seed)
    rows = tuple(
        Row(i, str(i), Path(str(i)), label, source=f"{label}-{i % 6}", kind="painting")
        for i in range(120)
        for label in [("ai", "human")[i // 60]]
    )
    is_ai = np.array([row.label == "ai" for row in rows])
    tables = {}
    for treatment in LEARNT:
        tokens = rng.normal(size=(120, 2, 3)).astype(np.float32)
        tokens[:, 0, 0] += told * is_ai
        embedding = rng.normal(size=(120, 8)).astype(np.float32)
        embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
        tables[treatment.name] = made_table(
            rows,
            Features(embedding, tokens, tokens, tokens, encoder="fake:1"),
            rng.integers(0, 256, (120, 32)).astype(np.uint8),
        )
    return tables


def test_every_image_is_judged_in_every_repeat_and_counted_once() -> None:
    held_out = cross_fit(_tables(4.0), RECIPE)
    answers = held_out.answers
    assert len(answers.scores) == len(answers.verdicts) == 240
    assert answers.repeats == 2
    assert answers.rows[:120] == answers.rows[120:]
    assert not np.array_equal(answers.scores[:120], answers.scores[120:]), "other folds"
    point = held_out.calibration.points.ai[0]
    assert point.n == 60, "the interval is that of the images, not of all scores"
    assert set(held_out.folds) == {0, 1, 2}
    assert len(held_out.groups) == 120
    scores, is_ai = answers.scores, answers.is_ai
    assert scores[is_ai].mean() > scores[~is_ai].mean() + 1
    assert held_out.calibration.doubt < scores[is_ai].mean()


def test_what_marks_a_source_alone_is_not_counted_as_knowledge() -> None:
    """Heads that could learn sources by heart find nothing on those held out."""
    tables = _tables(0.0)
    marked = {}
    for name, table in tables.items():
        tokens = table.features.class_tokens.copy()
        for i, row in enumerate(table.rows):
            tokens[i, 1] = 0
            tokens[i, 1, int(row.source[-1]) % 3] = 3 if row.source[-1] in "012" else -3
        features = replace(table.features, class_tokens=tokens)
        marked[name] = replace(table, features=features)
    with suppress(TooFewImages):  # worse than chance is refused, which is as well
        answers = cross_fit(marked, RECIPE).answers
        ai, human = answers.scores[answers.is_ai], answers.scores[~answers.is_ai]
        assert (ai[:, None] > human).mean() < 0.75


def _rows(*generators: str) -> list[Row]:
    """One human work for each AI picture."""
    return [
        Row(i, str(i), Path(str(i)), label, generator=generator if label == "ai" else "")
        for i, generator in enumerate(generators)
        for label in ("ai", "human")
    ]


def test_generators_out_of_use_move_no_threshold_and_no_probability() -> None:
    rng = np.random.default_rng(0)
    used, old = _rows(*["FLUX"] * 200), _rows(*["vqgan+clip", "VQGAN+CLIP"] * 50)
    old = [row for row in old if row.label == "ai"]
    of_used = np.where([row.label == "ai" for row in used], 3, -3) + rng.normal(size=len(used))
    scores = np.concatenate([of_used, np.full(len(old), -9.0)])
    views = np.tile(scores[:, None], len(SCORED))
    today = calibrated(used, views[: len(used)])
    assert calibrated([*used, *old], views) == today
    assert today.points.human[0].n == 200


def test_refuses_pictures_by_generators_out_of_use_alone() -> None:
    rows = _rows(*["Disco Diffusion"] * 50)
    scores = np.random.default_rng(0).normal(size=(len(rows), len(SCORED)))
    with pytest.raises(TooFewImages, match="still in use"):
        calibrated(rows, scores)


def test_refuses_folds_that_leave_one_class_alone() -> None:
    tables = {
        name: replace(
            table,
            rows=tuple(
                replace(r, source="one" if r.label == "ai" else r.source) for r in table.rows
            ),
        )
        for name, table in _tables(4.0).items()
    }
    with pytest.raises(TooFewImages, match="too few sources"):
        cross_fit(tables, RECIPE)
