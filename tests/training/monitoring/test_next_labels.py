from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.monitoring.next_labels import Shares, Why, next_labels
from training.monitoring.seen import Seen

AT = datetime(2026, 11, 2, tzinfo=UTC)


def seen(i: int, probability: float = 0.9, distance: float | None = 0.3) -> Seen:
    digest = sha256(str(i).encode()).hexdigest()
    return Seen(f"d{i}", None, "comics", AT, digest, "m", "f" * 64, probability, distance, False)


UPLOADS = [seen(i, (i % 100) / 100, i / 1000) for i in range(1000)]


def test_each_reason_gets_its_share() -> None:
    found = next_labels(UPLOADS, (), 100, seed="w1")
    assert Counter(one.why for one in found) == {
        Why.RANDOM: 30,
        Why.UNCERTAIN: 40,
        Why.NOVEL: 30,
    }
    assert len({one.upload.sha256 for one in found}) == 100
    of = {why: [one.upload for one in found if one.why is why] for why in Why}
    assert max(abs(one.probability - 0.5) for one in of[Why.UNCERTAIN]) <= 0.03
    assert min(one.distance or 0 for one in of[Why.NOVEL]) > 0.95
    assert {one.chance for one in found if one.why is Why.RANDOM} == {0.03}
    assert {one.chance for one in found if one.why is not Why.RANDOM} == {None}


def test_the_audit_is_unbiased_and_stays_the_same() -> None:
    """Over many seeds every upload is drawn about as often, whatever its score."""
    shares = Shares(1, 0, 0)
    times: Counter[str] = Counter()
    for seed in range(300):
        found = next_labels(UPLOADS, (), 100, shares=shares, seed=str(seed))
        times.update(one.upload.sha256 for one in found)
    low = sum(times[one.sha256] for one in UPLOADS if one.probability < 0.5)
    assert low / sum(times.values()) == pytest.approx(0.5, abs=0.01)
    one, other = (
        next_labels(reversed(UPLOADS), (), 50, seed="x"),
        next_labels(UPLOADS, (), 50, seed="x"),
    )
    assert one == other


def test_what_has_a_label_is_not_asked_again_and_keeps_its_place_in_the_audit() -> None:
    first = next_labels(UPLOADS, (), 50, seed="w1")
    known = {one.upload.sha256 for one in first}
    again = next_labels(UPLOADS, known, 50, seed="w1")
    assert not known & {one.upload.sha256 for one in again}
    assert Why.RANDOM not in {one.why for one in again}, "the sample of this seed is finished"


def test_without_distances_nothing_is_novel() -> None:
    found = next_labels([seen(i, distance=None) for i in range(20)], (), 10)
    assert Why.NOVEL not in {one.why for one in found}


@given(
    st.tuples(*[st.floats(0, 10)] * 3).filter(lambda shares: sum(shares) > 0.01),
    st.integers(0, 200),
)
def test_the_shares_add_up(shares: tuple[float, float, float], count: int) -> None:
    parts = [Shares(*shares).of(why, count) for why in Why]
    assert sum(parts) == count
    assert min(parts) >= 0
