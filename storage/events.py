"""Events: what happened, one after the other, never changed.

An event itself holds no personal data. Names of people and works are kept as numbers (`names`),
texts and documents as salted digests (`private`); what the numbers and digests stand for lies in
tables of its own, out of which it can be erased while the events stay as they are.

What a type needs so that state can be derived from it (`storage.projections`); a type may carry
more. Ids are texts that the caller makes. Times in `data` are ISO 8601 with a zone.

    posted               account, work; service, posted_at, kind, declared_ai, outside_links
    deleted              work
    links_added          work; outside_links: how many there are now
    request_placed       account: the client; CREATOR, REQUEST; same_as
    request_accepted     CREATOR, REQUEST; so request_cancelled, request_delivered
    purchasers_reported  work; PURCHASERS, DOWNLOADERS; points: what each purchaser paid, in order
    decided              made by `storage.decisions.decided`
    review_opened        review, decision, about, due_at, choices, rows, votes_needed; signal,
                         WORKS, ENROLLED where an account signal is to be confirmed
    review_claimed       review, until; the actor claims it
    claim_expired        review, or appeal
    review_resolved      review, actions, confirmed, final: False where others must answer too;
                         account, signal, WORKS, ENROLLED where it confirms an account signal
    strike_given         account; strike, rule, decision, expires_at
    warned               account; warning, rule, decision
    suspension_proposed  account; suspension, decision; so suspended
    suspension_lifted    suspension
    appeal_opened        account, work; appeal, decision, due_at, evidence
    appeal_claimed       appeal, until
    appeal_resolved      appeal, granted
    decision_reversed    decision: its strikes, warnings and suspensions go with it
    delisting_proposed   proposal, service, policy_sha256, decisions
    delisting_approved   proposal, undo_until
    delisting_undone     proposal; so delisting_done
    labelled             work; label, certainty (0 to 1), source, sha256, decision
    notice_queued        RECIPIENT, work; message: its idempotency key, topic, decision; so
                         refund_queued, instruction_queued, decision_queued; topic `delist`
                         carries a proposal out
    delivered            message
    norm_measured        service, posts_a_day, accounts
    policy_activated     policy, sha256
    model_changed        what, model, kind: which model judges
    signed_in            how; the actor did, so signed_out
    person_changed       PERSON: who works at the console; what, role
    case_read            review; the actor looked at it
    erased               made by `Store.erase`
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventType(StrEnum):
    """What happened."""

    POSTED = "posted"
    DELETED = "deleted"
    LINKS_ADDED = "links_added"
    REQUEST_PLACED = "request_placed"
    REQUEST_ACCEPTED = "request_accepted"
    REQUEST_CANCELLED = "request_cancelled"
    REQUEST_DELIVERED = "request_delivered"
    PURCHASERS_REPORTED = "purchasers_reported"
    DECIDED = "decided"
    REVIEW_OPENED = "review_opened"
    REVIEW_CLAIMED = "review_claimed"
    CLAIM_EXPIRED = "claim_expired"
    REVIEW_RESOLVED = "review_resolved"
    STRIKE_GIVEN = "strike_given"
    WARNED = "warned"
    SUSPENSION_PROPOSED = "suspension_proposed"
    SUSPENDED = "suspended"
    SUSPENSION_LIFTED = "suspension_lifted"
    APPEAL_OPENED = "appeal_opened"
    APPEAL_CLAIMED = "appeal_claimed"
    APPEAL_RESOLVED = "appeal_resolved"
    DECISION_REVERSED = "decision_reversed"
    DELISTING_PROPOSED = "delisting_proposed"
    DELISTING_APPROVED = "delisting_approved"
    DELISTING_UNDONE = "delisting_undone"
    DELISTING_DONE = "delisting_done"
    LABELLED = "labelled"
    NOTICE_QUEUED = "notice_queued"
    REFUND_QUEUED = "refund_queued"
    INSTRUCTION_QUEUED = "instruction_queued"
    DECISION_QUEUED = "decision_queued"
    DELIVERED = "delivered"
    NORM_MEASURED = "norm_measured"
    POLICY_ACTIVATED = "policy_activated"
    MODEL_CHANGED = "model_changed"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    PERSON_CHANGED = "person_changed"
    CASE_READ = "case_read"
    ERASED = "erased"


class NameKind(StrEnum):
    """What a name is of. The same name of two kinds names two things."""

    ACCOUNT = "account"
    WORK = "work"
    REQUEST = "request"
    ENROLLED = "enrolled"
    """A creator of the index."""
    ACTOR = "actor"
    """Who acts: a moderator, or a program such as `rakkan`."""


class Role(StrEnum):
    """As what others than account, work and actor stand in an event."""

    CREATOR = "creator"
    """The account with which a request is placed."""
    REQUEST = "request"
    PURCHASERS = "purchasers"
    DOWNLOADERS = "downloaders"
    RECIPIENT = "recipient"
    """The account that is told, or paid back."""
    WORKS = "works"
    ENROLLED = "enrolled"
    PERSON = "person"
    """Somebody who works at the console."""

    @property
    def kind(self) -> NameKind:
        """Of its names."""
        return _KINDS.get(self, NameKind.ACCOUNT)


_KINDS = {
    Role.REQUEST: NameKind.REQUEST,
    Role.WORKS: NameKind.WORK,
    Role.ENROLLED: NameKind.ENROLLED,
    Role.PERSON: NameKind.ACTOR,
}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened, as whoever tells of it knows it.

    Attributes:
        type: What.
        at: When, with a time zone.
        actor: Who did it: a moderator, or a program.
        account: Whom it is about; on erasure of the account, `private` goes.
        work: Which work it is about.
        data: The rest, as JSON; nothing personal.
        names: Others whom it is about, by role.
        private: Texts and documents, as JSON, each under a name; they can be erased.
        key: Idempotency key of the act that it is part of.
    """

    type: EventType
    at: datetime
    actor: str
    account: str | None = None
    work: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    private: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None

    def __post_init__(self) -> None:
        """Refuse a time without a zone.

        Raises:
            ValueError: It has none.
        """
        if self.at.tzinfo is None:
            raise ValueError(f"the time {self.at} of an event has no time zone")


@dataclass(frozen=True)
class StoredEvent:
    """An event as it is kept: numbers for names, digests for what is private.

    Attributes:
        sequence: Its place, from 1 on, without gaps.
        at: When, in UTC.
        type: What; a text, since a newer version may have written it.
        account: Number of the account.
        work: Number of the work.
        actor: Number of who did it.
        data: The rest.
        names: Numbers of others, by role.
        sealed: Of each private part the hex digest SHA-256(salt, content).
        key: SHA-256 of the idempotency key.
        hash: SHA-256 of the hash before it and of all of the above.
    """

    sequence: int
    at: datetime
    type: str
    account: int | None
    work: int | None
    actor: int
    data: Mapping[str, Any]
    names: Mapping[str, tuple[int, ...]]
    sealed: Mapping[str, str]
    key: bytes | None
    hash: bytes
