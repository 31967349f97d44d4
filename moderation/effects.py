"""Appending what an act leads to, with what follows from the state that it finds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from evidence import Judgement
from labelling import Action, Context, History, decide
from labelling.policy.resolved import ResolvedPolicy
from moderation import reviews
from moderation.case import Case
from moderation.enforcement import Done, carry_out
from moderation.errors import CaseErased, KeyReused
from moderation.people import Act
from storage import Reader, Transaction
from storage.cases import Purchaser
from storage.decisions import RecordedDecision
from storage.events import Event, EventType

PAST = timedelta(days=400)
"""How far back a history goes at least: what is usual for an account takes its time."""


def reach(policy: ResolvedPolicy) -> timedelta:
    """How far back a policy looks: over twice its longest window, and `PAST` at least."""
    windows = [getattr(one, "within_days", 0.0) for _, one in policy.signals]
    return max(PAST, timedelta(days=2 * max(windows)))


def begin(until: datetime, far: timedelta) -> datetime:
    """The first time of a history up to a time.

    Args:
        until: With a time zone.
        far: How far back it goes, if the calendar does.
    """
    earliest = datetime.min.replace(tzinfo=UTC)
    return until - min(far, until - earliest)


def first_time(tx: Transaction, act: Act, type_: EventType) -> bool:
    """Whether an act was not done yet.

    Args:
        tx: The transaction of the act.
        act: Which.
        type_: Type of the first event that it makes.

    Raises:
        KeyReused: Another act was done under its key.
    """
    before = tx.done(act.key)
    if before is None:
        return True
    if all(one.type != type_ for one in before):
        raise KeyReused("This idempotency key was used for something else: take a new one.")
    return False


def case_of(recorded: RecordedDecision, tx: Reader) -> tuple[Case, Judgement]:
    """A decision with all that acts about it need.

    Raises:
        CaseErased: What it was made of is no longer there.
    """
    if recorded.judgement is None or recorded.context is None or recorded.decision is None:
        raise CaseErased("What this decision was made of was erased: nothing can follow from it.")
    case = Case(
        id=recorded.id,
        image=recorded.judgement.image.sha256,
        decision=recorded.decision,
        context=recorded.context,
        policy=tx.policy(recorded.policy_sha256),
        creators=recorded.creators,
    )
    return case, recorded.judgement


def history(
    tx: Reader,
    context: Context,
    policy: ResolvedPolicy,
    creators: Sequence[str] = (),
    until: datetime | None = None,
) -> History | None:
    """What is known of an account before an upload; None where the account is not known.

    Args:
        tx: A transaction.
        context: Of the upload.
        policy: That asks for it.
        creators: Names of enrolled creators who own the account.
        until: Up to when, if not up to the upload.
    """
    if context.account is None:
        return None
    until = until or context.at
    return tx.history(
        context.account,
        since=begin(until, reach(policy)),
        until=until,
        service=context.service,
        creators=creators,
    )


def effects(tx: Transaction, act: Act, case: Case, judgement: Judgement) -> None:
    """Append all that follows where a decision is carried out whole.

    Args:
        tx: The transaction of the act.
        act: Who carries it out, and when.
        case: The decision; already appended.
        judgement: That it was made of.
    """
    decision = case.decision
    done = Done(
        actions=decision.actions,
        rows=case.asking(set(decision.actions) - {Action.PUBLISH, Action.REVIEW}),
        holders=holders(tx, case, decision.actions),
        label=decision.label,
    )
    said = (*carry_out(act, case, done), *reviews.opened(act, case))
    settle(tx, act, case, judgement, said)
    for row in case.asking((Action.SUSPEND_REVIEW,)):
        propose_suspension(tx, act, case, row)


def settle(
    tx: Transaction,
    act: Act,
    case: Case,
    judgement: Judgement,
    said: Iterable[Event],
) -> None:
    """Append events, and propose a suspension where their strikes reach a row's threshold.

    Whether they do, the policy says: the same upload is decided anew, as of now and with the new
    strikes.

    Args:
        tx: The transaction of the act.
        act: Who acts, and when.
        case: The decision that it is about.
        judgement: That it was made of.
        said: The events.
    """
    new = tuple(said)
    tx.append(*new)
    if all(one.type is not EventType.STRIKE_GIVEN for one in new):
        return
    # What was given this very moment counts.
    until = act.at + timedelta(microseconds=1)
    now = history(tx, case.context, case.policy, case.creators, until)
    again = decide(judgement, replace(case.context, at=act.at), now, case.policy)
    before = case.asking((Action.SUSPEND_REVIEW,))
    for one in again.rows:
        if Action.SUSPEND_REVIEW in one.actions and one.row not in before:
            propose_suspension(tx, act, case, one.row)


def holders(tx: Reader, case: Case, actions: Collection[str]) -> tuple[Purchaser, ...]:
    """Who is told where some actions are carried out: those who hold a work that goes."""
    work = case.context.work
    return () if work is None or Action.DELIST not in actions else tuple(tx.purchasers(work))


def propose_suspension(tx: Transaction, act: Act, case: Case, row: str) -> None:
    """Ask two moderators whether the account is suspended, unless it is or they are asked already.

    Args:
        tx: The transaction of the act.
        act: Who acts, and when.
        case: The decision that led to it.
        row: Id of the row that asks.
    """
    account = case.context.account
    if account is None or tx.suspended(account) or tx.open_suspension(account) is not None:
        return
    tx.append(*reviews.suspension_proposed(act, case, account, row))
