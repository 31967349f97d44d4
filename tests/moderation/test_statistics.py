"""Figures of some weeks: counted out of the records, and held to other people's formulas."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import cohen_kappa_score

from moderation.desk import answer_appeal, answer_review, claim_appeal, claim_review, open_appeal
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.labels import label
from moderation.people import Moderator
from moderation.record import record
from moderation.reviews import Answer
from moderation.statistics import agreement, share, statistics, times
from storage import Store
from storage.figures import Answered
from tests.moderation.telling import (
    MIA,
    NOA,
    PROVEN,
    SUSPECTED,
    T0,
    actions,
    human,
    inferred,
    later,
    policy,
    stated,
    upload,
)

PAIR = st.tuples(st.sampled_from(["ai", "human"]), st.sampled_from(["ai", "human"]))


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_share_has_wilsons_interval(told: list[bool]) -> None:
    found = share(told)
    assert found is not None
    low, high = binomtest(sum(told), len(told)).proportion_ci(0.95, method="wilson")
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


@given(st.lists(PAIR, min_size=1, max_size=60))
def test_agreement_is_cohens_kappa(pairs: list[tuple[str, str]]) -> None:
    found = agreement(pairs)
    assert found is not None
    if len({one for pair in pairs for one in pair}) == 1:
        assert found.kappa is None
        return
    expected = cohen_kappa_score(*zip(*pairs, strict=True))
    assert found.kappa == pytest.approx(expected, abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.high <= 1


def test_the_interval_of_kappa_narrows_with_what_was_seen() -> None:
    few = agreement([("ai", "ai"), ("human", "human"), ("ai", "human")] * 4)
    many = agreement([("ai", "ai"), ("human", "human"), ("ai", "human")] * 400)
    assert few is not None
    assert many is not None
    assert few.kappa == pytest.approx(many.kappa)
    assert (few.high or 0) - (few.low or 0) > 4 * ((many.high or 0) - (many.low or 0))


def test_nine_in_ten_took_no_longer() -> None:
    found = times(Answered(timedelta(hours=n), yes=True) for n in range(1, 12))
    assert found is not None
    assert (found.median, found.most) == (timedelta(hours=6), timedelta(hours=10))
    assert times([]) is None


def test_what_the_records_tell_of_a_week(store: Store) -> None:
    rules = policy({**SUSPECTED}, PROVEN)
    tim = Moderator("tim")
    held = record(store, inferred("a"), upload("a"), rules, at=T0, key="a")
    record(store, human("b"), upload("b"), rules, at=T0, key="b")
    gone = record(store, stated("c"), upload("c", account="ben"), rules, at=T0, key="c")
    # An old decision, in a week that is not asked for.
    record(store, human("old"), upload("old"), rules, at=later(weeks=-20), key="old")
    with store.reading() as reader:
        (review,) = reader.reviews(decision=held.id)
    claim_review(store, review.id, MIA, at=later(hours=2), key="claim")
    answer = Answer(True, "So.", actions("delist"), Finding(MadeBy.AI, 1))
    answer_review(store, review.id, MIA, answer, at=later(hours=2), key="answer")
    label(store, held.id, MIA, Finding(MadeBy.AI, 1), at=later(hours=3), key="again")
    label(store, held.id, NOA, Finding(MadeBy.HUMAN, 1), at=later(hours=3), key="noa")
    objection = open_appeal(store, gone.id, "ben", "No.", at=later(hours=4), key="appeal").id
    claim_appeal(store, objection, tim, at=later(hours=8), key="tim")
    answer_appeal(
        store, objection, tim, granted=True, reason="He is right.", at=later(hours=8), key="yes"
    )
    with store.reading() as reader:
        found = statistics(reader, until=later(days=1))
    (week,) = found.weeks
    assert (week.service, week.monday.isoweekday(), week.decisions) == ("comics", 1, 3)
    assert week.actions == {"label": 1, "publish": 1, "delist": 1}
    assert (week.labelled.count, week.reversed.count) == (2, 1)
    assert found.confirmed is not None
    assert found.confirmed.value == 1
    assert found.second is None
    assert found.granted is not None
    assert found.granted.value == 1
    assert found.review_times is not None
    assert found.review_times.median == timedelta(hours=2)
    assert found.appeal_times is not None
    assert found.appeal_times.most == timedelta(hours=4)
    assert found.agreement is not None
    assert (found.agreement.same.count, found.agreement.same.n) == (
        0,
        1,
    )


def test_what_an_appeal_closes_nobody_has_answered(store: Store) -> None:
    rules = policy({**SUSPECTED, "actions": ["hold"]})
    held = record(store, inferred("a"), upload("a"), rules, at=T0, key="a")
    objection = open_appeal(store, held.id, "ann", "No.", at=T0, key="appeal").id
    claim_appeal(store, objection, MIA, at=T0, key="claim")
    answer_appeal(store, objection, MIA, granted=True, reason="Right.", at=T0, key="yes")
    with store.reading() as reader:
        found = statistics(reader, until=T0)
    assert found.confirmed is None
    assert found.granted is not None
