"""What people who look at uploads say."""

from collections.abc import Mapping

from storage.changes import Set, put
from storage.events import EventType, Role, StoredEvent
from storage.projections.fields import UNCLAIMED, Changes, Projection, against, first, time
from storage.state import APPEALS, CONFIRMATIONS, LABELS, REVIEWS, SECONDS


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
            due_at=time(event, "due_at"),
            choices=list(data["choices"]),
            rows=list(data["rows"]),
            signal=data.get("signal"),
            signal_works=list(event.names.get(Role.WORKS, ())),
            signal_creator=first(event, Role.ENROLLED),
            votes_needed=data["votes_needed"],
            actions=[],
        ),
    )


def _claimed(kind: str) -> Projection:
    table = {"review": REVIEWS, "appeal": APPEALS}[kind]

    def follow(event: StoredEvent) -> Changes:
        claim = {"claimed_by": event.actor, "claimed_until": time(event, "until")}
        return (Set(table, {"id": event.data[kind]}, claim),)

    return follow


def _claim_expired(event: StoredEvent) -> Changes:
    return tuple(
        Set(table, {"id": event.data[kind]}, UNCLAIMED)
        for kind, table in (("review", REVIEWS), ("appeal", APPEALS))
        if event.data.get(kind) is not None
    )


def _review_resolved(event: StoredEvent) -> Changes:
    data = event.data
    which = {"id": data["review"]}
    if not data["final"]:
        return (
            put(SECONDS, review=data["review"], actor=event.actor),
            Set(REVIEWS, which, UNCLAIMED),
        )
    resolved = Set(
        REVIEWS,
        which,
        {
            **UNCLAIMED,
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
        creator=first(event, Role.ENROLLED),
    )
    return resolved, confirmation


def _appeal_opened(event: StoredEvent) -> Changes:
    return (
        put(
            APPEALS,
            **against(event, "appeal"),
            work=event.work,
            opened_at=event.at,
            due_at=time(event, "due_at"),
            evidence=list(event.data.get("evidence", ())),
        ),
    )


def _appeal_resolved(event: StoredEvent) -> Changes:
    answer = {
        **UNCLAIMED,
        "resolved_by": event.actor,
        "resolved_at": event.at,
        "granted": event.data["granted"],
    }
    return (Set(APPEALS, {"id": event.data["appeal"]}, answer),)


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


PROJECTIONS: Mapping[str, Projection] = {
    EventType.REVIEW_OPENED: _review_opened,
    EventType.REVIEW_CLAIMED: _claimed("review"),
    EventType.CLAIM_EXPIRED: _claim_expired,
    EventType.REVIEW_RESOLVED: _review_resolved,
    EventType.APPEAL_OPENED: _appeal_opened,
    EventType.APPEAL_CLAIMED: _claimed("appeal"),
    EventType.APPEAL_RESOLVED: _appeal_resolved,
    EventType.LABELLED: _labelled,
}
