import numpy as np
import pytest

from similarity.heads import unit
from similarity.open_set import Cohort
from training.errors import TooFewImages
from training.manifest import Row
from training.style_figures import (
    ENROLLED,
    FEWEST,
    Answers,
    accused,
    answer,
    answer_plainly,
    content_against_style,
    deal_folds,
    figures,
    join,
    mean_average_precision,
    named,
    recall,
    separation,
    take_deal,
)


def people(creators=24, each=8, noise=0.05, width=12):
    rng = np.random.default_rng(0)
    hands = unit(rng.normal(size=(creators, width)).astype(np.float32))
    names = np.repeat([f"c{i:02}" for i in range(creators)], each).astype(object)
    drawn = np.repeat(hands, each, axis=0) + noise * rng.normal(size=(creators * each, width))
    return unit(drawn.astype(np.float32)), names


def everybody(names):
    return np.ones(len(names), bool)


def said(known, rank, score):
    score = np.array(score, float)
    names = np.array([f"c{i}" for i in range(len(rank))], object)
    return Answers(names, np.array(known, bool), np.array(rank), score, np.full(len(rank), 0.5))


def test_nobody_plays_two_parts():
    _, names = people()
    deal = take_deal(names, everybody(names), np.random.default_rng(0))
    parts = [*deal.enrolled.values(), deal.known, deal.unknown]
    every = np.concatenate(parts)
    assert len(every) == len(set(every.tolist()))
    assert len(deal.enrolled) == round(ENROLLED * 24)
    assert set(names[deal.known]) == set(deal.enrolled)
    assert not set(names[deal.unknown]) & set(deal.enrolled)


def test_a_deal_takes_only_the_chosen_and_needs_enough_works():
    _, names = people()
    chosen = np.isin(names, ["c00", "c01", "c02", "c03"])
    deal = take_deal(names, chosen, np.random.default_rng(0))
    assert set(names[np.concatenate([deal.known, deal.unknown])]) <= {"c00", "c01", "c02", "c03"}
    _, few = people(each=FEWEST - 1)
    with pytest.raises(TooFewImages, match="at least"):
        take_deal(few, everybody(few), np.random.default_rng(0))


def test_folds_part_creators_and_never_their_works():
    _, names = people()
    for seed in (0, 1):
        fold = deal_folds(names, seed)
        assert all(len(set(fold[names == name])) == 1 for name in set(names))
        assert set(np.bincount(fold[::8])) == {8}
    assert (deal_folds(names, 0) != deal_folds(names, 1)).any()


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
