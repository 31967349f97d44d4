"""What follows where a decision is carried out: by its policy alone, after a review, or in bulk.

    actions of a case -> an instruction to the platform, strikes and warnings, notices, refunds

Pure: events come out, and whoever acts appends them in one transaction. What the platform and
people are to learn goes through the outbox (`moderation.notices`).
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from labelling import Action
from labelling.actions import milder_or_equal, mildest_first
from moderation import events, notices
from moderation.case import Case, on_work
from moderation.people import Act
from storage.cases import Purchaser
from storage.events import Event


@dataclass(frozen=True)
class Done:
    """What is carried out of a decision.

    Attributes:
        actions: All that is done, those on the account too.
        rows: Ids of the rows that ask for it.
        holders: Who bought or downloaded the work.
        before: What was carried out of it before: nothing of that is done again.
        label: The label that the work gets, where `label` is among the actions.
    """

    actions: Sequence[Action]
    rows: Sequence[str] = ()
    holders: Sequence[Purchaser] = ()
    before: frozenset[Action] = frozenset()
    label: str | None = None


def carry_out(act: Act, case: Case, done: Done) -> tuple[Event, ...]:
    """The events of carrying out a decision.

    Args:
        act: Who carries it out, and when.
        case: The decision.
        done: What is carried out of it.
    """
    new = mildest_first(set(done.actions) - done.before)
    action = on_work(new)
    if milder_or_equal(action, on_work(done.before)):
        action = Action.PUBLISH
    label = done.label if Action.LABEL in new else None
    said: list[Event] = []
    if action is not Action.PUBLISH:
        said.append(notices.instruction(act, case, action, label))
    said += _on_account(act, case, done, new)
    if case.told(done.rows) and (
        action is not Action.PUBLISH or {Action.WARN, Action.STRIKE} & set(new)
    ):
        said += notices.to_uploader(act, case, action, new, label)
    if action is Action.DELIST:
        said += to_holders(act, case, done.holders)
    return tuple(said)


def to_holders(act: Act, case: Case, holders: Iterable[Purchaser]) -> tuple[Event, ...]:
    """What those who bought or downloaded a delisted work are told and get back.

    Args:
        act: Who acts, and when.
        case: The decision that delisted it.
        holders: Who.
    """
    said: list[Event] = []
    for holder in holders:
        said.append(notices.to_holder(act, case, holder.account))
        if holder.points:
            said.append(notices.refund(act, case, holder.account, holder.points))
    return tuple(said)


def _on_account(act: Act, case: Case, done: Done, new: Collection[Action]) -> Iterator[Event]:
    account = case.context.account
    if account is None:
        return
    if Action.WARN in new:
        yield events.warned(
            act,
            account=account,
            warning=act.id("warning"),
            decision=case.id,
            rule=_rule(case, done, Action.WARN),
        )
    if Action.STRIKE in new:
        days = case.policy.strikes.expire_after_days
        yield events.strike_given(
            act,
            account=account,
            strike=act.id("strike"),
            decision=case.id,
            rule=_rule(case, done, Action.STRIKE),
            expires_at=None if days is None else act.at + timedelta(days=days),
        )


def _rule(case: Case, done: Done, action: Action) -> str:
    """The row that asks for an action: by itself, or after a review under the rows given."""
    alone = [row for row in case.asking((action,)) if row in done.rows]
    return next(iter((*alone, *done.rows)), "")
