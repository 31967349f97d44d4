from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from similarity.gallery.creators import Standing
from similarity.styles.likeness import Body
from similarity.styles.open_set import (
    FEW,
    NEIGHBOURS,
    RIVALS,
    SPREAD,
    STRANGERS,
    TAIL,
    Cohort,
    Null,
    Nulls,
    acceptance,
    measure,
)
from similarity.vectors.base import unit


def vectors(count, seed=0, around=None, width=24, noise=0.6):
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(count, width)) * (1 if around is None else noise)
    return unit((drawn + (0 if around is None else 5 * around)).astype(np.float32))


def cohort(people=60, each=4, by_ai=20):
    styles = np.concatenate([vectors(each, 100 + i, vectors(1, i)[0]) for i in range(people)])
    numbers = np.repeat(np.arange(people), each)
    drawn = vectors(by_ai, 7)
    return Cohort(np.concatenate([styles, drawn]), np.concatenate([numbers, np.full(by_ai, -1)]))


def test_a_creator_is_measured_against_the_best_of_the_cohort():
    others, works = cohort(), vectors(6, 5, vectors(1, 6)[0])
    standing = measure(works, others)
    highest = np.sort(Body(works).likeness(others.styles))[-RIVALS:]
    assert standing.mean == pytest.approx(highest.mean(), abs=1e-5)
    assert standing.deviation == pytest.approx(highest.std(), abs=1e-5)
    own = np.median(Body(works).own())
    assert standing.own == pytest.approx((own - highest.mean()) / highest.std(), abs=1e-3)
    assert standing.distinct


def test_few_works_and_works_like_anybodys_are_for_review_only():
    others = cohort()
    assert not measure(vectors(1, 5), others).distinct
    assert measure(vectors(1, 5), others).own is None
    assert not measure(vectors(2, 5, vectors(1, 6)[0]), others).distinct
    assert not measure(vectors(8, 5), others).distinct


def test_works_of_the_creator_in_the_cohort_do_not_count_against_them():
    others = cohort()
    works = others.styles[:4]
    without = Cohort(others.styles[4:], others.people[4:])
    assert measure(works, others) == measure(works, without)


def test_nearness_counts_people_only_and_nobody_twice():
    others, queries = cohort(), vectors(3, 9)
    human = others.styles[others.human]
    for query, found in zip(queries, others.density(queries), strict=True):
        nearest = np.sort(human @ query)[-NEIGHBOURS:]
        assert found == pytest.approx(nearest.mean(), abs=1e-5)
    own = others.styles[:1]
    kept = human[others.people[others.human] != 0]
    expected = np.sort(kept @ own[0])[-NEIGHBOURS:].mean()
    assert others.density(own, np.array([0]))[0] == pytest.approx(expected, abs=1e-5)


def test_acceptance_is_the_soft_minimum_of_the_comparisons():
    works, others = vectors(6, 5, vectors(1, 6)[0]), cohort()
    standing = measure(works, others)
    compared = [
        (0.7 - standing.mean) / standing.deviation,
        (0.7 - 0.2) / SPREAD,
        (0.7 - np.median(Body(works).own())) / SPREAD,
        (0.7 - 0.6) / SPREAD,
        0.1,
    ]
    reached = [(x - low) / (high - low) for x, (low, high) in zip(compared, STRANGERS, strict=True)]
    four = np.mean([np.exp(-x) for x in reached[:4]])
    expected = -np.log(np.mean([four, np.exp(-reached[4])]))  # the boundary counts as much as these
    assert min(reached) < expected < np.mean(reached)
    assert acceptance(0.7, standing, 0.2, 0.6, 0.1) == pytest.approx(expected, abs=1e-3)


def test_where_the_usual_stranger_is_acceptance_is_0_and_where_one_in_twenty_is_it_is_1():
    for which, expected in ((0, 0.0), (1, 1.0)):
        against, near, own, lead, inside = STRANGERS[:, which]
        raw = 0.5
        standing = Standing(raw - 0.04 * against, 0.04, 0.0, distinct=True)
        standing = replace(standing, own=(raw - own * SPREAD - standing.mean) / 0.04)
        found = acceptance(raw, standing, raw - near * SPREAD, raw - lead * SPREAD, inside)
        assert found == pytest.approx(expected)


def test_a_second_creator_who_draws_alike_cannot_undo_everything():
    """Or whoever enrols works like another's would hide all imitators of theirs."""
    standing = Standing(0.3, 0.04, 4.0, distinct=True)
    alone, beside = (
        float(acceptance(0.75, standing, 0.2, other, 0.8)) for other in (-np.inf, 0.75)
    )
    typical = float(acceptance(0.35, standing, 0.3, 0.3, -0.5))
    assert typical < 0.5 < 1 < beside < alone


@given(st.floats(-1, 0.9), st.floats(0, 0.1), st.floats(-1, 1), st.floats(-1, 1), st.floats(-2, 2))
def test_the_more_alike_and_the_further_inside_the_surer(likeness, more, density, other, inside):
    standing = Standing(0.3, 0.04, None, distinct=False)
    less = acceptance(likeness, standing, density, other, inside)
    assert np.isfinite(less)
    assert less <= acceptance(likeness + more, standing, density, other, inside) + 1e-9
    assert less <= acceptance(likeness, standing, density, other, inside + more) + 1e-9
    assert less <= acceptance(likeness, standing, density, other, np.inf) < np.inf


def test_strangers_win_less_than_own_works():
    hand = vectors(1, 6)[0]
    works, others = vectors(8, 5, hand), cohort()
    standing = measure(works, others)
    own, strange = vectors(20, 50, hand), vectors(20, 51)
    scores = [
        acceptance(Body(works).likeness(some), standing, others.density(some), 0.3, inside)
        for some, inside in ((own, 0.5), (strange, -0.5))
    ]
    assert scores[0].min() > scores[1].max()


scores = arrays(np.float64, st.integers(2, 60), elements=st.floats(-50, 50))


@given(scores, st.floats(-100, 100), st.floats(0, 50))
def test_a_p_value_is_a_share_that_falls(seen, score, more):
    null = Null.of(seen)
    assert 0 < null.p_value(score + more) <= null.p_value(score) <= 1


def test_a_p_value_is_about_the_share_of_others_that_score_as_high():
    seen = np.random.default_rng(0).exponential(size=5000)
    null = Null.of(seen)
    for score in (0.2, 1.0, 2.5):
        assert null.p_value(score) == pytest.approx((seen >= score).mean(), abs=0.01)
    # Beyond what was seen, an exponential tail goes on as it is: e**-12.
    assert null.p_value(12.0) == pytest.approx(np.exp(-12), rel=0.6)


def test_the_tail_begins_where_the_seen_shares_end():
    null = Null.of(np.random.default_rng(1).normal(size=400))
    start = float(np.quantile(null.scores, 1 - TAIL))
    assert null.p_value(start) == pytest.approx(TAIL, abs=1e-9)
    assert null.p_value(start + 1e-9) == pytest.approx(TAIL, rel=1e-3)


def test_of_two_kinds_of_innocents_the_nearer_counts():
    low, high = Null.of(np.linspace(0, 1, 200)), Null.of(np.linspace(0, 4, 200))
    nobody = Null.of(np.empty(0))
    assert Nulls(low, high, nobody).p_value(2) == high.p_value(2)
    assert Nulls(high, low, nobody).p_value(2) == high.p_value(2)
    assert Nulls(high, nobody, nobody).p_value(2) == high.p_value(2)
    assert Nulls(low, high, nobody, 1.5).p_value(3) == pytest.approx(1.5 * high.p_value(3))
    assert Nulls(low, high, nobody, 5.0).p_value(0) == 1


def test_where_few_are_enrolled_shares_are_told_larger():
    made = replace(cohort(), correction=1.5)
    found = [made.correction_for(creators) for creators in range(200)]
    assert (np.diff(found) <= 1e-12).all()
    assert found[0] == found[int(FEW[0, 0])] == pytest.approx(1.5 * FEW[0, 1])
    assert found[int(FEW[-1, 0]) :] == pytest.approx([1.5 * FEW[-1, 1]] * (200 - int(FEW[-1, 0])))
    for creators, more in FEW:
        assert found[int(creators)] == pytest.approx(1.5 * more)


def test_pictures_by_ais_are_compared_with_their_like_alone():
    low, high = Null.of(np.linspace(0, 1, 200)), Null.of(np.linspace(0, 4, 200))
    assert Nulls(high, high, low, 5.0).p_value_ai(0.5) == low.p_value(0.5)
    assert Nulls(high, high, Null.of(np.empty(0))).p_value_ai(0.5) is None


def test_nobody_to_compare_with_accuses_nobody():
    assert Null.of(np.array([])).p_value(1e9) == 1
