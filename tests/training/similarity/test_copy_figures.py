import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.similarity.copy_figures import (
    LENIENT,
    STRICT,
    Scored,
    SearchAnswer,
    Truth,
    baseline,
    best_match,
    copy_figures,
    full,
    threshold_at_precision,
)

RIGHT, EXCUSED, SIBLING, WRONG = Truth


def answer(*matches: Scored, edit: str = "crop", group: str = "A", **changes) -> SearchAnswer:
    values = {"baseline": (), "candidate": None, "milliseconds": 1.0} | changes
    return SearchAnswer("picture", group, edit, matches, **values)


def match(score: float, truth: Truth = RIGHT, *, proven: bool = False, work: str = "w") -> Scored:
    return Scored(work, score, truth, proven)


POOLS = st.lists(
    st.tuples(st.sampled_from([0.1, 0.2, 0.5, 0.8, 0.9]), st.sampled_from(tuple(Truth))),
    max_size=12,
)


@given(POOLS, st.sampled_from([0.5, 0.8, 0.99]), st.sampled_from([STRICT, LENIENT]))
def test_the_threshold_is_the_lowest_that_keeps_the_precision(pool, precision, against) -> None:
    answers = [answer(match(score, truth)) for score, truth in pool]
    found = threshold_at_precision(answers, full, precision, against=against)
    left_out = {EXCUSED} | {SIBLING} - against
    counted = [(score, truth) for score, truth in pool if truth not in left_out]
    good = [math.inf]
    for threshold in {score for score, _ in counted}:
        above = [truth for score, truth in counted if score >= threshold]
        if above.count(RIGHT) / len(above) >= precision:
            good.append(threshold)
    assert found == min(good)


def test_the_figures_of_a_small_search() -> None:
    nearest = (match(0.95, WRONG), match(0.9))
    answers = [
        answer(match(0.9, proven=True), match(0.2, WRONG), candidate=True, baseline=nearest[::-1]),
        answer(match(0.6), candidate=True, group="B", baseline=nearest),
        answer(match(0.4, WRONG), match(0.3), candidate=False, edit="blur", baseline=nearest),
        answer(match(0.99, EXCUSED, proven=True), candidate=True, edit="blur", group="B"),
        answer(match(0.5, WRONG, proven=True, work="accused"), edit=""),
        answer(edit=""),
    ]
    figures = copy_figures(answers)
    assert figures.threshold == 0.6
    crop, blur, both = figures.edits
    assert [f.edit for f in figures.edits] == ["crop", "blur", "all"]
    assert (crop.found.value, blur.found.value, both.found.value) == (1.0, 0.0, 0.5)
    assert (crop.proven.value, both.proven.value) == (0.5, 0.25)
    assert (crop.first.value, blur.first.value) == (1.0, 0.0)
    assert both.candidate is not None
    assert both.candidate.value == 0.75
    assert both.found.n == 4
    assert both.found.low <= 0.5 <= both.found.high
    assert figures.baseline_threshold == math.inf, "a wrong one is above"
    assert both.baseline.value == 0
    assert (crop.baseline_first.value, blur.baseline_first.value) == (0.5, 0.0)
    assert figures.precision is not None
    assert figures.precision.value == 0.5
    assert figures.accused.value == 0.5
    assert [m.score for _, m in figures.errors] == [0.5, 0.4, 0.2]
    assert figures.milliseconds == (1.0, 1.0)


def test_other_works_of_the_same_creator_are_told_apart() -> None:
    answers = [
        answer(match(0.95, SIBLING, proven=True), match(0.9, proven=True)),
        answer(match(0.8, SIBLING, proven=True), edit=""),
    ]
    figures = copy_figures(answers)
    assert (figures.threshold, figures.lenient_threshold) == (math.inf, 0.9)
    assert best_match(answers[0].matches, LENIENT) == answers[0].matches[1]
    assert (figures.accused.value, figures.accused_of_others.value) == (1, 0)
    assert figures.precision is not None
    assert figures.lenient_precision is not None
    assert figures.precision.value == pytest.approx(1 / 3)
    assert figures.lenient_precision.value == 1
    assert figures.edits[0].found.value == 0
    assert figures.edits[0].found_leniently.value == 1
    assert len(figures.errors) == 2


def test_what_the_search_does_not_tell_is_not_made_up() -> None:
    figures = copy_figures([answer(match(0.9)), answer(edit="")])
    assert figures.edits[0].candidate is None
    assert figures.precision is None
    assert figures.errors == ()


def test_a_search_that_finds_nothing_has_no_threshold() -> None:
    figures = copy_figures([answer(), answer(edit="")])
    assert figures.threshold == figures.baseline_threshold == math.inf
    assert figures.edits[-1].found.value == 0
    assert threshold_at_precision([answer(baseline=(match(0.3),))], baseline, 0.99) == 0.3


@pytest.mark.parametrize("edit", ["", "crop"])
def test_figures_need_both_sides(edit: str) -> None:
    with pytest.raises(ValueError, match="copies and innocent"):
        copy_figures([answer(edit=edit)])
