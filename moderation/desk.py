"""The acts of moderators and uploaders: each one transaction, done once under its key.

Who may do what, and what follows, `moderation.reviews` and `moderation.appeals` say.
"""

from collections.abc import Sequence
from datetime import datetime

from evidence import Judgement
from labelling import Action
from moderation import appeals, claims, reviews
from moderation.case import Case
from moderation.effects import case_of, first_time, holders, propose_suspension, settle
from moderation.events import About
from moderation.findings import Finding
from moderation.people import Act, Moderator
from moderation.reviews import Answer
from storage import Event, Reader, Store, Transaction
from storage.attachments import NewAttachment
from storage.cases import Appeal, Review
from storage.events import EventType


def claim_review(
    store: Store, review: str, moderator: Moderator, *, at: datetime, key: str
) -> Review:
    """A moderator takes a review; see `moderation.reviews.claim`."""
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.REVIEW_CLAIMED):
            found = tx.review(review)
            reviews.not_of_the_appeal(moderator, tx.appeal_of(found.decision or ""))
            tx.append(*reviews.claim(act, moderator, found))
        return tx.review(review)


def release_review(
    store: Store, review: str, moderator: Moderator, *, at: datetime, key: str
) -> Review:
    """A moderator gives a review back to the queue; see `moderation.claims.released`."""
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.CLAIM_EXPIRED):
            tx.append(*claims.released(act, "review", tx.review(review)))
        return tx.review(review)


def answer_review(
    store: Store, review: str, moderator: Moderator, answer: Answer, *, at: datetime, key: str
) -> Review:
    """A moderator answers a review; see `moderation.reviews.answered`.

    Raises:
        CaseErased: What the decision was made of was erased.
    """
    with store.transaction() as tx:
        return answer_within(tx, Act(at, moderator.id, key), review, moderator, answer)


def answer_within(
    tx: Transaction, act: Act, review: str, moderator: Moderator, answer: Answer
) -> Review:
    """As `answer_review`, within a transaction that does more."""
    if first_time(tx, act, EventType.REVIEW_RESOLVED):
        found, case, judgement, said = answered_within(tx, act, review, moderator, answer)
        settle(tx, act, case, judgement, said)
        if Action.SUSPEND_REVIEW in answer.actions and found.about == About.WORK:
            propose_suspension(tx, act, case, found.rows[0])
    return tx.review(review)


def answered_within(
    tx: Reader, act: Act, review: str, moderator: Moderator, answer: Answer
) -> tuple[Review, Case, Judgement, tuple[Event, ...]]:
    """What an answer would lead to, of which nothing is done.

    Returns:
        The review, its case, the judgement, and the events.

    Raises:
        ModerationError: See `moderation.reviews.answered`.
    """
    found = tx.review(review)
    decision = found.decision or ""
    reviews.not_of_the_appeal(moderator, tx.appeal_of(decision))
    case, judgement = case_of(tx.decision(decision), tx)
    said = reviews.answered(
        act,
        moderator,
        found,
        answer,
        case,
        tuple(one for one in tx.reviews(decision=decision) if one.id != review),
        holders(tx, case, answer.actions),
    )
    return found, case, judgement, said


def open_appeal(
    store: Store,
    decision: str,
    account: str,
    text: str,
    evidence: Sequence[str] = (),
    *,
    files: Sequence[NewAttachment] = (),
    at: datetime,
    key: str,
) -> Appeal:
    """The uploader objects to a decision; see `moderation.appeals.opened`.

    Files that are handed in are evidence, too, and are kept with it.

    Raises:
        CaseErased: What the decision was made of was erased.
    """
    act = Act(at, account, key)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.APPEAL_OPENED):
            found = tx.decision(decision)
            case, _ = case_of(found, tx)
            said = appeals.opened(
                act,
                case,
                account,
                text,
                (*evidence, *(one.sha256 for one in files)),
                earlier=tx.appeal_of(decision),
                messages=tx.messages(decision=decision),
                reversed_at=found.reversed_at,
            )
            tx.append(*said)
            tx.attachments.keep(decision, account, files, at=at)
        return tx.appeal(act.id("appeal"))


def claim_appeal(
    store: Store, appeal: str, moderator: Moderator, *, at: datetime, key: str
) -> Appeal:
    """A moderator takes an appeal; see `moderation.appeals.claim`."""
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.APPEAL_CLAIMED):
            found = tx.appeal(appeal)
            tx.append(*appeals.claim(act, moderator, found, decided_by(tx, found.decision)))
        return tx.appeal(appeal)


def release_appeal(
    store: Store, appeal: str, moderator: Moderator, *, at: datetime, key: str
) -> Appeal:
    """A moderator gives an appeal back to the queue; see `moderation.claims.released`."""
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.CLAIM_EXPIRED):
            tx.append(*claims.released(act, "appeal", tx.appeal(appeal)))
        return tx.appeal(appeal)


def answer_appeal(
    store: Store,
    appeal: str,
    moderator: Moderator,
    *,
    granted: bool,
    reason: str,
    finding: Finding | None = None,
    at: datetime,
    key: str,
) -> Appeal:
    """A moderator answers an appeal; see `moderation.appeals.answered`.

    Raises:
        CaseErased: What the decision was made of was erased.
    """
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.APPEAL_RESOLVED):
            found = tx.appeal(appeal)
            case, _ = case_of(tx.decision(found.decision), tx)
            said = appeals.answered(
                act,
                moderator,
                found,
                case,
                granted=granted,
                reason=reason,
                finding=finding,
                decided_by=decided_by(tx, case.id),
                messages=tx.messages(decision=case.id),
                reviews=tx.reviews(decision=case.id),
                suspensions=[
                    one
                    for one in ([] if found.account is None else tx.suspensions(found.account))
                    if one.decision == case.id
                ],
            )
            tx.append(*said)
        return tx.appeal(appeal)


def decided_by(tx: Reader, decision: str) -> frozenset[str]:
    """The moderators who had a part in a decision: in its reviews, or in a delisting in bulk.

    Args:
        tx: A transaction.
        decision: Id of the decision.
    """
    people = {
        person
        for review in tx.reviews(decision=decision)
        for person in (*review.seconded_by, review.resolved_by)
    }
    proposal = tx.decision(decision).proposal
    if proposal is not None:
        found = tx.proposal(proposal)
        people |= {found.proposed_by, found.approved_by}
    return frozenset(person for person in people if person is not None)
