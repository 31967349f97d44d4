"""What an uploader may see of a decision about their work: their own matter, and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from evidence import EvidenceKind, Verdict
from moderation.appeal_case import told
from moderation.appeals import opened, stands_on_work
from moderation.effects import case_of
from moderation.errors import ModerationError
from moderation.people import Act
from storage import Reader, Store
from storage.cases import Appeal


@dataclass(frozen=True)
class UploaderView:
    """What an uploader may see of a decision about their work.

    Attributes:
        decision: Its id.
        work: As the platform names it; None where it does not.
        service: Of the platform.
        posted_at: When it was posted.
        decided_at: When it was decided.
        stands: What is done to the work now: an action's value.
        evidence: What a verdict that an AI made it rests on; None where there is no such verdict.
        statement: The reasons as they were sent, paragraph by paragraph.
        reversed_at: When an appeal took it back.
        appeal: The uploader's own; None where there is none.
        answer: What a moderator said to it; None before, or after an erasure.
        closed: Why nobody can object, as a stable code; None where the uploader can.
    """

    decision: str
    work: str | None
    service: str
    posted_at: datetime
    decided_at: datetime
    stands: str
    evidence: EvidenceKind | None
    statement: tuple[str, ...]
    reversed_at: datetime | None
    appeal: Appeal | None
    answer: str | None
    closed: str | None


def uploader_view(store: Store, decision: str, language: str, *, at: datetime) -> UploaderView:
    """What an uploader may see of a decision about their work.

    Args:
        store: The records.
        decision: Id of the decision.
        language: Of the statement, as `ja`.
        at: Now, with a time zone.

    Raises:
        UnknownRecord: There is none of that id.
        CaseErased: What it was made of was erased.
    """
    with store.reading() as reader:
        return _view(reader, decision, language, at)


def _view(reader: Reader, decision: str, language: str, at: datetime) -> UploaderView:
    found = reader.decision(decision)
    case, judgement = case_of(found, reader)
    messages = reader.messages(decision=decision)
    appeal = reader.appeal_of(decision)
    closed = None
    try:
        # What the act itself would say.
        opened(
            Act(at, found.account or "", ""),
            case,
            found.account or "",
            "",
            (),
            earlier=appeal,
            messages=messages,
            reversed_at=found.reversed_at,
        )
    except ModerationError as error:
        closed = error.code
    answers = (one.body.get("reason") for one in messages if one.body and "granted" in one.body)
    return UploaderView(
        decision=decision,
        work=found.work,
        service=found.service,
        posted_at=found.at,
        decided_at=found.decided_at,
        stands=stands_on_work(messages),
        evidence=judgement.ai.evidence if judgement.ai.verdict is Verdict.AI else None,
        statement=told(messages, language),
        reversed_at=found.reversed_at,
        appeal=appeal,
        answer=next(answers, None),
        closed=closed,
    )
