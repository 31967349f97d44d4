"""Uploads that were called near to a creator, page by page, on both databases."""

import pytest

from evidence import CreatorVerdict
from storage import EventType, Store
from storage.resembling import Resembling
from tests.storage.telling import at, decision, event, posted


@pytest.fixture
def told(store: Store) -> Store:
    """Nine uploads by three accounts, every third of them near to nobody."""
    creators = ("ben", "cleo", None)
    with store.transaction() as tx:
        tx.append(
            *(
                decision(f"a{n % 2}", f"work {n}", n, id_=f"d{n}", creator=creators[n % 3])
                for n in range(9)
            ),
            event(
                EventType.REVIEW_OPENED,
                account="a1",
                data={
                    "review": "r3",
                    "decision": "d3",
                    "about": "work",
                    "due_at": at(9).isoformat(),
                    "choices": [],
                    "rows": [],
                    "votes_needed": 1,
                },
            ),
        )
    return store


def pages(store: Store, creator: str, limit: int, most: int) -> list[tuple[Resembling, ...]]:
    found, before = [], None
    with store.reading() as reader:
        while True:
            page = reader.resembling(creator, limit, before, most)
            found.append(page.entries)
            if page.more is None:
                return found
            assert before is None or page.more < before
            before = page.more


@pytest.mark.parametrize(("limit", "most"), [(1, 100), (2, 100), (100, 100), (100, 2), (2, 1)])
def test_pages_together_are_all_the_newest_first(told: Store, limit: int, most: int) -> None:
    found = pages(told, "ben", limit, most)
    assert all(len(page) <= min(limit, most) for page in found)
    everything = [one for page in found for one in page]
    assert [one.decision for one in everything] == ["d6", "d3", "d0"]
    assert [(one.account, one.work) for one in everything] == [
        ("a0", "work 6"),
        ("a1", "work 3"),
        ("a0", "work 0"),
    ]
    assert [one.review for one in everything] == [None, "r3", None]
    for one in everything:
        assert (one.verdict, one.p_value, one.copy) == (CreatorVerdict.CLOSE, 0.01, True)


def test_what_was_erased_is_not_told(told: Store) -> None:
    told.erase("a0", at=at(10), actor="ada")
    assert [one.decision for page in pages(told, "ben", 100, 100) for one in page] == ["d3"]


def test_of_whom_nothing_is_near_nothing_is_told(told: Store) -> None:
    with told.transaction() as tx:
        tx.append(posted("a0", "another"))
    assert pages(told, "dora", 5, 100) == [()]
