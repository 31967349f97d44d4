"""Pages of the queue: in order, each review once, on both databases."""

import pytest

from moderation.desk import claim_review
from moderation.people import Moderator
from storage import Store
from storage.waiting import Place, Waiting, Wanted
from tests.api.console.making import asked
from tests.moderation.telling import later


@pytest.fixture
def reviews(store: Store) -> list[str]:
    """Seven, of which some are due at the same time; in the order of the queue."""
    made = []
    for number in range(7):
        at = later(hours=number // 2)
        service = ("comics", "books")[number % 2]
        review = asked(store, f"work {number}", at=at, account=f"a{number % 3}", service=service)
        made.append((at, review))
    return [review for _, review in sorted(made)]


def walked(store: Store, wanted: Wanted, size: int) -> list[Waiting]:
    found: list[Waiting] = []
    after: Place | None = None
    with store.reading() as reader:
        while page := reader.waiting.page(size, wanted, after):
            found += page
            after = page[-1].place
    return found


@pytest.mark.parametrize("size", [2, 10])
def test_pages_together_are_the_queue(store: Store, reviews: list[str], size: int) -> None:
    assert [one.id for one in walked(store, Wanted(), size)] == reviews
    with store.reading() as reader:
        assert [one.id for one in reader.queue(100)] == reviews
        assert reader.waiting.count() == 7
        assert reader.waiting.count(most=3) == 3
        assert reader.waiting.services() == ("books", "comics")


def test_filters_are_those_of_the_slow_way(store: Store, reviews: list[str]) -> None:
    everything = walked(store, Wanted(), 10)
    assert {one.evidence for one in everything} == {"inferred"}
    assert {one.verdict for one in everything} == {"ai"}
    for wanted in (
        Wanted(service="books"),
        Wanted(account="a1"),
        Wanted(service="comics", account="a2"),
        Wanted(evidence="inferred"),
        Wanted(evidence="proven"),
        Wanted(account="nobody"),
        Wanted(creator="nobody"),
    ):
        slow = [
            one
            for one in everything
            if wanted.service in (None, one.service)
            and wanted.account in (None, one.account)
            and wanted.evidence in (None, one.evidence)
            and wanted.creator is None
        ]
        assert walked(store, wanted, 2) == slow
        with store.reading() as reader:
            assert reader.waiting.count(wanted) == len(slow)


def test_what_somebody_holds_is_not_free(store: Store, reviews: list[str]) -> None:
    claim_review(store, reviews[0], Moderator("mia"), at=later(days=1), key="k")
    with store.reading() as reader:
        for at, first in ((later(days=1), 1), (later(days=1, minutes=30), 0)):
            found = reader.waiting.free(Wanted(), at, 2)
            assert [one.id for one in found] == reviews[first : first + 2]
        assert reader.waiting.page(1)[0].claimed_by == "mia"
