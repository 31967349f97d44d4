"""The events of acts: one function per type, so that what each tells stands in one place.

What the types are, and who reads what of them, stands at the head of `storage.events`. Whatever is
somebody's words or somebody's work goes into `private`, which can be erased.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from labelling.actions import Action
from moderation.people import Act
from storage.events import Event, EventType, Role


class About(StrEnum):
    """What a review asks."""

    WORK = "work"
    """Whether a row of the policy is right about a work."""
    SUSPENSION = "suspension"
    """Whether the account is suspended."""
    LABEL = "label"
    """Whether the label that people gave an image is wrong; nothing else follows."""


class LabelSource(StrEnum):
    """What a training label comes from; never a decision that nobody looked at."""

    MODERATOR = "moderator"
    DECLARATION = "declaration"
    APPEAL = "appeal"


class MadeBy(StrEnum):
    """How an image was made; the values of `label` in a manifest."""

    AI = "ai"
    HUMAN = "human"


@dataclass(frozen=True)
class Signal:
    """An account signal that a moderator is asked to confirm.

    Attributes:
        name: Of the signal.
        works: The works that it rests on.
        creator: Name of the enrolled creator that it is about; None for none.
    """

    name: str
    works: tuple[str, ...]
    creator: str | None


# What the platform reports.


def posted(
    act: Act,
    *,
    service: str,
    account: str,
    work: str,
    posted_at: datetime,
    kind: str,
    declared_ai: bool | None,
    outside_links: int,
) -> Event:
    """An account posted a work, which nobody judged yet."""
    return Event(
        type=EventType.POSTED,
        at=act.at,
        actor=act.by,
        key=act.key,
        account=account,
        work=work,
        data={
            "service": service,
            "posted_at": posted_at.isoformat(),
            "kind": kind,
            "declared_ai": declared_ai,
            "outside_links": outside_links,
        },
    )


def deleted(act: Act, account: str, work: str) -> Event:
    """The account deleted its work itself."""
    return _event(EventType.DELETED, act, account=account, work=work)


def links_added(act: Act, account: str, work: str, outside_links: int) -> Event:
    """Links to elsewhere were added beside a work: so many are there now."""
    return _event(
        EventType.LINKS_ADDED, act, account=account, work=work, outside_links=outside_links
    )


def request_placed(act: Act, client: str, creator: str, request: str, same_as: str) -> Event:
    """A client placed a request with a creator."""
    return Event(
        type=EventType.REQUEST_PLACED,
        at=act.at,
        actor=act.by,
        key=act.key,
        account=client,
        data={"same_as": same_as},
        names={Role.CREATOR: (creator,), Role.REQUEST: (request,)},
    )


def request_changed(act: Act, type_: EventType, creator: str, request: str) -> Event:
    """A request was accepted, cancelled or delivered, as the type says."""
    return Event(
        type=type_,
        at=act.at,
        actor=act.by,
        key=act.key,
        names={Role.CREATOR: (creator,), Role.REQUEST: (request,)},
    )


def purchasers_reported(
    act: Act, work: str, points: Mapping[str, int], downloaders: Sequence[str]
) -> Event:
    """Who bought a work, for how many points each, and who downloaded it."""
    return Event(
        type=EventType.PURCHASERS_REPORTED,
        at=act.at,
        actor=act.by,
        key=act.key,
        work=work,
        data={"points": list(points.values())},
        names={Role.PURCHASERS: tuple(points), Role.DOWNLOADERS: tuple(downloaders)},
    )


# Reviews.


def review_opened(
    act: Act,
    *,
    review: str,
    decision: str,
    account: str | None,
    work: str | None,
    about: About,
    due_at: datetime,
    row: str | None,
    choices: Sequence[Action],
    votes_needed: int = 1,
    signal: Signal | None = None,
) -> Event:
    """Moderators are asked about a row of a decision, or about its image where there is none."""
    data, names = _signal(signal)
    return Event(
        type=EventType.REVIEW_OPENED,
        at=act.at,
        actor=act.by,
        key=act.key,
        account=account,
        work=work,
        data={
            "review": review,
            "decision": decision,
            "about": about.value,
            "due_at": due_at.isoformat(),
            "rows": [] if row is None else [row],
            "choices": [one.value for one in choices],
            "votes_needed": votes_needed,
            **data,
        },
        names=names,
    )


def review_claimed(act: Act, review: str, until: datetime) -> Event:
    """The actor looks at a review, alone until a time."""
    return _event(EventType.REVIEW_CLAIMED, act, review=review, until=until.isoformat())


def claim_expired(act: Act, what: str, case: str, holder: str) -> Event:
    """A claim ended without an answer; `what` is `review` or `appeal`."""
    return _event(EventType.CLAIM_EXPIRED, act, **{what: case, "holder": holder})


def review_resolved(
    act: Act,
    *,
    review: str,
    confirmed: bool,
    actions: Sequence[Action],
    reason: str,
    final: bool,
    account: str | None,
    signal: Signal | None,
) -> Event:
    """A moderator answered a review; the last who was needed, if it is final."""
    data, names = _signal(signal)
    return Event(
        type=EventType.REVIEW_RESOLVED,
        at=act.at,
        actor=act.by,
        key=act.key,
        account=account,
        data={
            "review": review,
            "confirmed": confirmed,
            "actions": [one.value for one in actions],
            "final": final,
            **data,
        },
        names=names,
        private={"reason": reason},
    )


# What is done to an account.


def strike_given(
    act: Act, *, account: str, strike: str, decision: str, rule: str, expires_at: datetime | None
) -> Event:
    """The account got a strike under a row of the policy."""
    return _event(
        EventType.STRIKE_GIVEN,
        act,
        account=account,
        strike=strike,
        decision=decision,
        rule=rule,
        expires_at=None if expires_at is None else expires_at.isoformat(),
    )


def warned(act: Act, *, account: str, warning: str, decision: str, rule: str) -> Event:
    """The account was warned under a row of the policy."""
    return _event(
        EventType.WARNED, act, account=account, warning=warning, decision=decision, rule=rule
    )


def suspension(act: Act, type_: EventType, account: str, suspension: str, decision: str) -> Event:
    """A suspension was proposed, or two moderators decided it, as the type says."""
    return _event(type_, act, account=account, suspension=suspension, decision=decision)


def suspension_lifted(act: Act, account: str, suspension: str) -> Event:
    """A suspension ended."""
    return _event(EventType.SUSPENSION_LIFTED, act, account=account, suspension=suspension)


# Appeals.


def appeal_opened(
    act: Act,
    *,
    account: str,
    work: str | None,
    appeal: str,
    decision: str,
    due_at: datetime,
    text: str,
    evidence: Sequence[str],
) -> Event:
    """The uploader objects to a decision; evidence by the digests of its files."""
    return Event(
        type=EventType.APPEAL_OPENED,
        at=act.at,
        actor=act.by,
        key=act.key,
        account=account,
        work=work,
        data={
            "appeal": appeal,
            "decision": decision,
            "due_at": due_at.isoformat(),
            "evidence": list(evidence),
        },
        private={"text": text},
    )


def appeal_claimed(act: Act, appeal: str, until: datetime) -> Event:
    """The actor looks at an appeal, alone until a time."""
    return _event(EventType.APPEAL_CLAIMED, act, appeal=appeal, until=until.isoformat())


def appeal_resolved(
    act: Act, *, account: str | None, appeal: str, granted: bool, reason: str
) -> Event:
    """The actor answered an appeal."""
    return Event(
        type=EventType.APPEAL_RESOLVED,
        at=act.at,
        actor=act.by,
        key=act.key,
        account=account,
        data={"appeal": appeal, "granted": granted},
        private={"reason": reason},
    )


def decision_reversed(act: Act, account: str | None, work: str | None, decision: str) -> Event:
    """A decision was wrong: its strikes, warnings and suspensions go with it."""
    return _event(EventType.DECISION_REVERSED, act, account=account, work=work, decision=decision)


# Delistings in bulk.


def delisting_proposed(
    act: Act, *, proposal: str, service: str, policy_sha256: str, decisions: Sequence[str]
) -> Event:
    """Works posted before are to be delisted, by these decisions."""
    return _event(
        EventType.DELISTING_PROPOSED,
        act,
        proposal=proposal,
        service=service,
        policy_sha256=policy_sha256,
        decisions=list(decisions),
    )


def delisting_approved(act: Act, proposal: str, undo_until: datetime) -> Event:
    """The actor approved it; until a time it can be undone."""
    return _event(
        EventType.DELISTING_APPROVED, act, proposal=proposal, undo_until=undo_until.isoformat()
    )


def delisting_changed(act: Act, type_: EventType, proposal: str) -> Event:
    """It was undone, or all of it is carried out, as the type says."""
    return _event(type_, act, proposal=proposal)


# Labels and messages.


def labelled(
    act: Act,
    *,
    account: str | None,
    work: str | None,
    image: str,
    label: MadeBy,
    certainty: float,
    source: LabelSource,
    decision: str,
) -> Event:
    """Somebody says how the image of a work was made; who is the actor."""
    return _event(
        EventType.LABELLED,
        act,
        account=account,
        work=work,
        sha256=image,
        label=label.value,
        certainty=certainty,
        source=source.value,
        decision=decision,
    )


def queued(
    act: Act,
    type_: EventType,
    *,
    message: str,
    topic: str,
    decision: str,
    account: str | None,
    recipient: str | None,
    work: str | None,
    body: Mapping[str, Any],
) -> Event:
    """Something is to leave the system; the message's id is its idempotency key."""
    return Event(
        type=type_,
        at=act.at,
        actor=act.by,
        key=act.key,
        account=account,
        work=work,
        data={"message": message, "topic": topic, "decision": decision},
        names={} if recipient is None else {Role.RECIPIENT: (recipient,)},
        private={"body": body},
    )


def _signal(signal: Signal | None) -> tuple[dict[str, Any], dict[Role, tuple[str, ...]]]:
    if signal is None:
        return {}, {}
    names: dict[Role, tuple[str, ...]] = {Role.WORKS: signal.works}
    if signal.creator is not None:
        names[Role.ENROLLED] = (signal.creator,)
    return {"signal": signal.name}, names


def _event(
    type_: EventType, act: Act, *, account: str | None = None, work: str | None = None, **data: Any
) -> Event:
    return Event(
        type=type_, at=act.at, actor=act.by, key=act.key, account=account, work=work, data=data
    )
