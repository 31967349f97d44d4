import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.evaluation.intervals import share
from training.evaluation.metrics import (
    RankingBootstrap,
    auroc,
    precision_recall,
    reliability,
    roc,
    threshold_at,
    tpr_at_fpr,
)

few = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40)


@given(few, few)
def test_auroc_is_the_count_over_all_pairs(positive: list[float], negative: list[float]) -> None:
    pairs = [(p > n) + 0.5 * (p == n) for p in positive for n in negative]
    found = auroc(positive, negative)
    assert found.value == pytest.approx(sum(pairs) / len(pairs))
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(few, few)
def test_auroc_is_the_area_under_the_curve(positive: list[float], negative: list[float]) -> None:
    false, true = roc(positive, negative)
    assert (false[0], true[0], false[-1], true[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(true, false) == pytest.approx(auroc(positive, negative).value)


def test_the_interval_is_about_as_wide_as_the_spread_of_repeated_samples() -> None:
    rng = np.random.default_rng(0)
    found = [auroc(rng.normal(1.5, 1, 120), rng.normal(0, 1, 200)) for _ in range(300)]
    spread = 2 * 1.96 * np.std([f.value for f in found])
    width = np.mean([f.high - f.low for f in found])
    assert width == pytest.approx(spread, rel=0.15)


def test_with_each_image_its_own_group_the_bootstrap_agrees_with_delong() -> None:
    rng = np.random.default_rng(1)
    scores = np.concatenate([rng.normal(1.5, 1, 200), rng.normal(0, 1, 300)]).round(1)
    is_ai = np.arange(500) < 200
    alone = RankingBootstrap(is_ai, [str(i) for i in range(500)], draws=2000).auroc(scores)
    delong = auroc(scores[is_ai], scores[~is_ai])
    assert alone.value == pytest.approx(delong.value)
    assert (alone.low, alone.high) == pytest.approx((delong.low, delong.high), abs=0.006)


def test_images_that_repeat_each_other_widen_the_interval_by_group() -> None:
    rng = np.random.default_rng(2)
    scores = np.repeat(np.concatenate([rng.normal(1, 1, 20), rng.normal(0, 1, 20)]), 10)
    is_ai = np.arange(400) < 200
    grouped = RankingBootstrap(is_ai, [i // 10 for i in range(400)]).auroc(scores)
    alone = auroc(scores[is_ai], scores[~is_ai])
    assert grouped.high - grouped.low > 2 * (alone.high - alone.low)


def test_tpr_at_fpr_counts_above_the_threshold() -> None:
    negative = np.arange(100.0)
    # One of 100 may lie above: the threshold is 98.
    assert tpr_at_fpr([98.0, 98.5, 200.0, 0.0], negative, 0.01).value == 0.5
    assert tpr_at_fpr([98.0, 98.5, 200.0, 0.0], negative, 0.001).value == 0.25


@given(few, st.floats(0, 1))
def test_a_threshold_is_the_lowest_score_that_holds_its_rate(
    negative: list[float], fpr: float
) -> None:
    threshold = threshold_at(negative, fpr)
    assert threshold in negative
    assert sum(n > threshold for n in negative) <= fpr * len(negative) + 1e-9
    lower = [n for n in negative if n < threshold]
    if lower:
        assert sum(n > max(lower) for n in negative) > fpr * len(negative) - 1e-6


@given(few, few)
def test_precision_and_recall_are_those_of_counting(
    positive: list[float], negative: list[float]
) -> None:
    recall, precision = precision_recall(positive, negative)
    thresholds = sorted({*positive, *negative}, reverse=True)
    assert len(recall) == len(precision) == len(thresholds)
    for threshold, r, p in zip(thresholds, recall, precision, strict=True):
        true = sum(s >= threshold for s in positive) / len(positive)
        false = sum(s >= threshold for s in negative) / len(negative)
        assert r == pytest.approx(true)
        assert p == pytest.approx(true / (true + false))
    assert (recall[-1], precision[-1]) == (1, 0.5)


grouped = st.lists(
    st.tuples(st.integers(-5, 5).map(float), st.booleans(), st.sampled_from("abcdef")),
    min_size=2,
    max_size=30,
).filter(lambda images: len({ai for _, ai, _ in images}) == 2)


@settings(max_examples=30)
@given(grouped, st.sampled_from([0.01, 0.2, 0.5]))
def test_resampled_figures_are_those_of_images_that_stand_several_times(
    images: list[tuple[float, bool, str]], fpr: float
) -> None:
    scores, is_ai, groups = (list(part) for part in zip(*images, strict=True))
    scores, is_ai = np.array(scores), np.array(is_ai)
    drawn = RankingBootstrap(is_ai, groups, draws=20, seed=3)
    times = drawn.times.astype(int)
    assert times.shape == (20, len(images))
    found = []
    for row in times:
        again, truth = np.repeat(scores, row), np.repeat(is_ai, row)
        found.append(
            (
                auroc(again[truth], again[~truth]).value,
                tpr_at_fpr(again[truth], again[~truth], fpr).value,
            )
        )
    for estimate, values in zip(
        (drawn.auroc(scores), drawn.tpr_at_fpr(scores, fpr)), zip(*found, strict=True), strict=True
    ):
        assert (estimate.low, estimate.high) == pytest.approx(
            tuple(np.percentile(values, [2.5, 97.5]))
        )


def test_whole_groups_are_drawn_within_each_class() -> None:
    is_ai, groups = [True, True, False, False, False, True], list("aabbcc")
    times = RankingBootstrap(is_ai, groups, draws=50).times
    assert (times[:, 0] == times[:, 1]).all()
    assert (times[:, 2] == times[:, 3]).all()
    assert (times[:, [0, 5]].sum(axis=1) == 2).all(), "as many groups as there are"
    assert (times[:, [2, 4]].sum(axis=1) == 2).all()


def test_a_gain_is_paired() -> None:
    rng = np.random.default_rng(4)
    is_ai = np.arange(400) < 200
    hard = rng.normal(0, 1, 400)
    scores, others = hard + 1.5 * is_ai, hard + 1.4 * is_ai
    drawn = RankingBootstrap(is_ai, [str(i) for i in range(400)])
    gain, one = drawn.auroc_gain(scores, others), drawn.auroc(scores)
    assert gain.value == pytest.approx(one.value - drawn.auroc(others).value)
    assert 0 < gain.low < gain.high
    assert gain.high - gain.low < (one.high - one.low) / 3
    assert drawn.auroc_gain(scores, scores).high == 0
    with pytest.raises(ValueError, match="both classes"):
        RankingBootstrap([True], ["a"])


def test_share_has_its_exact_interval() -> None:
    found = share([True] * 3 + [False] * 97)
    assert (found.value, found.n) == (0.03, 100)
    assert (found.low, found.high) == pytest.approx((0.006230, 0.085176), abs=1e-6)


def test_calibrated_probabilities_have_a_small_error_and_others_not() -> None:
    rng = np.random.default_rng(3)
    p = rng.random(20000)
    is_ai = rng.random(20000) < p
    error, bins = reliability(p, is_ai)
    assert error < 0.02
    assert [b.n for b in bins] == np.histogram(p, 10, (0, 1))[0].tolist()
    assert reliability(np.sqrt(p), is_ai)[0] > 0.1


def test_reliability_gives_both_classes_the_same_weight() -> None:
    # Nine human works and one AI picture, all called even: right for classes of equal weight.
    assert reliability([0.5] * 10, [True] + [False] * 9)[0] == pytest.approx(0)
