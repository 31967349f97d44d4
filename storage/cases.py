"""Records of the state as they are read: reviews, appeals, messages and the like."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Review:
    """Something that a moderator is asked to look at.

    Attributes:
        id: Of the review.
        decision: That asked for it.
        account: Whose upload it is about.
        work: Which work it is about.
        about: What is to be decided, such as `work` or `suspension`.
        opened_at: When it was opened.
        due_at: By when it should be answered: the queue's order.
        choices: Actions that may follow.
        rows: Ids of the policy's rows that asked for it.
        signal: The account signal that is to be confirmed.
        signal_works: The works that the signal rests on.
        signal_creator: The enrolled creator that it is about.
        votes_needed: How many moderators must answer.
        seconded_by: Who answered without deciding it alone.
        claimed_by: Who looks at it.
        claimed_until: Until when.
        resolved_by: Who decided it.
        resolved_at: When.
        confirmed: Whether the suspicion was right.
        actions: What followed.
    """

    id: str
    decision: str | None
    account: str | None
    work: str | None
    about: str
    opened_at: datetime
    due_at: datetime
    choices: tuple[str, ...]
    rows: tuple[str, ...]
    signal: str | None
    signal_works: tuple[str, ...]
    signal_creator: str | None
    votes_needed: int
    seconded_by: tuple[str, ...]
    claimed_by: str | None
    claimed_until: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    confirmed: bool | None
    actions: tuple[str, ...]


@dataclass(frozen=True)
class Appeal:
    """An uploader's objection to a decision.

    Attributes:
        id: Of the appeal.
        decision: Against which it is.
        account: Whose.
        work: About which work.
        opened_at: When.
        due_at: By when it should be answered.
        text: What the uploader says; None after an erasure.
        evidence: Hex digests of the files that were handed in.
        claimed_by: Who looks at it.
        claimed_until: Until when.
        resolved_by: Who answered it.
        resolved_at: When.
        granted: Whether it was right.
    """

    id: str
    decision: str
    account: str | None
    work: str | None
    opened_at: datetime
    due_at: datetime
    text: str | None
    evidence: tuple[str, ...]
    claimed_by: str | None
    claimed_until: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    granted: bool | None


class MessageState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    """It is to be sent, or tried again."""
    DEAD = "dead"
    """It failed too often, or for good, and waits for a person."""
    DELIVERED = "delivered"
    ERASED = "erased"
    """Whom it is about, or to, was erased: it is not sent."""


@dataclass(frozen=True)
class Message:
    """Something that leaves the system.

    Attributes:
        id: Its idempotency key: whoever gets it twice acts once.
        sequence: Of the event that queued it.
        kind: The event's type: `notice_queued`, `refund_queued`, `instruction_queued` or
            `decision_queued`.
        topic: What it tells or asks for.
        recipient: The account that is told, or paid back.
        work: That it is about.
        decision: That it follows from.
        body: JSON; None where there is none, or after an erasure.
        at: When it was queued.
        delivered_at: When it was delivered.
        cancelled_at: When it was taken back, as its recipient was erased.
        attempts: How often its delivery was begun.
        dead: Whether it waits for a person, and is not tried any longer.
        retry_at: When it is tried again, after it failed; None for at once.
        error: Why the last attempt failed.
    """

    id: str
    sequence: int
    kind: str
    topic: str
    recipient: str | None
    work: str | None
    decision: str | None
    body: Any
    at: datetime
    delivered_at: datetime | None
    cancelled_at: datetime | None
    attempts: int
    dead: bool = False
    retry_at: datetime | None = None
    error: str | None = None

    @property
    def state(self) -> MessageState:
        """How far it has come."""
        if self.delivered_at is not None:
            return MessageState.DELIVERED
        if self.cancelled_at is not None or self.body is None:
            return MessageState.ERASED
        return MessageState.DEAD if self.dead else MessageState.WAITING


@dataclass(frozen=True)
class Backlog:
    """How much is to be sent still.

    Attributes:
        waiting: Messages that are tried, or tried again.
        dead: Messages that wait for a person.
        oldest: When the oldest of those that are tried was queued; None for none.
    """

    waiting: int
    dead: int
    oldest: datetime | None


@dataclass(frozen=True)
class Purchaser:
    """Somebody who holds a work.

    Attributes:
        account: Who.
        points: That were paid for it; 0 for a download.
    """

    account: str
    points: int


@dataclass(frozen=True)
class Suspension:
    """An account's suspension, proposed or in force.

    Attributes:
        id: Of the suspension.
        account: Whose.
        decision: That led to it.
        proposed_at: When it was proposed.
        suspended_at: When it came into force.
        lifted_at: When it ended.
    """

    id: str
    account: str
    decision: str | None
    proposed_at: datetime
    suspended_at: datetime | None
    lifted_at: datetime | None


class ProposalState(StrEnum):
    """How far a delisting in bulk has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    """It can still be undone, or waits to be carried out."""
    UNDONE = "undone"
    DONE = "done"


@dataclass(frozen=True)
class Proposal:
    """A delisting in bulk.

    Attributes:
        id: Of the proposal.
        service: Whose works.
        policy_sha256: By which policy.
        proposed_by: Who proposed it.
        proposed_at: When.
        approved_by: Who approved it.
        approved_at: When.
        undo_until: Until when it can be undone.
        undone_at: When it was.
        done_at: When it was carried out.
        decisions: How many works it would delist.
        carried_out: How many of them are delisted.
    """

    id: str
    service: str
    policy_sha256: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    undo_until: datetime | None
    undone_at: datetime | None
    done_at: datetime | None
    decisions: int
    carried_out: int

    @property
    def state(self) -> ProposalState:
        """How far it has come."""
        if self.done_at is not None:
            return ProposalState.DONE
        if self.undone_at is not None:
            return ProposalState.UNDONE
        return ProposalState.PROPOSED if self.approved_at is None else ProposalState.APPROVED


@dataclass(frozen=True)
class TrainingLabel:
    """What somebody says of how a work was made, for training.

    Attributes:
        sequence: Of its event.
        work: Which work.
        sha256: Hex digest of the image.
        label: What is said.
        certainty: How sure, 0 to 1.
        source: Whence: a moderator's answer, a declaration, an appeal.
        decision: In which case.
        by: Who says so.
        at: When.
    """

    sequence: int
    work: str | None
    sha256: str | None
    label: str
    certainty: float
    source: str
    decision: str | None
    by: str
    at: datetime
