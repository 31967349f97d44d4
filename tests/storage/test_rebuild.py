"""The state is what follows from the events: made anew, it is the same."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from storage import Event, EventType, Role, Store
from storage.projections import PROJECTIONS
from tests.storage.telling import ON_A_STORE, at, decision, event, posted, state_of

PEOPLE = st.sampled_from(["ann", "bob", "cleo"])
WORKS = st.sampled_from(["cat", "dog", "fish"])
IDS = st.sampled_from(["1", "2", "3"])
HOURS = st.integers(0, 99)
TIMES = HOURS.map(lambda hours: at(hours).isoformat())
SOME = st.lists(PEOPLE, max_size=2, unique=True).map(tuple)
FLAGS = st.booleans()


def of(
    type_: EventType,
    names: dict[Role, st.SearchStrategy[tuple[str, ...]]] | None = None,
    **data: st.SearchStrategy[Any],
) -> st.SearchStrategy[Event]:
    """Events of a type, about anybody."""

    def told(hours: int, who: Sequence[str], data: Any, names: Any) -> Event:
        account, work, actor = who
        return event(type_, hours, actor=actor, account=account, work=work, data=data, names=names)

    return st.builds(
        told,
        HOURS,
        st.tuples(PEOPLE, WORKS, PEOPLE),
        st.fixed_dictionaries(dict(data)),
        st.fixed_dictionaries(dict(names or {})),
    )


def only(what: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return what.map(lambda one: (one,))


REQUEST = {Role.CREATOR: only(PEOPLE), Role.REQUEST: only(IDS)}
SIGNAL = {Role.WORKS: SOME, Role.ENROLLED: only(PEOPLE)}
AGAINST = {"decision": IDS, "rule": IDS}
MESSAGE = {
    "message": IDS,
    "topic": st.sampled_from(["delist", "restore", "labelled"]),
    "decision": IDS,
}
TO = {Role.RECIPIENT: only(PEOPLE)}

EVENTS: dict[EventType, st.SearchStrategy[Event]] = {
    EventType.POSTED: st.builds(posted, PEOPLE, WORKS, HOURS),
    EventType.DELETED: of(EventType.DELETED),
    EventType.LINKS_ADDED: of(EventType.LINKS_ADDED, outside_links=HOURS),
    EventType.REQUEST_PLACED: of(EventType.REQUEST_PLACED, REQUEST, same_as=IDS),
    EventType.REQUEST_ACCEPTED: of(EventType.REQUEST_ACCEPTED, REQUEST),
    EventType.REQUEST_CANCELLED: of(EventType.REQUEST_CANCELLED, REQUEST),
    EventType.REQUEST_DELIVERED: of(EventType.REQUEST_DELIVERED, REQUEST),
    EventType.PURCHASERS_REPORTED: of(
        EventType.PURCHASERS_REPORTED, {Role.PURCHASERS: SOME, Role.DOWNLOADERS: SOME}
    ),
    EventType.DECIDED: st.builds(
        lambda who, work, hours, id_: decision(who, work, hours, id_=id_, creator="dan"),
        PEOPLE | st.none(),
        WORKS | st.none(),
        HOURS,
        IDS,
    ),
    EventType.REVIEW_OPENED: of(
        EventType.REVIEW_OPENED,
        SIGNAL,
        review=IDS,
        decision=IDS,
        about=IDS,
        due_at=TIMES,
        choices=st.lists(IDS),
        rows=st.lists(IDS),
        votes_needed=HOURS,
        signal=IDS,
    ),
    EventType.REVIEW_CLAIMED: of(EventType.REVIEW_CLAIMED, review=IDS, until=TIMES),
    EventType.CLAIM_EXPIRED: of(EventType.CLAIM_EXPIRED, review=IDS | st.none(), appeal=IDS),
    EventType.REVIEW_RESOLVED: of(
        EventType.REVIEW_RESOLVED,
        SIGNAL,
        review=IDS,
        final=FLAGS,
        confirmed=FLAGS,
        actions=st.lists(IDS),
        signal=IDS | st.none(),
    ),
    EventType.STRIKE_GIVEN: of(
        EventType.STRIKE_GIVEN, strike=IDS, expires_at=TIMES | st.none(), **AGAINST
    ),
    EventType.WARNED: of(EventType.WARNED, warning=IDS, **AGAINST),
    EventType.SUSPENSION_PROPOSED: of(EventType.SUSPENSION_PROPOSED, suspension=IDS, decision=IDS),
    EventType.SUSPENDED: of(EventType.SUSPENDED, suspension=IDS, decision=IDS),
    EventType.SUSPENSION_LIFTED: of(EventType.SUSPENSION_LIFTED, suspension=IDS),
    EventType.APPEAL_OPENED: of(
        EventType.APPEAL_OPENED, appeal=IDS, decision=IDS, due_at=TIMES, evidence=st.lists(IDS)
    ),
    EventType.APPEAL_CLAIMED: of(EventType.APPEAL_CLAIMED, appeal=IDS, until=TIMES),
    EventType.APPEAL_RESOLVED: of(EventType.APPEAL_RESOLVED, appeal=IDS, granted=FLAGS),
    EventType.DECISION_REVERSED: of(EventType.DECISION_REVERSED, decision=IDS),
    EventType.DELISTING_PROPOSED: of(
        EventType.DELISTING_PROPOSED,
        proposal=IDS,
        service=IDS,
        policy_sha256=IDS,
        decisions=st.lists(IDS, unique=True),
    ),
    EventType.DELISTING_APPROVED: of(EventType.DELISTING_APPROVED, proposal=IDS, undo_until=TIMES),
    EventType.DELISTING_UNDONE: of(EventType.DELISTING_UNDONE, proposal=IDS),
    EventType.DELISTING_DONE: of(EventType.DELISTING_DONE, proposal=IDS),
    EventType.LABELLED: of(
        EventType.LABELLED, label=IDS, certainty=st.floats(0, 1), source=IDS, decision=IDS
    ),
    EventType.NOTICE_QUEUED: of(EventType.NOTICE_QUEUED, TO, **MESSAGE),
    EventType.REFUND_QUEUED: of(EventType.REFUND_QUEUED, TO, **MESSAGE),
    EventType.INSTRUCTION_QUEUED: of(EventType.INSTRUCTION_QUEUED, **MESSAGE),
    EventType.DECISION_QUEUED: of(EventType.DECISION_QUEUED, **MESSAGE),
    EventType.DELIVERED: of(EventType.DELIVERED, message=IDS),
    EventType.NORM_MEASURED: of(
        EventType.NORM_MEASURED, service=IDS, posts_a_day=st.floats(0, 9), accounts=HOURS
    ),
    EventType.POLICY_ACTIVATED: of(EventType.POLICY_ACTIVATED, policy=IDS, sha256=IDS),
    EventType.ERASED: of(EventType.ERASED),
    EventType.MODEL_CHANGED: of(EventType.MODEL_CHANGED, what=IDS, model=IDS, kind=IDS),
    EventType.SIGNED_IN: of(EventType.SIGNED_IN, how=IDS),
    EventType.SIGNED_OUT: of(EventType.SIGNED_OUT),
    EventType.PERSON_CHANGED: of(EventType.PERSON_CHANGED, {Role.PERSON: only(PEOPLE)}, what=IDS),
    EventType.CASE_READ: of(EventType.CASE_READ, review=IDS),
}


def test_every_type_is_told_of_here() -> None:
    assert set(EVENTS) == set(PROJECTIONS) == set(EventType)


def emptied(store: Store) -> None:
    """Without events: those of the last example are no part of the next."""
    triggers = {
        "sqlite": ["DROP TRIGGER IF EXISTS rakkan_records_events_delete"],
        "postgresql": [
            "DROP TRIGGER IF EXISTS rakkan_records_events_rows ON rakkan_records_events"
        ],
    }
    with store.database.engine.begin() as connection:
        for statement in (
            *triggers[store.database.engine.dialect.name],
            "DELETE FROM rakkan_records_events",
            "DELETE FROM rakkan_records_private",
            "DELETE FROM rakkan_records_nearness",
            "DELETE FROM rakkan_records_names",
            "UPDATE rakkan_records_head SET sequence = 0, names = 0",
        ):
            connection.execute(text(statement))
    store.rebuild()


@given(st.data())
@ON_A_STORE
def test_made_anew_it_is_what_it_was(store: Store, data: st.DataObject) -> None:
    emptied(store)
    wanted = data.draw(st.lists(st.one_of(*EVENTS.values()), max_size=25))
    cuts = data.draw(st.sets(st.integers(0, len(wanted)), max_size=3))
    places = [0, *sorted(cuts), len(wanted)]
    for start, end in pairwise(places):
        with store.transaction() as transaction:
            transaction.append(*wanted[start:end])
    before = state_of(store)
    store.rebuild()
    assert state_of(store) == before


def test_events_one_by_one_and_all_at_once_come_to_the_same(store: Store) -> None:
    """The fast way, many events in few statements, is held to the slow one."""
    told = [
        one
        for number in range(30)
        for one in (
            posted("ann", f"w{number % 9}", number, outside_links=number),
            decision("bob", f"w{number % 7}", number, id_=f"d{number % 5}"),
            event(EventType.DELETED, number, work=f"w{number % 4}"),
            event(EventType.DECISION_REVERSED, number, data={"decision": f"d{number % 6}"}),
        )
    ]
    for one in told:
        with store.transaction() as transaction:
            transaction.append(one)
    slow = state_of(store)
    emptied(store)
    with store.transaction() as transaction:
        transaction.append(*told)
    assert state_of(store) == slow


def test_a_type_of_a_newer_version_changes_nothing(store: Store) -> None:
    before = state_of(store)
    newer: Any = "something_new"
    with store.transaction() as transaction:
        transaction.append(Event(type=newer, at=at(0) + timedelta(1), actor="rakkan"))
    assert state_of(store) == before
    assert store.verify().whole


@pytest.mark.parametrize("lacking", ["service", "review"])
def test_an_event_that_lacks_something_is_refused(store: Store, lacking: str) -> None:
    type_ = {"service": EventType.POSTED, "review": EventType.REVIEW_CLAIMED}[lacking]
    with pytest.raises(KeyError, match=lacking), store.transaction() as transaction:
        transaction.append(event(type_, account="ann", work="cat", data={}))
    assert store.verify().events == 0
