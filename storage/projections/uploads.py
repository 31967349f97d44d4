"""What reports of the platform, and decisions, say of uploads."""

from collections.abc import Mapping

from storage.changes import Set, put
from storage.events import EventType, Role, StoredEvent
from storage.projections.fields import Changes, Projection, first, time
from storage.state import ACTIVATIONS, DECISIONS, HOLDERS, NORMS, POSTS, REQUESTS

NOBODY = 0
"""The account of a decision about an upload whose account is not known."""


def _posted(event: StoredEvent) -> Changes:
    data = event.data
    said = {name: data.get(name) for name in ("kind", "declared_ai", "outside_links")}
    at = time(event, "posted_at") or event.at
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
            request=first(event, Role.REQUEST),
            creator=first(event, Role.CREATOR),
            client=event.account,
            placed_at=event.at,
            same_as=event.data["same_as"],
        ),
    )


def _request(column: str) -> Projection:
    def follow(event: StoredEvent) -> Changes:
        which = {"request": first(event, Role.REQUEST), column: None}
        creator = first(event, Role.CREATOR)
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
    at = time(event, "posted_at")
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
        verdict=data["verdict"],
        evidence=data["evidence"],
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


PROJECTIONS: Mapping[str, Projection] = {
    EventType.POSTED: _posted,
    EventType.DELETED: _deleted,
    EventType.LINKS_ADDED: _links_added,
    EventType.REQUEST_PLACED: _request_placed,
    EventType.REQUEST_ACCEPTED: _request("accepted_at"),
    EventType.REQUEST_CANCELLED: _request("cancelled_at"),
    EventType.REQUEST_DELIVERED: _request("delivered_at"),
    EventType.PURCHASERS_REPORTED: _purchasers,
    EventType.DECIDED: _decided,
    EventType.NORM_MEASURED: _norm,
    EventType.POLICY_ACTIVATED: _activated,
}
