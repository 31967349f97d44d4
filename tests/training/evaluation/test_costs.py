from dataclasses import replace

import numpy as np
import pytest

from demo.labelled import PARTS, made_up_answers
from training.evaluation.costs import CostModel, Costs
from training.evaluation.intervals import clopper_pearson

COSTS = Costs(accusation=40, miss=2, review=0.5, ai_share=0.2)
ANSWERS = made_up_answers()
GRID = np.quantile(ANSWERS.scores, np.linspace(0, 1, 40))


def by_hand(lower: float, upper: float, costs: Costs = COSTS) -> float:
    """One upload after the other."""
    paid = {"ai": [], "human": []}  # type: dict[str, list[float]]
    for row, score in zip(ANSWERS.rows, ANSWERS.scores, strict=True):
        if score > upper:
            cost = costs.accusation if row.label == "human" else 0.0
        elif score > lower:
            cost = costs.review
        else:
            cost = costs.miss if row.label == "ai" else 0.0
        paid[row.label].append(cost)
    ai, human = (float(np.mean(paid[label])) for label in ("ai", "human"))
    return costs.ai_share * ai + (1 - costs.ai_share) * human


@pytest.mark.parametrize(("lower", "upper"), [(-1.0, 2.0), (0.5, 0.5), (-99.0, 99.0)])
def test_the_cost_is_that_of_each_upload(lower: float, upper: float) -> None:
    band = CostModel(ANSWERS, COSTS).band(lower, upper)
    assert band.cost.value == pytest.approx(by_hand(lower, upper))
    assert band.cost.low - 1e-9 <= band.cost.value <= band.cost.high + 1e-9


def test_the_cheapest_pair_is_that_of_trying_all() -> None:
    found = CostModel(ANSWERS, COSTS).cheapest(GRID, most_reviewed=1.0)
    tried = min(by_hand(low, high) for low in GRID for high in GRID if low <= high)
    assert found.cost.value == pytest.approx(tried)


def test_moderators_never_have_more_to_do_than_they_can() -> None:
    model = CostModel(ANSWERS, COSTS)
    bands = [model.cheapest(GRID, most_reviewed=most) for most in (0.0, 0.05, 0.2, 1.0)]
    for band, most in zip(bands, (0.0, 0.05, 0.2, 1.0), strict=True):
        assert band.reviewed.value <= most + 1e-9
    costs = [band.cost.value for band in bands]
    assert costs == sorted(costs, reverse=True)
    assert bands[0].lower == bands[0].upper


def test_without_review_a_curve_has_one_threshold_each() -> None:
    curve = CostModel(ANSWERS, COSTS).curve([-50, 50])
    assert [band.accused.value for band in curve] == [1, 0]
    assert [band.missed.value for band in curve] == [0, 1]
    assert curve[0].cost.value == pytest.approx(0.8 * 40)
    assert curve[1].cost.value == pytest.approx(0.2 * 2)


def test_no_error_in_a_sample_is_no_proof_that_there_is_none() -> None:
    band = CostModel(ANSWERS, COSTS).band(50, 50)
    humans = int((~ANSWERS.is_ai).sum())
    assert band.accused.value == 0
    assert band.accused.high == pytest.approx(clopper_pearson(0, humans)[1])
    assert band.cost.high >= band.cost.value + 0.8 * 40 * band.accused.high - 1e-9


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        replace(COSTS, miss=-1)
    with pytest.raises(ValueError, match="0 to 1"):
        replace(COSTS, ai_share=1.2)
    with pytest.raises(ValueError, match="below the lower"):
        CostModel(ANSWERS, COSTS).band(1, 0)
    with pytest.raises(ValueError, match="both classes"):
        CostModel(made_up_answers(PARTS[:2]), COSTS)
