"""Works posted before that a policy does not allow: proposed in bulk, approved, carried out.

    judged works -> proposed -> approved -> (may be undone) -> carried out, one work at a time

A person approves, and until the policy's days are over anyone of the staff can undo it: nothing
has happened until then. It can be stopped and begun again at any point, and does nothing twice.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from evidence import Judgement
from labelling import Action, Context, Moment, decide
from labelling.policy.resolved import ResolvedPolicy
from moderation import events
from moderation.case import Case
from moderation.effects import case_of, effects, first_time, history
from moderation.errors import (
    CaseErased,
    NotApproved,
    PolicyInShadow,
    SameModerator,
    TooEarly,
    UndoOver,
)
from moderation.people import RAKKAN, Act, Moderator, senior
from moderation.record import recorded
from storage import Reader, Store, Transaction
from storage.cases import Proposal
from storage.events import EventType

TOGETHER = 200
"""Works that are decided about in one transaction."""

SAMPLES = 20
"""Works that a preview names."""


@dataclass(frozen=True)
class Preview:
    """What a proposal would do, before anybody approves it.

    Attributes:
        proposal: Its id.
        works: How many works would be delisted.
        accounts: Whose they are: how many accounts are told.
        purchasers: How many notices to people who bought or downloaded one.
        points: That would be paid back, in all.
        rows: How often which row of the policy decided, the most often first.
        samples: Some of the works, by name.
    """

    proposal: str
    works: int
    accounts: int
    purchasers: int
    points: int
    rows: tuple[tuple[str, int], ...]
    samples: tuple[str, ...]


def propose(
    store: Store,
    works: Iterable[tuple[Judgement, Context]],
    policy: ResolvedPolicy,
    *,
    by: str,
    at: datetime,
    key: str,
    creators: Callable[[str], Sequence[str]] = lambda _: (),
) -> Preview:
    """Propose to delist what a policy does not allow, whenever it was posted.

    A work that only inference speaks against is not among it: moderators would have to look.

    Args:
        store: Where it is kept.
        works: Of the archive: what is said of each image, and what the platform says of it.
        policy: With all that it inherits.
        by: Who proposes it.
        at: Now, with a time zone.
        key: Idempotency key.
        creators: Names of the enrolled creators who own an account.
    """
    act = Act(at, by, key)
    proposal = act.id("proposal")
    found: list[str] = []
    remaining = iter(works)
    while some := list(islice(remaining, TOGETHER)):
        with store.transaction() as tx:
            tx.keep_policy(policy)
            found += [
                decision
                for judgement, context in some
                if (decision := _decided(tx, act, judgement, context, policy, creators)) is not None
            ]
    with store.transaction() as tx:
        if first_time(tx, act, EventType.DELISTING_PROPOSED):
            tx.append(
                events.delisting_proposed(
                    act,
                    proposal=proposal,
                    service=policy.id.name,
                    policy_sha256=policy.id.sha256,
                    decisions=list(dict.fromkeys(found)),
                )
            )
        return preview(tx, proposal)


def preview(tx: Reader, proposal: str) -> Preview:
    """What a proposal would still do.

    Args:
        tx: Of the records.
        proposal: Its id.

    Raises:
        UnknownRecord: There is none of that id.
    """
    tx.proposal(proposal)
    accounts: set[str] = set()
    rows: Counter[str] = Counter()
    samples: list[str] = []
    works = told = points = 0
    for one in map(tx.decision, tx.pending(proposal, _ALL)):
        works += 1
        rows.update(() if one.decision is None else (row.row for row in one.decision.rows))
        if one.account is not None:
            accounts.add(one.account)
        if one.work is not None:
            holders = tuple(tx.purchasers(one.work))
            told += len(holders)
            points += sum(holder.points for holder in holders)
            if len(samples) < SAMPLES:
                samples.append(one.work)
    return Preview(
        proposal, works, len(accounts), told, points, tuple(rows.most_common()), tuple(samples)
    )


_ALL = (1 << 31) - 1


def approve(
    store: Store, proposal: str, moderator: Moderator, *, at: datetime, key: str
) -> Proposal:
    """A senior moderator approves a proposal of somebody else.

    Args:
        store: Where it is kept.
        proposal: Its id.
        moderator: Who approves it.
        at: Now, with a time zone.
        key: Idempotency key.

    Raises:
        UnknownRecord: There is none of that id.
        SeniorNeeded: The moderator is not senior.
        SameModerator: The moderator proposed it.
        NotApproved: It was undone.
        PolicyInShadow: Its policy is in shadow.
    """
    act = Act(at, moderator.id, key)
    senior(moderator)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.DELISTING_APPROVED):
            found = tx.proposal(proposal)
            policy = tx.policy(found.policy_sha256)
            if found.proposed_by == moderator.id:
                raise SameModerator("You proposed this: another senior moderator must approve it.")
            if not policy.acts:
                raise PolicyInShadow("The policy is in shadow: put it live, and propose it anew.")
            if found.undone_at is not None:
                raise NotApproved("This was undone: propose it anew.")
            if found.approved_at is None:
                undo_until = at + timedelta(days=policy.undo_days)
                tx.append(events.delisting_approved(act, proposal, undo_until))
        return tx.proposal(proposal)


def undo(store: Store, proposal: str, moderator: Moderator, *, at: datetime, key: str) -> Proposal:
    """Take a proposal back before anything of it is carried out.

    Args:
        store: Where it is kept.
        proposal: Its id.
        moderator: Who takes it back.
        at: Now, with a time zone.
        key: Idempotency key.

    Raises:
        UnknownRecord: There is none of that id.
        UndoOver: The policy's days are over.
    """
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if first_time(tx, act, EventType.DELISTING_UNDONE):
            found = tx.proposal(proposal)
            if found.undo_until is not None and at >= found.undo_until:
                raise UndoOver("The days to undo this are over: each uploader can still appeal.")
            if found.undone_at is None:
                tx.append(events.delisting_changed(act, EventType.DELISTING_UNDONE, proposal))
        return tx.proposal(proposal)


def carry_out(store: Store, proposal: str, *, at: datetime, most: int | None = None) -> Proposal:
    """Delist the works of an approved proposal, each in a transaction of its own.

    What was interrupted is gone on with: a work that is delisted is not delisted again.

    Args:
        store: Where it is kept.
        proposal: Its id.
        at: Now, with a time zone.
        most: At most so many works; it is gone on with where it is asked for again.

    Raises:
        UnknownRecord: There is none of that id.
        NotApproved: Nobody approved it, or it was undone.
        TooEarly: It can still be undone.
    """
    with store.transaction() as tx:
        _due(tx.proposal(proposal), at)
        waiting = tx.pending(proposal, _ALL)
    left = len(waiting) if most is None else most
    for decision in waiting:
        act = Act(at, RAKKAN, f"{proposal}/{decision}")
        with store.transaction() as tx:
            found = tx.proposal(proposal)
            _due(found, at)
            if left == 0:
                return found
            # What has nothing to delist any more does not count.
            if tx.done(act.key) is None and _delist(tx, act, decision):
                left -= 1
    act = Act(at, RAKKAN, f"{proposal}/done")
    with store.transaction() as tx:
        if tx.done(act.key) is None:
            tx.append(events.delisting_changed(act, EventType.DELISTING_DONE, proposal))
        return tx.proposal(proposal)


def _due(found: Proposal, at: datetime) -> None:
    if found.approved_at is None or found.undo_until is None or found.undone_at is not None:
        raise NotApproved("Nobody approved this, or it was undone: nothing is delisted.")
    if at < found.undo_until:
        raise TooEarly(f"This can be undone until {found.undo_until}: carry it out then.")


def _decided(
    tx: Transaction,
    act: Act,
    judgement: Judgement,
    context: Context,
    policy: ResolvedPolicy,
    creators: Callable[[str], Sequence[str]],
) -> str | None:
    """The id of a decision to delist, recorded; None for a work that stays."""
    old = replace(context, moment=Moment.ARCHIVE)
    if old.work is not None and tx.delisted_by(old.work) is not None:
        return None
    own = () if old.account is None else tuple(creators(old.account))
    decision = decide(judgement, old, history(tx, old, policy, own), policy)
    if Action.DELIST not in decision.actions:
        return None
    mine = Act(act.at, act.by, f"{act.key}/{judgement.image.sha256}/{old.work or ''}")
    case = Case(mine.id("decision"), judgement.image.sha256, decision, old, policy, own)
    if tx.done(mine.key) is None:
        tx.append(*recorded(mine, case, judgement))
    return case.id


def _delist(tx: Transaction, act: Act, decision: str) -> bool:
    """Delist a work; whether there was anything to delist."""
    found = tx.decision(decision)
    if found.work is not None and tx.delisted_by(found.work) is not None:
        return False
    try:
        case, judgement = case_of(found, tx)
    except CaseErased:
        # The account and its works are gone.
        return False
    effects(tx, act, case, judgement)
    return True
