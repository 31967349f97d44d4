"""What follows from an event for the state: pure functions from an event to changes of rows.

A type that is not known here, of a newer version, changes nothing.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from storage.changes import Change, Put, Set, put
from storage.events import EventType, Role, StoredEvent
from storage.state import (
    ACTIVATIONS,
    APPEALS,
    CONFIRMATIONS,
    DECISIONS,
    HOLDERS,
    LABELS,
    NORMS,
    OUTBOX,
    POSTS,
    PROPOSALS,
    PROPOSED,
    REQUESTS,
    REVIEWS,
    SECONDS,
    STRIKES,
    SUSPENSIONS,
    WARNINGS,
)

NOBODY = 0
"""The account of a decision about an upload whose account is not known."""

Changes = tuple[Change, ...]


def changes(event: StoredEvent) -> Changes:
    """The changes that an event makes.

    Args:
        event: As it is kept.

    Raises:
        KeyError: It lacks something that its type needs; see `storage.events`.
    """
    follow = PROJECTIONS.get(event.type)
    return () if follow is None else follow(event)


def _time(event: StoredEvent, name: str) -> datetime | None:
    found = event.data.get(name)
    return None if found is None else datetime.fromisoformat(found)


def _one(event: StoredEvent, role: Role) -> int | None:
    return next(iter(event.names.get(role, ())), None)


def _posted(event: StoredEvent) -> Changes:
    data = event.data
    said = {name: data.get(name) for name in ("kind", "declared_ai", "outside_links")}
    at = _time(event, "posted_at") or event.at
    return (
        put(POSTS, work=event.work, account=event.account, service=data["service"], at=at, **said),
    )


def _deleted(event: StoredEvent) -> Changes:
    return (Set(POSTS, {"work": event.work, "deleted_at": None}, {"deleted_at": event.at}),)


def _links_added(event: StoredEvent) -> Changes:
    return (Set(POSTS, {"work": event.work}, {"outside_links": event.data["outside_links"]}),)


def _request_placed(event: StoredEvent) -> Changes:
    return (
        put(
            REQUESTS,
            request=_one(event, Role.REQUEST),
            creator=_one(event, Role.CREATOR),
            client=event.account,
            placed_at=event.at,
            same_as=event.data["same_as"],
        ),
    )


def _request(column: str) -> Callable[[StoredEvent], Changes]:
    def follow(event: StoredEvent) -> Changes:
        which = {"request": _one(event, Role.REQUEST), column: None}
        creator = _one(event, Role.CREATOR)
        if creator is not None:
            which["creator"] = creator
        return (Set(REQUESTS, which, {column: event.at}),)

    return follow


def _purchasers(event: StoredEvent) -> Changes:
    bought = event.names.get(Role.PURCHASERS, ())
    points = event.data.get("points") or [None] * len(bought)
    return (
        *(
            put(HOLDERS, work=event.work, account=account, purchased=True, points=paid)
            for account, paid in zip(bought, points, strict=True)
        ),
        *(
            put(HOLDERS, work=event.work, account=account, purchased=False, points=None)
            for account in event.names.get(Role.DOWNLOADERS, ())
        ),
    )


def _decided(event: StoredEvent) -> Changes:
    data = event.data
    at = _time(event, "posted_at")
    decision = put(
        DECISIONS,
        id=data["decision"],
        sequence=event.sequence,
        account=NOBODY if event.account is None else event.account,
        work=event.work,
        service=data["service"],
        at=at,
        decided_at=event.at,
        label=data["label"],
        action=data["action"],
        policy=data["policy"],
        policy_sha256=data["policy_sha256"],
        acts=data["acts"],
    )
    if event.work is None or event.account is None:
        return (decision,)
    names = ("service", "kind", "declared_ai", "verdict", "evidence", "searched", "plain")
    post = put(
        POSTS,
        {"outside_links": data["outside_links"]},
        work=event.work,
        account=event.account,
        at=at,
        decided=event.sequence,
        **{name: data[name] for name in names},
    )
    return decision, post


def _review_opened(event: StoredEvent) -> Changes:
    data = event.data
    return (
        put(
            REVIEWS,
            id=data["review"],
            sequence=event.sequence,
            decision=data.get("decision"),
            account=event.account,
            work=event.work,
            about=data["about"],
            opened_at=event.at,
            due_at=_time(event, "due_at"),
            choices=list(data["choices"]),
            rows=list(data["rows"]),
            signal=data.get("signal"),
            signal_works=list(event.names.get(Role.WORKS, ())),
            signal_creator=_one(event, Role.ENROLLED),
            votes_needed=data["votes_needed"],
            actions=[],
        ),
    )


def _claimed(kind: str) -> Callable[[StoredEvent], Changes]:
    table = {"review": REVIEWS, "appeal": APPEALS}[kind]

    def follow(event: StoredEvent) -> Changes:
        claim = {"claimed_by": event.actor, "claimed_until": _time(event, "until")}
        return (Set(table, {"id": event.data[kind]}, claim),)

    return follow


_UNCLAIMED: Mapping[str, Any] = {"claimed_by": None, "claimed_until": None}


def _claim_expired(event: StoredEvent) -> Changes:
    return tuple(
        Set(table, {"id": event.data[kind]}, _UNCLAIMED)
        for kind, table in (("review", REVIEWS), ("appeal", APPEALS))
        if event.data.get(kind) is not None
    )


def _review_resolved(event: StoredEvent) -> Changes:
    data = event.data
    which = {"id": data["review"]}
    if not data["final"]:
        return (
            put(SECONDS, review=data["review"], actor=event.actor),
            Set(REVIEWS, which, _UNCLAIMED),
        )
    resolved = Set(
        REVIEWS,
        which,
        {
            **_UNCLAIMED,
            "resolved_by": event.actor,
            "resolved_at": event.at,
            "confirmed": data["confirmed"],
            "actions": list(data["actions"]),
        },
    )
    if not data["confirmed"] or data.get("signal") is None:
        return (resolved,)
    confirmation = put(
        CONFIRMATIONS,
        sequence=event.sequence,
        account=event.account,
        at=event.at,
        signal=data["signal"],
        works=list(event.names.get(Role.WORKS, ())),
        creator=_one(event, Role.ENROLLED),
    )
    return resolved, confirmation


def _against(event: StoredEvent, kind: str) -> dict[str, Any]:
    return {
        "id": event.data[kind],
        "sequence": event.sequence,
        "account": event.account,
        "decision": event.data.get("decision"),
    }


def _strike(event: StoredEvent) -> Changes:
    return (
        put(
            STRIKES,
            **_against(event, "strike"),
            rule=event.data["rule"],
            at=event.at,
            expires_at=_time(event, "expires_at"),
        ),
    )


def _warned(event: StoredEvent) -> Changes:
    return (put(WARNINGS, **_against(event, "warning"), rule=event.data["rule"], at=event.at),)


def _suspension(column: str) -> Callable[[StoredEvent], Changes]:
    def follow(event: StoredEvent) -> Changes:
        # One may be suspended without a proposal; then both are at once.
        row = _against(event, "suspension")
        if column == "proposed_at":
            return (put(SUSPENSIONS, **row, proposed_at=event.at),)
        return (
            Put(SUSPENSIONS, {"id": row["id"], column: event.at}, row | {"proposed_at": event.at}),
        )

    return follow


def _suspension_lifted(event: StoredEvent) -> Changes:
    which = {"id": event.data["suspension"], "lifted_at": None}
    return (Set(SUSPENSIONS, which, {"lifted_at": event.at}),)


def _appeal_opened(event: StoredEvent) -> Changes:
    return (
        put(
            APPEALS,
            **_against(event, "appeal"),
            work=event.work,
            opened_at=event.at,
            due_at=_time(event, "due_at"),
            evidence=list(event.data.get("evidence", ())),
        ),
    )


def _appeal_resolved(event: StoredEvent) -> Changes:
    answer = {
        **_UNCLAIMED,
        "resolved_by": event.actor,
        "resolved_at": event.at,
        "granted": event.data["granted"],
    }
    return (Set(APPEALS, {"id": event.data["appeal"]}, answer),)


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


def _proposal(**values: Callable[[StoredEvent], Any]) -> Callable[[StoredEvent], Changes]:
    def follow(event: StoredEvent) -> Changes:
        got = {name: value(event) for name, value in values.items()}
        return (Set(PROPOSALS, {"id": event.data["proposal"]}, got),)

    return follow


def _labelled(event: StoredEvent) -> Changes:
    data = event.data
    return (
        put(
            LABELS,
            sequence=event.sequence,
            work=event.work,
            account=event.account,
            sha256=data.get("sha256"),
            label=data["label"],
            certainty=data["certainty"],
            source=data["source"],
            decision=data.get("decision"),
            by=event.actor,
            at=event.at,
        ),
    )


def _queued(event: StoredEvent) -> Changes:
    data = event.data
    message = put(
        OUTBOX,
        id=data["message"],
        sequence=event.sequence,
        kind=event.type,
        topic=data["topic"],
        recipient=_one(event, Role.RECIPIENT),
        work=event.work,
        decision=data.get("decision"),
        at=event.at,
    )
    if data["topic"] != "delist" or data.get("decision") is None:
        return (message,)
    return message, Set(PROPOSED, {"decision": data["decision"]}, {"done": True})


def _delivered(event: StoredEvent) -> Changes:
    which = {"id": event.data["message"], "delivered_at": None}
    return (Set(OUTBOX, which, {"delivered_at": event.at}),)


def _norm(event: StoredEvent) -> Changes:
    names = ("service", "posts_a_day", "accounts")
    norm = {name: event.data[name] for name in names}
    return (put(NORMS, sequence=event.sequence, at=event.at, **norm),)


def _activated(event: StoredEvent) -> Changes:
    data = event.data
    return (
        put(
            ACTIVATIONS,
            sequence=event.sequence,
            policy=data["policy"],
            policy_sha256=data["sha256"],
            at=event.at,
        ),
    )


def _erased(event: StoredEvent) -> Changes:
    """Nothing more is sent to somebody who is no longer known."""
    if event.account is None:
        return ()
    waiting = {"recipient": event.account, "delivered_at": None, "cancelled_at": None}
    return (Set(OUTBOX, waiting, {"cancelled_at": event.at}),)


PROJECTIONS: Mapping[str, Callable[[StoredEvent], Changes]] = {
    EventType.POSTED: _posted,
    EventType.DELETED: _deleted,
    EventType.LINKS_ADDED: _links_added,
    EventType.REQUEST_PLACED: _request_placed,
    EventType.REQUEST_ACCEPTED: _request("accepted_at"),
    EventType.REQUEST_CANCELLED: _request("cancelled_at"),
    EventType.REQUEST_DELIVERED: _request("delivered_at"),
    EventType.PURCHASERS_REPORTED: _purchasers,
    EventType.DECIDED: _decided,
    EventType.REVIEW_OPENED: _review_opened,
    EventType.REVIEW_CLAIMED: _claimed("review"),
    EventType.CLAIM_EXPIRED: _claim_expired,
    EventType.REVIEW_RESOLVED: _review_resolved,
    EventType.STRIKE_GIVEN: _strike,
    EventType.WARNED: _warned,
    EventType.SUSPENSION_PROPOSED: _suspension("proposed_at"),
    EventType.SUSPENDED: _suspension("suspended_at"),
    EventType.SUSPENSION_LIFTED: _suspension_lifted,
    EventType.APPEAL_OPENED: _appeal_opened,
    EventType.APPEAL_CLAIMED: _claimed("appeal"),
    EventType.APPEAL_RESOLVED: _appeal_resolved,
    EventType.DECISION_REVERSED: _reversed,
    EventType.DELISTING_PROPOSED: _proposed,
    EventType.DELISTING_APPROVED: _proposal(
        approved_by=lambda event: event.actor,
        approved_at=lambda event: event.at,
        undo_until=lambda event: _time(event, "undo_until"),
    ),
    EventType.DELISTING_UNDONE: _proposal(undone_at=lambda event: event.at),
    EventType.DELISTING_DONE: _proposal(done_at=lambda event: event.at),
    EventType.LABELLED: _labelled,
    EventType.NOTICE_QUEUED: _queued,
    EventType.REFUND_QUEUED: _queued,
    EventType.INSTRUCTION_QUEUED: _queued,
    EventType.DELIVERED: _delivered,
    EventType.NORM_MEASURED: _norm,
    EventType.POLICY_ACTIVATED: _activated,
    EventType.ERASED: _erased,
}
