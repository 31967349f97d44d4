"""Conformal p-values of accounts."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling.account.innocent import (
    UNKNOWN,
    InnocentAccounts,
    Measured,
    Share,
    document_of,
    from_document,
    shipped,
)

INNOCENT = InnocentAccounts(
    3,
    {
        3: Measured(199, tuple(n / 100 for n in range(199))),
        8: Measured(49, tuple(n / 100 for n in range(49))),
    },
    {"command": "none"},
)


def test_the_share_counts_the_account_itself() -> None:
    assert INNOCENT.share(3, 5.0) == Share(1 / 200, 199)
    assert INNOCENT.share(3, 0.0) == Share(1.0, 199)
    assert INNOCENT.share(3, 1.98) == Share(2 / 200, 199)
    assert INNOCENT.share(2, 5.0) == UNKNOWN


def test_an_artist_counts_once_however_many_accounts_stand_for_them() -> None:
    assert Measured(9, (0.0, 1.0, 2.0, 3.0)).share(3.0) == Share((1 + 9 / 4) / 10, 9)


@given(st.integers(0, 40), st.integers(0, 40), st.floats(0, 7), st.floats(0, 7))
def test_more_works_and_more_surprise_are_never_more_innocent(
    works: int, more: int, nats: float, higher: float
) -> None:
    low, high = sorted((nats, higher))
    share = INNOCENT.share(works, low).p_value
    assert INNOCENT.share(works + more, low).p_value <= share
    assert INNOCENT.share(works, high).p_value <= share
    assert 0 < share <= 1


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2])
def test_no_more_strangers_than_stated_are_below_a_rate(rate: float) -> None:
    rng = np.random.default_rng(0)
    below = []
    for _ in range(2000):
        *known, asked = rng.exponential(size=100).tolist()
        innocent = InnocentAccounts(3, {3: Measured(99, tuple(sorted(known)))}, {})
        below.append(innocent.share(5, asked).p_value <= rate)
    assert np.mean(below) == pytest.approx(rate, abs=4 * np.sqrt(rate / 2000))


def test_it_goes_through_json_unharmed() -> None:
    assert from_document(json.loads(json.dumps(document_of(INNOCENT)))) == INNOCENT


def test_what_ships_says_what_it_was_measured_on() -> None:
    innocent = shipped()
    assert innocent.least == 3
    assert set(innocent.origin) >= {"command", "images_sha256", "encoder", "creators"}
    accounts = [one.accounts for one in innocent.measured.values()]
    assert accounts == sorted(accounts, reverse=True)
    for one in innocent.measured.values():
        assert list(one.nats) == sorted(one.nats)
        assert len(one.nats) >= one.accounts
    # So few accounts can promise one in a hundred.
    assert innocent.share(5, 7.0).p_value < 0.01
