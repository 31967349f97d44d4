"""Appeals: an uploader objects, somebody else looks at it, and what was wrong is taken back.

    decision that was carried out -> opened -> claimed -> granted, or rejected

Once per decision, within the policy's days. Whoever had a part in the decision does not answer.
Where it is granted, everyone who was told of the decision is told of its end. Pure.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from labelling import Action
from labelling.policy.document import AppealSettings
from moderation import claims, events, notices
from moderation.case import Case
from moderation.errors import (
    AlreadyAppealed,
    AppealTooLate,
    BadEvidence,
    NothingToAppeal,
    NotTheUploader,
    ReasonMissing,
    SameModerator,
)
from moderation.events import LabelSource
from moderation.findings import Finding, training_label
from moderation.people import Act, Moderator, not_their_own
from moderation.queue import due_at
from storage.cases import Appeal, Message, Review, Suspension
from storage.events import Event, EventType

_DIGEST = re.compile(r"[0-9a-f]{64}")
_DAYS: float = AppealSettings.model_fields["within_days"].default


def opened(
    act: Act,
    case: Case,
    account: str,
    text: str,
    evidence: Sequence[str],
    *,
    earlier: Appeal | None,
    messages: Sequence[Message],
    reversed_at: datetime | None,
) -> tuple[Event, ...]:
    """The uploader objects to a decision.

    Args:
        act: Of the uploader.
        case: The decision.
        account: Who objects.
        text: Why, in the uploader's words.
        evidence: Hex SHA-256 digests of files that are handed in with it.
        earlier: The appeal against this decision that there is.
        messages: What was sent because of the decision.
        reversed_at: When the decision was taken back.

    Raises:
        NotTheUploader: The decision is about somebody else's upload.
        AlreadyAppealed: There was an appeal.
        NothingToAppeal: Nothing was done, or it was taken back.
        AppealTooLate: The policy's days are over.
        BadEvidence: Something is no digest.
    """
    if account != case.context.account:
        raise NotTheUploader("Only the account whose upload this was can object to the decision.")
    if earlier is not None:
        raise AlreadyAppealed("An objection to this decision was made before: wait for its answer.")
    # That it was decided is no more than an answer.
    done = [one.at for one in messages if one.kind != EventType.DECISION_QUEUED]
    if not done or reversed_at is not None:
        raise NothingToAppeal("Nothing of this decision stands: there is nothing to take back.")
    settings = case.policy.appeals
    days = _DAYS if settings is None else settings.within_days
    if act.at > max(done) + timedelta(days=days):
        raise AppealTooLate(f"Objections are possible within {days:g} days, which are over.")
    if not all(_DIGEST.fullmatch(one) for one in evidence):
        raise BadEvidence("Name each file by its SHA-256 digest: 64 hexadecimal digits.")
    return (
        events.appeal_opened(
            act,
            account=account,
            work=case.context.work,
            appeal=act.id("appeal"),
            decision=case.id,
            due_at=due_at(act.at, case.decision.actions),
            text=text,
            evidence=evidence,
        ),
    )


def claim(
    act: Act,
    moderator: Moderator,
    appeal: Appeal,
    decided_by: Collection[str],
    *,
    lasts: timedelta = claims.CLAIM,
) -> tuple[Event, ...]:
    """A moderator takes an appeal.

    Args:
        act: Of the moderator.
        moderator: Who.
        appeal: Which.
        decided_by: The moderators who had a part in the decision.
        lasts: For how long.

    Raises:
        AlreadyAnswered: It is answered.
        AlreadyClaimed: Another moderator holds it.
        OwnCase: It is the moderator's own.
        SameModerator: The moderator had a part in the decision.
    """
    _another(moderator, appeal, decided_by)
    ended = claims.expired(act, "appeal", appeal)
    return (*ended, events.appeal_claimed(act, appeal.id, act.at + lasts))


def answered(
    act: Act,
    moderator: Moderator,
    appeal: Appeal,
    case: Case,
    *,
    granted: bool,
    reason: str,
    finding: Finding | None,
    decided_by: Collection[str],
    messages: Sequence[Message],
    reviews: Sequence[Review],
    suspensions: Sequence[Suspension],
) -> tuple[Event, ...]:
    """A moderator answers an appeal.

    Args:
        act: Of the moderator.
        moderator: Who.
        appeal: Which; claimed by the moderator.
        case: The decision.
        granted: Whether the uploader is right.
        reason: Why, in the moderator's words.
        finding: How the image was made, where the moderator says so.
        decided_by: The moderators who had a part in the decision.
        messages: What was sent because of the decision, the oldest first.
        reviews: Those of the decision.
        suspensions: Those of the account because of the decision.

    Raises:
        AlreadyAnswered: It is answered.
        NotClaimed: The moderator does not hold it.
        OwnCase: It is the moderator's own.
        SameModerator: The moderator had a part in the decision.
        ReasonMissing: The answer says no reason.
    """
    claims.held(act, appeal)
    _another(moderator, appeal, decided_by)
    if not reason.strip():
        raise ReasonMissing("An answer needs a reason: say in a sentence what you saw.")
    said = [
        events.appeal_resolved(
            act, account=appeal.account, appeal=appeal.id, granted=granted, reason=reason
        )
    ]
    if finding is not None:
        said.append(training_label(act, case, finding, LabelSource.APPEAL))
    if granted:
        said += _reversed(act, case, messages, suspensions)
        said += _closed(act, reviews)
    said += notices.notice(
        act, case, notices.APPEAL_ANSWERED, {"granted": granted, "reason": reason}
    )
    return tuple(said)


def stands_on_work(messages: Sequence[Message]) -> Action:
    """What the platform was told to do with the work last.

    Args:
        messages: What was sent because of one decision, the oldest first.
    """
    last = Action.PUBLISH
    for one in messages:
        if one.kind != EventType.INSTRUCTION_QUEUED:
            continue
        if one.topic in _ON_WORK:
            last = Action(one.topic)
        elif one.topic == notices.RESTORE:
            last = Action((one.body or {}).get("stands", Action.PUBLISH))
    return last


_ON_WORK = {action.value for action in notices.TOPICS}


def _reversed(
    act: Act, case: Case, messages: Sequence[Message], suspensions: Sequence[Suspension]
) -> list[Event]:
    said = [events.decision_reversed(act, case.context.account, case.context.work, case.id)]
    stands = stands_on_work(messages)
    if stands is not Action.PUBLISH:
        said.append(notices.taken_back(act, case, stands, Action.PUBLISH))
    said += [
        notices.about_account(act, case, one.account, notices.LIFT_SUSPENSION)
        for one in suspensions
        if one.suspended_at is not None and one.lifted_at is None
    ]
    told = {one.recipient: one for one in messages if one.topic == notices.WORK_DELISTED}
    said += [
        notices.to_holder(act, case, account, notices.WORK_RESTORED)
        for account in told
        if account is not None
    ]
    return said


def _closed(act: Act, reviews: Sequence[Review]) -> list[Event]:
    """Nobody has to look any more at what asked moderators because of the decision."""
    return [
        events.review_resolved(
            act,
            review=one.id,
            confirmed=False,
            actions=(),
            reason=_NO_LONGER,
            final=True,
            account=one.account,
            signal=None,
        )
        for one in reviews
        if one.resolved_at is None
    ]


_NO_LONGER = "An appeal took the decision back."


def _another(moderator: Moderator, appeal: Appeal, decided_by: Collection[str]) -> None:
    not_their_own(moderator, appeal.account)
    if moderator.id in decided_by:
        raise SameModerator("You had a part in the decision: another moderator must look at it.")
