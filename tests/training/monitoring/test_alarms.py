from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from tests.training.monitoring.test_next_labels import seen
from training.monitoring.alarms import clusters, odd_and_sure
from training.monitoring.seen import Seen

SINCE = datetime(2026, 11, 16, tzinfo=UTC)
Features = dict[str, np.ndarray]


def upload(i: int, days: float, account: str, probability: float = 0.05) -> Seen:
    at = SINCE + timedelta(days=days)
    return replace(seen(i, probability), at=at, account=account, distance=0.5)


def crowd(n: int, rng: np.random.Generator) -> tuple[list[Seen], Features]:
    """Uploads of all days that are unlike one another, and one kind that was always there."""
    uploads, features = [], {}
    for i in range(n):
        one = upload(i, rng.uniform(-20, 7), f"account {i % 50}")
        middle = np.zeros((6, 16)) if i % 4 else np.full((6, 16), 6.0)
        features[one.sha256] = (middle + rng.normal(size=(6, 16))).astype(np.float32)
        uploads.append(one)
    return uploads, features


def group(
    first: int, n: int, accounts: int, rng: np.random.Generator
) -> tuple[list[Seen], Features]:
    """Pictures of late that are alike."""
    uploads = [upload(first + i, rng.uniform(0, 7), f"new {i % accounts}") for i in range(n)]
    middle = 8 * rng.normal(size=(6, 16))
    features = {
        one.sha256: (middle + 0.3 * rng.normal(size=(6, 16))).astype(np.float32) for one in uploads
    }
    return uploads, features


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_a_group_that_is_new_and_of_several_accounts_is_an_alarm(rng: np.random.Generator) -> None:
    old, features = crowd(300, rng)
    new, more = group(1000, 25, 6, rng)
    first, *others = clusters(old + new, features | more, SINCE)
    assert first.alarm
    assert (first.recent, first.accounts) == (25, 6)
    assert set(first.examples) <= {one.sha256 for one in new}
    assert first.probability == pytest.approx(0.05)
    assert others
    assert not any(one.alarm for one in others), "what was always there is none"


def test_one_account_with_one_style_is_no_alarm(rng: np.random.Generator) -> None:
    old, features = crowd(300, rng)
    new, more = group(1000, 25, 1, rng)
    found = clusters(old + new, features | more, SINCE)
    assert max(one.recent for one in found) >= 25
    assert not any(one.alarm for one in found)


def test_of_few_and_of_those_without_features_nothing_is_said(rng: np.random.Generator) -> None:
    uploads, features = crowd(100, rng)
    assert clusters(uploads[:10], features, SINCE) == ()
    assert clusters(uploads, {}, SINCE) == ()
    assert clusters((), features, SINCE) == ()


def test_odd_and_sure(rng: np.random.Generator) -> None:
    uploads = [replace(upload(i, -1, "a"), distance=i / 10) for i in range(1, 6)]
    uploads += [
        replace(upload(10, 1, "a"), distance=0.4),
        replace(upload(11, 1, "a", probability=0.95), distance=0.4),
        replace(upload(12, 1, "a", probability=0.6), distance=0.4),
        replace(upload(13, 1, "a"), distance=0.3),
        replace(upload(14, 1, "a"), distance=None),
    ]
    found = odd_and_sure(uploads, SINCE)
    assert [one.sha256 for one in found] == [uploads[i].sha256 for i in (3, 4, 5, 6)]
    assert odd_and_sure([replace(uploads[0], distance=None)], SINCE) == ()
    only_new = [one for one in uploads if one.at >= SINCE]
    assert odd_and_sure(only_new + only_new, SINCE) == odd_and_sure(only_new, SINCE)
