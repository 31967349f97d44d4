"""Sets of works by one account: the vote, the series, and who they are drawn from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from similarity.styles.open_set import Cohort
from tests.training.creators import everybody, people
from training.similarity.style_comparison import compare
from training.similarity.style_sets import (
    DRAWN,
    SIZES,
    Named,
    answers_of_sets,
    draw_sets,
    searched,
    series,
    voted,
)
from training.similarity.trials import Trial, draw_trial


def vote(*works: tuple[int, float]) -> tuple[Named, ...]:
    firsts, scores = zip(*works, strict=True)
    return voted(np.array(firsts), np.array(scores, float))


def test_a_vote_without_majority_names_nobody() -> None:
    assert vote((3, 0.9), (1, 0.8), (2, 0.7)) == ()
    assert vote((3, 0.9), (3, 0.8), (2, 0.7), (2, 0.6)) == ()
    [found] = vote((3, 0.2), (1, 0.8), (3, 0.7))
    assert (found.column, found.score) == (3, 0.2)
    [alone] = vote((4, 0.1))
    assert (alone.column, alone.score) == (4, 0.1)


@given(
    st.lists(st.tuples(st.integers(0, 2), st.floats(0, 1)), min_size=1, max_size=7),
    st.floats(0, 1),
)
def test_a_set_is_named_at_a_threshold_if_most_of_its_works_are(
    works: list[tuple[int, float]], threshold: float
) -> None:
    named = [column for column, score in works if score >= threshold]
    most = [column for column in set(named) if 2 * named.count(column) > len(works)]
    assert [one.column for one in vote(*works) if one.score >= threshold] == most


def test_a_series_of_one_is_what_is_said_of_the_work() -> None:
    vectors, names = people()
    strangers, _ = people(60, 4, 0.3)
    trial = draw_trial(names, everybody(names), np.random.default_rng(0))
    compared = compare(vectors, trial.asked, trial, Cohort(strangers, np.repeat(np.arange(60), 4)))
    for i, image in enumerate(searched(compared)):
        [first, *others] = series([image])
        assert first.column == compared.like[i].argmax()
        assert first.score == pytest.approx(compared.scores[i])
        assert first.p_value == pytest.approx(compared.p_values[i])
        assert all(one.score <= first.score for one in others)


def test_a_series_is_told_by_the_work_in_the_middle() -> None:
    vectors, names = people()
    strangers, _ = people(60, 4, 0.3)
    trial = draw_trial(names, everybody(names), np.random.default_rng(0))
    compared = compare(vectors, trial.asked, trial, Cohort(strangers, np.repeat(np.arange(60), 4)))
    mine = np.flatnonzero(names[trial.known] == names[trial.known][0])
    assert len(mine) == 2
    other = len(trial.known)  # by a stranger
    [first, *_] = series([searched(compared)[i] for i in [*mine, other]])
    assert first.column == list(trial.enrolled).index(names[trial.known][0])
    assert first.score == pytest.approx(compared.scores[mine].min())


def test_sets_are_of_accounts_with_enough_works_for_every_size() -> None:
    creators = np.array(["a"] * 5 + ["b"] * 4 + ["c"] * 9, object)
    for size in SIZES:
        sets = draw_sets(creators, size, np.random.default_rng(0))
        assert len(sets) == 2 * DRAWN
        for one in sets:
            assert len(set(one.tolist())) == size
            assert set(creators[one]) in ({"a"}, {"c"})


def test_who_is_not_named_is_ranked_behind_everybody() -> None:
    creators = np.array(["a", "b", "b", "stranger", "stranger"], object)
    nobody = np.zeros(0, np.int64)
    trial = Trial({"a": nobody, "b": nobody, "c": nobody}, nobody, nobody)
    one, two = Named(0, 0.5, 0.01), Named(1, 0.4, 0.02)
    found = answers_of_sets(
        [np.array([i]) for i in range(5)],
        [(one,), (one, two), (), (two,), ()],
        creators,
        trial,
    )
    assert found.rank.tolist() == [0, 1, 3, -1, -1]
    assert found.known.tolist() == [True, True, True, False, False]
    assert found.score.tolist() == [0.5, 0.5, -np.inf, 0.4, -np.inf]
    assert found.p_value.tolist() == [0.01, 0.01, 1, 0.02, 1]
