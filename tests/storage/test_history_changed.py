"""A history that was read before is taken for the same only where it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelling.history import History
from storage import Event, EventType, Reader, Role, Store
from tests.storage.telling import ON_A_STORE, at, decision, event, posted
from tests.storage.test_rebuild import EVENTS, PEOPLE, emptied


def history(reader: Reader, account: str) -> History:
    return reader.history(account, since=at(-1), until=at(200), service="1")


def changed(store: Store, account: str, *events: Event) -> bool:
    """Whether it is said that events may have changed a history; held to whether they did."""
    with store.reading() as reader:
        head, before = reader.head(), history(reader, account)
    with store.transaction() as transaction:
        transaction.append(*events)
        said = transaction.history_changed(account, head)
        assert said or history(transaction, account) == before
        return said


@given(st.data())
@ON_A_STORE
def test_what_is_not_said_to_have_changed_is_the_same(store: Store, data: st.DataObject) -> None:
    emptied(store)
    some = st.lists(st.one_of(*EVENTS.values()), max_size=8)
    with store.transaction() as transaction:
        transaction.append(*data.draw(some))
    changed(store, data.draw(PEOPLE), *data.draw(some))


def test_uploads_of_others_change_nothing_and_ones_own_do(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.append(decision("ann", "cat"), posted("bob", "dog"))
    notice = {"message": "m", "topic": "labelled", "decision": "d"}
    told = event(
        EventType.NOTICE_QUEUED, account="ann", names={Role.RECIPIENT: ("ann",)}, data=notice
    )
    assert not changed(store, "ann", decision("bob", "fish", 1), posted("cleo", "bird", 1), told)
    assert not changed(store, "nobody yet", decision("bob", "hen", 2))
    assert changed(store, "ann", decision("ann", "fox", 3))
    assert changed(store, "new", posted("new", "first", 3))


@pytest.mark.parametrize("type_", [EventType.POSTED, EventType.DECIDED])
def test_a_work_that_goes_over_to_another_changes_both(store: Store, type_: EventType) -> None:
    with store.transaction() as transaction:
        transaction.append(posted("ann", "cat"))
    make = posted if type_ is EventType.POSTED else decision
    assert changed(store, "ann", make("bob", "cat", 1))
