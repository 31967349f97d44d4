"""What the body of a webhook looks like: one model per kind of message."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from labelling.actions import Action
from moderation.links import Links
from moderation.notices import WORK_DELISTED, WORK_RESTORED
from storage.cases import Message
from storage.events import EventType

SCHEMA: Literal[1] = 1
"""Version of the documents; what is added to them later leaves it as it is."""


class ReasonText(BaseModel):
    """Why something was decided."""

    code: str = Field(description="Stable name of the reason.")
    text: str


class About(BaseModel):
    """What every message says."""

    decision: str = Field(description="Id of the decision that it follows from.")
    service: str = Field(description="Of the platform, as policies name it.")
    account: str | None = Field(
        default=None, description="Who is told or paid back, or else whose upload it was."
    )
    work: str | None = None


class InstructionData(About):
    """What is to be done."""

    label: str | None = Field(default=None, description="That the work is to carry.")
    taken_back: Action | None = Field(
        default=None, description="Of `instruction.restore`: what was done to the work."
    )
    stands: Action | None = Field(
        default=None, description="Of `instruction.restore`: what stands now in its place."
    )


class NoticeData(About):
    """What somebody is to be told."""

    actions: list[Action] | None = Field(default=None, description="All that was done.")
    label: str | None = None
    reasons: list[ReasonText] | None = None
    statement: dict[str, list[str]] | None = Field(
        default=None, description="The statement of reasons by language, paragraph by paragraph."
    )
    appeal_until: datetime | None = None
    page: str | None = Field(
        default=None,
        description="Address of a page for the uploader alone: the decision, and how to object.",
    )
    granted: bool | None = Field(default=None, description="Of `notice.appeal_answered`.")
    reason: str | None = Field(
        default=None, description="In a moderator's words: of an appeal's answer or a suspension."
    )


class RefundData(About):
    """What somebody gets back."""

    points: int = Field(ge=1)


class DecisionData(About):
    """What was decided, or why nothing could be."""

    label: str | None = None
    action: Action | None = Field(default=None, description="The severest on the work.")
    actions: list[Action] | None = None
    reasons: list[ReasonText] | None = None
    policy: str | None = None
    policy_sha256: str | None = None
    acts: bool | None = Field(
        default=None, description="Whether it is carried out: a policy in shadow only decides."
    )
    code: str | None = Field(default=None, description="Of `decision.failed`: what is wrong.")
    detail: str | None = Field(default=None, description="The same in words.")


class Document(BaseModel):
    """What every body has."""

    model_config = ConfigDict(serialize_by_alias=True)

    schema_: Literal[1] = Field(SCHEMA, alias="schema")
    timestamp: datetime = Field(description="When it was queued; the same in each attempt.")
    sequence: int = Field(
        ge=1,
        description="Of two instructions about one work or account, the higher one counts.",
    )


class InstructionMessage(Document):
    """The platform is to do something."""

    type: Literal[
        "instruction.label",
        "instruction.hide_from_search",
        "instruction.hold",
        "instruction.reject",
        "instruction.delist",
        "instruction.restore",
        "instruction.suspend",
        "instruction.lift_suspension",
    ]
    data: InstructionData


class NoticeMessage(Document):
    """Somebody is to be told something."""

    type: Literal[
        "notice.labelled",
        "notice.hidden_from_search",
        "notice.held",
        "notice.rejected",
        "notice.delisted",
        "notice.warned",
        "notice.strike_given",
        "notice.suspended",
        "notice.appeal_answered",
        "notice.work_delisted",
        "notice.work_restored",
    ]
    data: NoticeData


class RefundMessage(Document):
    """Somebody gets points back."""

    type: Literal["refund"]
    data: RefundData


class DecisionMessage(Document):
    """An upload that was answered as undecided is decided, or cannot be judged."""

    type: Literal["decision.made", "decision.failed"]
    data: DecisionData


KINDS: Mapping[str, type[Document]] = {
    EventType.INSTRUCTION_QUEUED: InstructionMessage,
    EventType.NOTICE_QUEUED: NoticeMessage,
    EventType.REFUND_QUEUED: RefundMessage,
    EventType.DECISION_QUEUED: DecisionMessage,
}


def type_of(message: Message) -> str:
    """How a receiver knows what a message is, such as `instruction.delist`."""
    kind = message.kind.removesuffix("_queued")
    return kind if kind == message.topic else f"{kind}.{message.topic}"


def body_of(message: Message, links: Links | None = None) -> str:
    """The body that a receiver gets, as JSON on one line; the same in each attempt.

    Args:
        message: Out of the outbox.
        links: Makes the page of a notice to an uploader; None for none.

    Raises:
        ValueError: It is of no kind that this version knows.
    """
    if message.kind not in KINDS:
        raise ValueError(f"messages of the kind {message.kind} are not known")
    data = dict(message.body)
    if links is not None and _to_uploader(message):
        data["page"] = links.to_work(data["decision"], message.at).url
    document: dict[str, Any] = {
        "type": type_of(message),
        "timestamp": message.at,
        "sequence": message.sequence,
        "data": data,
    }
    return KINDS[message.kind].model_validate(document).model_dump_json(exclude_none=True)


def _to_uploader(message: Message) -> bool:
    """Not to somebody who bought or downloaded the work: the page is the uploader's own."""
    notice = message.kind == EventType.NOTICE_QUEUED
    return notice and message.topic not in (WORK_DELISTED, WORK_RESTORED)
