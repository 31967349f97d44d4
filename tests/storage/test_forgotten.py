"""What an erasure takes out of the records is named, so that files elsewhere follow."""

from datetime import timedelta

import pytest

from storage import Store
from storage.forgotten import NAMED
from tests.storage.telling import at, decision


def forgotten(store: Store) -> set[str]:
    with store.reading() as reader:
        return set(reader.forgotten())


def images(store: Store, account: str) -> set[str]:
    return {
        one.judgement.image.sha256
        for one in store.decisions(since=at(0))
        if one.judgement and one.context and one.context.account == account
    }


@pytest.fixture
def told(store: Store) -> Store:
    with store.transaction() as transaction:
        transaction.append(
            decision("ann", "w1", 1, id_="a", creator="ben"),
            decision("bob", "w2", 2, id_="b", creator="ben"),
        )
    return store


def test_the_images_of_who_is_erased_are_named(told: Store) -> None:
    hers = images(told, "ann")
    assert hers
    assert forgotten(told) == set()
    told.erase("ann", at=at(9), actor="officer")
    assert forgotten(told) == hers


def test_images_of_withdrawn_works_are_named_and_leave_in_time(told: Store) -> None:
    with told.transaction() as transaction:
        transaction.forget_images({"a" * 64, "b" * 64}, at=at(3))
        transaction.forget_images({"b" * 64}, at=at(4))
    with told.reading() as reader:
        assert reader.forgotten() == {"a" * 64: at(3), "b" * 64: at(4)}
    with told.transaction() as transaction:
        transaction.forget_images((), at=at(3) + NAMED + timedelta(seconds=1))
    assert forgotten(told) == {"b" * 64}
