"""What published ways to tell whose style it is say of drawn features."""

import numpy as np
import pytest

from benchmarks.style_anchors import OURS, all_blocks, classified, figures, retrieved, tried
from models import Features
from similarity.styles.open_set import Cohort
from tests.training.creators import everybody, people
from training.similarity.style_sets import SIZES
from training.similarity.trials import Ground, Trial, draw_trial

NOTHING = np.zeros(0, np.int64)


def features(vectors: np.ndarray) -> Features:
    """The same vectors in every block, the later ones larger."""
    tokens = vectors[:, None] * np.array([1.0, 10.0, 100.0], np.float32)[:, None]
    empty = np.zeros((len(vectors), 1, 2), np.float32)
    return Features(vectors, tokens, empty, empty, encoder="fake")


def test_every_block_weighs_the_same() -> None:
    tokens = np.zeros((2, 2, 3), np.float32)
    tokens[:, 0, 0] = 1
    tokens[0, 1, 1] = tokens[1, 1, 2] = 50
    empty = np.zeros((2, 1, 1), np.float32)
    vectors = all_blocks(Features(empty[:, 0], tokens, empty, empty, encoder="fake"))
    assert vectors.shape == (2, 6)
    # One of two blocks agrees.
    assert vectors @ vectors.T == pytest.approx(np.array([[1, 0.5], [0.5, 1]]))


def test_a_classifier_of_the_enrolled_gives_probabilities_of_each() -> None:
    vectors, names = people()
    trial = draw_trial(names, everybody(names), np.random.default_rng(0))
    found = classified(vectors, trial)
    assert found.shape == (len(trial.asked), len(trial.enrolled))
    assert found.sum(axis=1) == pytest.approx(1)
    firsts = np.array(list(trial.enrolled), object)[found.argmax(axis=1)]
    known = len(trial.known)
    assert (firsts[:known] == names[trial.known]).all()
    assert np.median(found[:known].max(axis=1)) > np.median(found[known:].max(axis=1))


def test_a_retrieval_counts_works_by_the_same_creator() -> None:
    # By the angle to the first: a, b, a, a, b.
    angles = np.radians([0, 10, 20, 30, 40, 50])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    names = np.array(["a", "a", "b", "a", "a", "b"], object)
    trial = Trial({"a": np.array([1, 3, 4]), "b": np.array([2, 5])}, np.array([0]), NOTHING)
    found = retrieved(vectors, names, trial)
    assert found["map_at_1 = recall_at_1"].tolist() == [1]
    assert found["map_at_10"] == pytest.approx((1 + 1 / 2 + 2 / 3 + 3 / 4 + 3 / 5) / 5)
    assert found["recall_at_10"].tolist() == [1]
    by_b = Trial(trial.enrolled, np.array([0]), NOTHING)
    others = retrieved(vectors, np.array(["b", "a", "b", "a", "a", "b"], object), by_b)
    assert others["map_at_1 = recall_at_1"].tolist() == [0]
    assert others["recall_at_10"].tolist() == [1]


def test_all_answer_in_the_same_trial_and_clear_hands_come_first() -> None:
    vectors, names = people(16, 16)
    strangers, _ = people(60, 4, 0.3)
    cohort = Cohort(strangers, np.repeat(np.arange(60), 4))
    grounds = [
        Ground(
            (seed, 0),
            draw_trial(names, everybody(names), np.random.default_rng(seed), max(SIZES)),
            vectors,
            cohort,
        )
        for seed in range(2)
    ]
    found = figures([tried(features(vectors), names, ground) for ground in grounds])
    assert list(found["single works"]) == ["last layer", "all blocks", "classifier", OURS]
    for asked, contestants in found.items():
        for one in contestants.values():
            assert next(iter(one.values())).value == 1, asked
    for size in SIZES:
        sets = found[f"sets of {size}"]
        assert all("recall_at_5" not in sets[name] for name in sets if name.endswith("vote"))
        assert sets[f"{OURS}, as one"]["recall_at_5"].value == 1
    alone = found["sets of 1"]
    for name in ("open_set_auroc", "named_at_1_percent"):
        assert alone[f"{OURS}, as one"][name] == alone[f"{OURS}, vote"][name]
    assert found["retrieval of works"]["a perfect ranking"]["map_at_10"].value == 1


def test_few_works_bound_what_a_perfect_ranking_reaches() -> None:
    names = np.array(["a"] * 3 + ["b"] * 9, object)
    trial = Trial({"a": np.array([1, 2]), "b": np.arange(4, 12)}, np.array([0, 3]), NOTHING)
    perfect = np.stack([names == "a", names == "b"], axis=1).astype(np.float32)
    of_a, of_b = retrieved(perfect, names, trial)["map_at_10"]
    assert of_a == pytest.approx(np.mean([min(1, 2 / i) for i in range(1, 11)]))
    assert of_b == pytest.approx(np.mean([min(1, 8 / i) for i in range(1, 11)]))
