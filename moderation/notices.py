"""What leaves the system: instructions to the platform, notices to people, refunds.

Each is an event that the store puts into the outbox, under a key that follows from what it says
and from the act: an act that is tried again says the same under the same key. A refund's key
follows from the work and the person alone: it is paid once, whatever happens to the work.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from evidence.wording.catalogue import languages
from labelling import Action, Context
from labelling.statement import statement
from moderation import events
from moderation.case import Case
from moderation.people import RAKKAN, Act
from storage.events import Event, EventType

REFUND = "refund"
RESTORE = "restore"
APPEAL_ANSWERED = "appeal_answered"
SUSPEND = "suspend"
SUSPENDED = "suspended"
LIFT_SUSPENSION = "lift_suspension"
WORK_DELISTED = "work_delisted"
WORK_RESTORED = "work_restored"
DECIDED = "made"
UNDECIDED = "failed"

TOPICS: Mapping[Action, str] = {
    Action.LABEL: "labelled",
    Action.HIDE_FROM_SEARCH: "hidden_from_search",
    Action.HOLD: "held",
    Action.REJECT: "rejected",
    Action.DELIST: "delisted",
}
"""What a notice to the uploader is about, by what is done to the work."""

_SPACE = uuid5(NAMESPACE_URL, "tag:rakkan,2026:messages")


def key(*parts: str) -> str:
    """The idempotency key of a message: the same for the same parts."""
    return str(uuid5(_SPACE, json.dumps(parts)))


def instruction(act: Act, case: Case, action: Action, label: str | None) -> Event:
    """The platform is to do something with the work.

    Args:
        act: Who acts, and when.
        case: The decision.
        action: What is to be done.
        label: The label that the work gets; None for no new one.
    """
    return _message(act, case, action.value, {"label": label}, type_=EventType.INSTRUCTION_QUEUED)


def taken_back(act: Act, case: Case, action: Action, stands: Action) -> Event:
    """The platform is to take back what it did to the work.

    Args:
        act: Who acts, and when.
        case: The decision.
        action: What was done.
        stands: What stands now in its place.
    """
    return _message(
        act,
        case,
        RESTORE,
        {"taken_back": action.value, "stands": stands.value},
        type_=EventType.INSTRUCTION_QUEUED,
    )


def about_account(act: Act, case: Case, account: str, what: str) -> Event:
    """The platform is to suspend the account, or to end that.

    Args:
        act: Who acts, and when.
        case: The decision that led to it.
        account: Whose.
        what: `SUSPEND` or `LIFT_SUSPENSION`.
    """
    return _message(act, case, what, {"account": account}, type_=EventType.INSTRUCTION_QUEUED)


def to_uploader(
    act: Act, case: Case, action: Action, actions: Sequence[Action], label: str | None
) -> tuple[Event, ...]:
    """The uploader is told what was done, why, and how to object; nobody where nobody is known.

    Args:
        act: Who acts, and when.
        case: The decision.
        action: What is done to the work.
        actions: All that is done.
        label: The label that the work gets; None for no new one.
    """
    return notice(
        act,
        case,
        TOPICS.get(action) or ("strike_given" if Action.STRIKE in actions else "warned"),
        {
            "actions": [one.value for one in actions],
            "label": label,
            "reasons": _reasons(case),
            "statement": _statement(act, case, actions),
            "appeal_until": _appeal_until(act, case),
        },
    )


def notice(act: Act, case: Case, topic: str, body: Mapping[str, Any]) -> tuple[Event, ...]:
    """The uploader is told something; nobody where no account is known."""
    account = case.context.account
    if account is None:
        return ()
    return (_message(act, case, topic, body, recipient=account),)


def decided(act: Act, case: Case) -> Event:
    """The platform learns what was decided about an upload for whose answer it did not wait.

    Args:
        act: Who decided, and when.
        case: The decision.
    """
    said = case.decision
    return _message(
        act,
        case,
        DECIDED,
        {
            "label": said.label,
            "action": said.action.value,
            "actions": [one.value for one in said.actions],
            "reasons": _reasons(case),
            "policy": said.policy.name,
            "policy_sha256": said.policy.sha256,
            "acts": said.acts,
        },
        type_=EventType.DECISION_QUEUED,
    )


def undecided(act: Act, decision: str, context: Context, code: str, detail: str) -> Event:
    """The platform learns that an upload, for whose answer it did not wait, cannot be judged.

    Args:
        act: Who says so, and when.
        decision: Id under which the decision would stand.
        context: What the platform said of the upload.
        code: Of what is wrong.
        detail: The same in words.
    """
    return events.queued(
        act,
        EventType.DECISION_QUEUED,
        message=key(act.key, decision, UNDECIDED),
        topic=UNDECIDED,
        decision=decision,
        account=context.account,
        recipient=None,
        work=context.work,
        body={
            "decision": decision,
            "service": context.service,
            "account": context.account,
            "work": context.work,
            "code": code,
            "detail": detail,
        },
    )


def to_holder(act: Act, case: Case, account: str, topic: str = WORK_DELISTED) -> Event:
    """Somebody who bought or downloaded a work is told that it was delisted, or is back.

    Args:
        act: Who acts, and when.
        case: The decision.
        account: Whom.
        topic: `WORK_DELISTED` or `WORK_RESTORED`.
    """
    return _message(act, case, topic, {}, recipient=account, once=key(case.id, topic, account))


def refund(act: Act, case: Case, account: str, points: int) -> Event:
    """Somebody gets back the points that a delisted work cost: once for each work and person."""
    work = case.context.work or case.id
    return _message(
        act,
        case,
        REFUND,
        {"points": points},
        recipient=account,
        type_=EventType.REFUND_QUEUED,
        once=key(case.context.service, work, REFUND, account),
    )


def _message(
    act: Act,
    case: Case,
    topic: str,
    body: Mapping[str, Any],
    *,
    recipient: str | None = None,
    type_: EventType = EventType.NOTICE_QUEUED,
    once: str | None = None,
) -> Event:
    return events.queued(
        act,
        type_,
        message=once or key(act.key, case.id, topic, recipient or ""),
        topic=topic,
        decision=case.id,
        account=recipient or case.context.account,
        recipient=recipient,
        work=case.context.work,
        body={
            "topic": topic,
            "decision": case.id,
            "service": case.context.service,
            "account": recipient or case.context.account,
            "work": case.context.work,
            **body,
        },
    )


def _reasons(case: Case) -> list[dict[str, str]]:
    return [{"code": one.code, "text": one.text} for one in case.decision.reasons]


def _statement(act: Act, case: Case, actions: Sequence[Action]) -> dict[str, list[str]]:
    """The statement of reasons in each language, paragraph by paragraph."""
    return {
        language: list(
            statement(
                case.decision,
                case.policy,
                done=tuple(actions),
                decided_at=act.at,
                by_a_person=act.by != RAKKAN,
                language=language,
            ).paragraphs()
        )
        for language in languages()
    }


def _appeal_until(act: Act, case: Case) -> str | None:
    settings = case.policy.appeals
    return None if settings is None else (act.at + timedelta(days=settings.within_days)).isoformat()
