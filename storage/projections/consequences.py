"""What follows from decisions: strikes, delistings, messages."""

from collections.abc import Callable, Mapping
from typing import Any

from storage.changes import Set, put
from storage.events import EventType, Role, StoredEvent
from storage.projections.fields import Changes, Projection, against, first, time
from storage.state import DECISIONS, OUTBOX, PROPOSALS, PROPOSED, STRIKES, SUSPENSIONS, WARNINGS
from storage.tables import DELIVERIES


def _strike(event: StoredEvent) -> Changes:
    return (
        put(
            STRIKES,
            **against(event, "strike"),
            rule=event.data["rule"],
            at=event.at,
            expires_at=time(event, "expires_at"),
        ),
    )


def _warned(event: StoredEvent) -> Changes:
    return (put(WARNINGS, **against(event, "warning"), rule=event.data["rule"], at=event.at),)


def _suspension(column: str) -> Projection:
    def follow(event: StoredEvent) -> Changes:
        # One may be suspended without a proposal; then both are at once.
        row = against(event, "suspension")
        if column == "proposed_at":
            return (put(SUSPENSIONS, **row, proposed_at=event.at),)
        once = row | {"proposed_at": event.at}
        return (put(SUSPENSIONS, once, id=row["id"], suspended_at=event.at),)

    return follow


def _suspension_lifted(event: StoredEvent) -> Changes:
    which = {"id": event.data["suspension"], "lifted_at": None}
    return (Set(SUSPENSIONS, which, {"lifted_at": event.at}),)


def _reversed(event: StoredEvent) -> Changes:
    decision = event.data["decision"]
    return (
        Set(DECISIONS, {"id": decision, "reversed_at": None}, {"reversed_at": event.at}),
        *(
            Set(table, {"decision": decision, column: None}, {column: event.at})
            for table, column in (
                (STRIKES, "reversed_at"),
                (WARNINGS, "reversed_at"),
                (SUSPENSIONS, "lifted_at"),
            )
        ),
    )


def _proposed(event: StoredEvent) -> Changes:
    data = event.data
    proposal = put(
        PROPOSALS,
        id=data["proposal"],
        sequence=event.sequence,
        service=data["service"],
        policy_sha256=data["policy_sha256"],
        proposed_by=event.actor,
        proposed_at=event.at,
    )
    return (
        proposal,
        *(
            put(PROPOSED, proposal=data["proposal"], decision=decision, done=False)
            for decision in data["decisions"]
        ),
    )


def _proposal(**values: Callable[[StoredEvent], Any]) -> Projection:
    def follow(event: StoredEvent) -> Changes:
        got = {name: value(event) for name, value in values.items()}
        return (Set(PROPOSALS, {"id": event.data["proposal"]}, got),)

    return follow


def _queued(event: StoredEvent) -> Changes:
    data = event.data
    message = put(
        OUTBOX,
        id=data["message"],
        sequence=event.sequence,
        kind=event.type,
        topic=data["topic"],
        recipient=first(event, Role.RECIPIENT),
        work=event.work,
        decision=data.get("decision"),
        at=event.at,
    )
    # Not derived: made once, and kept as it is when the state is made anew.
    waiting = put(DELIVERIES, {"attempts": 0, "dead": False}, message=data["message"])
    if data["topic"] != "delist" or data.get("decision") is None:
        return message, waiting
    return message, waiting, Set(PROPOSED, {"decision": data["decision"]}, {"done": True})


def _delivered(event: StoredEvent) -> Changes:
    which = {"id": event.data["message"], "delivered_at": None}
    return (Set(OUTBOX, which, {"delivered_at": event.at}),)


def _erased(event: StoredEvent) -> Changes:
    """Nothing more is sent to somebody who is no longer known."""
    if event.account is None:
        return ()
    waiting = {"recipient": event.account, "delivered_at": None, "cancelled_at": None}
    return (Set(OUTBOX, waiting, {"cancelled_at": event.at}),)


def _nothing(_: StoredEvent) -> Changes:
    return ()  # it stands in the trail, and that is all


PROJECTIONS: Mapping[str, Projection] = {
    EventType.STRIKE_GIVEN: _strike,
    EventType.WARNED: _warned,
    EventType.SUSPENSION_PROPOSED: _suspension("proposed_at"),
    EventType.SUSPENDED: _suspension("suspended_at"),
    EventType.SUSPENSION_LIFTED: _suspension_lifted,
    EventType.DECISION_REVERSED: _reversed,
    EventType.DELISTING_PROPOSED: _proposed,
    EventType.DELISTING_APPROVED: _proposal(
        approved_by=lambda event: event.actor,
        approved_at=lambda event: event.at,
        undo_until=lambda event: time(event, "undo_until"),
    ),
    EventType.DELISTING_UNDONE: _proposal(undone_at=lambda event: event.at),
    EventType.DELISTING_DONE: _proposal(done_at=lambda event: event.at),
    EventType.NOTICE_QUEUED: _queued,
    EventType.REFUND_QUEUED: _queued,
    EventType.INSTRUCTION_QUEUED: _queued,
    EventType.DECISION_QUEUED: _queued,
    EventType.DELIVERED: _delivered,
    EventType.ERASED: _erased,
    EventType.MODEL_CHANGED: _nothing,
    EventType.SIGNED_IN: _nothing,
    EventType.SIGNED_OUT: _nothing,
    EventType.PERSON_CHANGED: _nothing,
    EventType.CASE_READ: _nothing,
}
