"""The trail as people read it: a page of it is what the chain says, newest first."""

from storage import EventType, Store
from tests.moderation.sagas import STEPS


def test_pages_are_the_chain_backwards(store: Store) -> None:
    for step in STEPS:
        step(store, lambda _: None)
    with store.reading() as reader:
        events = list(reader.events())[::-1]
        found, before = [], None
        while page := reader.trail.page(7, before=before):
            found += page
            before = page[-1].sequence
        assert [one.sequence for one in found] == [one.sequence for one in events]
        assert [one.hash for one in found] == [one.hash.hex() for one in events]
        anns = reader.trail.page(999, account="ann")
        assert {one.account for one in anns} == {"ann"}
        assert [one.sequence for one in anns] == [
            one.sequence for one in found if one.account == "ann"
        ]
        (granted,) = reader.trail.page(9, actor="tim", types=(EventType.APPEAL_RESOLVED,))
        assert (granted.said, granted.data["granted"]) == ("She is right.", True)
        assert reader.trail.page(9, work="held", types=(EventType.APPEAL_OPENED,))[0].said == "No."
        assert reader.trail.page(9, account="nobody") == ()


def test_an_erasure_takes_names_and_words_out_of_it(store: Store) -> None:
    for step in STEPS:
        step(store, lambda _: None)
    with store.reading() as reader:
        before = reader.trail.page(999)
    store.erase("ann", at=before[0].at, actor="sol")
    with store.reading() as reader:
        after = reader.trail.page(999)
        assert reader.trail.page(9, account="ann") == ()
    assert [one.hash for one in after[1:]] == [one.hash for one in before]
    assert not any(one.account == "ann" or one.said == "No." for one in after)
    assert any((one.account or "").startswith("erased-") for one in after)
