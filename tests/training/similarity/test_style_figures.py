from dataclasses import replace

import numpy as np
import pytest

from similarity.styles.open_set import Cohort
from similarity.vectors.base import unit
from tests.training.creators import everybody, people
from training.data.manifest import Row
from training.evaluation.metrics import RankingBootstrap
from training.similarity.style_figures import (
    StyleAnswers,
    StyleTrials,
    accused,
    answer,
    answer_by_baseline,
    content_against_style,
    mean_average_precision,
    named,
    recall,
    separation,
    stated_named,
    style_figures,
)
from training.similarity.trials import draw_trial


def said(known, rank, score):
    score = np.array(score, float)
    names = np.array([f"c{i}" for i in range(len(rank))], object)
    return StyleAnswers(
        names, np.array(known, bool), np.array(rank), score, np.full(len(rank), 0.5)
    )


def test_clear_hands_are_told_apart_and_strangers_left_alone():
    vectors, names = people()
    strangers, _ = people(60, 4, 0.3)
    cohort = Cohort(strangers, np.repeat(np.arange(60), 4))
    trial = draw_trial(names, everybody(names), np.random.default_rng(0))
    found = style_figures(StyleAnswers.of_all([answer(vectors, names, trial, cohort)]))
    assert found["recall_at_1"].value == 1
    assert found["open_set_auroc"].value > 0.99
    assert found["named_at_stated_5_percent"].value > 0.9
    baseline = style_figures(answer_by_baseline(vectors, names, trial))
    assert baseline["recall_at_1"].value == 1
    assert "accused_at_stated_1_percent" not in baseline
    assert mean_average_precision(vectors, names, trial) == pytest.approx(1)


def test_figures_count_what_they_say():
    answers = said([1, 1, 1, 1, 0, 0, 0], [0, 0, 2, 7, -1, -1, -1], [9, 4, 8, 1, 5, 2, 0])
    drawn = RankingBootstrap(answers.known, answers.creators.tolist())
    assert recall(1)(answers, drawn).value == 0.5
    assert recall(5)(answers, drawn).value == 0.75
    assert separation(answers, drawn).value == pytest.approx((3 + 2 + 3 + 1) / 12)
    # Above the best stranger (5) stand one rightly named (9) and one wrongly (8).
    assert named(0.01)(answers, drawn).value == 0.25
    assert accused(0.5)(answers, drawn).value == 1
    assert accused(0.4)(answers, drawn).value == 0
    assert stated_named(0.5)(answers, drawn).value == 0.5


def test_intervals_hold_the_figures():
    rng = np.random.default_rng(1)
    known = np.arange(200) < 120
    rank = np.where(known, rng.integers(0, 3, 200), -1)
    found = style_figures(said(known, rank, rng.normal(size=200) + known))
    for one in found.values():
        assert one.low <= one.value <= one.high


def test_hand_over_subject():
    rows = [
        Row(i, str(i), None, "human", creator=creator, title=title)  # type: ignore[arg-type]
        for i, (creator, title) in enumerate(
            (creator, title) for creator in ("a", "b", "c") for title in ("Cat", "Dog", "Owl")
        )
    ]
    authors = unit(np.repeat(np.eye(3), 3, axis=0).astype(np.float32))
    subjects = unit(np.tile(np.eye(3), (3, 1)).astype(np.float32))
    assert content_against_style(authors, rows) == (1.0, 9)
    assert content_against_style(subjects, rows) == (0.0, 9)


def test_the_correction_holds_strangers_to_the_stated_rate():
    rng = np.random.default_rng(2)
    known = np.arange(10_000) < 300
    shares = np.where(known, 1e-4, rng.uniform(0, 1, 10_000) ** 2)  # ten times as often at 1 %
    said_ = replace(said(known, np.where(known, 0, -1), -shares), p_value=shares)
    sources = np.arange(10_000).astype(object)  # so many of these are sure of the rate
    trials = StyleTrials(said_, said_, sources, enrolled=9, trials=1)
    correction = trials.correction()
    assert 50 < correction < 300
    before, after = (
        trials.figures(one).head["accused_at_stated_1_percent"].value for one in (1.0, correction)
    )
    assert before == pytest.approx(0.1, abs=0.01)
    assert after == pytest.approx(0.0085, abs=0.001)


def test_the_fewer_sources_strangers_are_of_the_surer_the_rate_must_be():
    rng = np.random.default_rng(2)
    known = np.arange(4_000) < 300
    sources = np.arange(4_000) % 40
    # In a few collections strangers come nearer.
    shares = np.where(known, 1e-4, rng.uniform(0, 1, 4_000) ** np.where(sources < 3, 3, 1))
    said_ = replace(said(known, np.where(known, 0, -1), -shares), p_value=shares)
    alone, together = (
        StyleTrials(said_, said_, of.astype(object), enrolled=9, trials=1).correction()
        for of in (np.arange(4_000), sources)
    )
    assert 1 < 1.5 * alone < together


def test_shares_are_never_made_smaller():
    known = np.arange(200) < 100
    shares = np.where(known, 1e-4, 1.0)
    said_ = replace(said(known, np.where(known, 0, -1), -shares), p_value=shares)
    sources = np.arange(200).astype(object)
    assert StyleTrials(said_, said_, sources, enrolled=9, trials=1).correction() == 1
