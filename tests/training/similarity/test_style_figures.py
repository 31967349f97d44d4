import numpy as np
import pytest

from similarity.heads import unit
from similarity.styles.open_set import Cohort
from tests.training.dealing import everybody, people
from training.data.manifest import Row
from training.similarity.style_figures import (
    Answers,
    accused,
    answer,
    answer_plainly,
    content_against_style,
    figures,
    join,
    mean_average_precision,
    named,
    recall,
    separation,
)
from training.similarity.trials import take_deal


def said(known, rank, score):
    score = np.array(score, float)
    names = np.array([f"c{i}" for i in range(len(rank))], object)
    return Answers(names, np.array(known, bool), np.array(rank), score, np.full(len(rank), 0.5))


def test_clear_hands_are_told_apart_and_strangers_left_alone():
    vectors, names = people()
    strangers, _ = people(60, 4, 0.3)
    cohort = Cohort(strangers, np.repeat(np.arange(60), 4))
    deal = take_deal(names, everybody(names), np.random.default_rng(0))
    found = figures(join([answer(vectors, names, deal, cohort)]))
    assert found["recall_at_1"].value == 1
    assert found["open_set_auroc"].value > 0.99
    assert found["named_at_stated_5_percent"].value > 0.9
    plain = figures(answer_plainly(vectors, names, deal))
    assert plain["recall_at_1"].value == 1
    assert "accused_at_stated_1_percent" not in plain
    assert mean_average_precision(vectors, names, deal) == pytest.approx(1)


def test_figures_count_what_they_say():
    answers = said([1, 1, 1, 1, 0, 0, 0], [0, 0, 2, 7, -1, -1, -1], [9, 4, 8, 1, 5, 2, 0])
    assert recall(1)(answers) == 0.5
    assert recall(5)(answers) == 0.75
    assert separation(answers) == pytest.approx((3 + 2 + 3 + 1) / 12)
    # Above the best stranger (5) stand one rightly named (9) and one wrongly (8).
    assert named(0.01)(answers) == 0.25
    assert accused(0.5)(answers) == 1
    assert accused(0.4)(answers) == 0


def test_intervals_hold_the_figures():
    rng = np.random.default_rng(1)
    known = np.arange(200) < 120
    rank = np.where(known, rng.integers(0, 3, 200), -1)
    found = figures(said(known, rank, rng.normal(size=200) + known))
    for one in found.values():
        assert one.low <= one.value <= one.high


def test_hand_over_subject():
    rows = [
        Row(i, str(i), None, "human", creator=creator, title=title)  # type: ignore[arg-type]
        for i, (creator, title) in enumerate(
            (creator, title) for creator in ("a", "b", "c") for title in ("Cat", "Dog", "Owl")
        )
    ]
    hands = unit(np.repeat(np.eye(3), 3, axis=0).astype(np.float32))
    subjects = unit(np.tile(np.eye(3), (3, 1)).astype(np.float32))
    assert content_against_style(hands, rows) == (1.0, 9)
    assert content_against_style(subjects, rows) == (0.0, 9)
