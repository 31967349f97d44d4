"""How messages are listed, for people and programs that look after their delivery."""

from datetime import datetime

from pydantic import BaseModel, Field

from moderation.webhooks.documents import type_of
from storage import Store, cases
from storage.cases import MessageState


class Message(BaseModel):
    """A message to the platform."""

    id: str = Field(description="The `webhook-id` under which it is sent.")
    sequence: int
    type: str = Field(description="Such as `instruction.delist`.")
    state: MessageState
    decision: str | None
    account: str | None = Field(description="Who is told, or paid back.")
    work: str | None
    at: datetime = Field(description="When it was queued.")
    delivered_at: datetime | None
    attempts: int
    retry_at: datetime | None = Field(description="When it is tried again, after it failed.")
    error: str | None = Field(description="Why the last attempt failed.")

    @classmethod
    def of(cls, one: cases.Message) -> "Message":
        """The answer about a message."""
        return cls(
            id=one.id,
            sequence=one.sequence,
            type=type_of(one),
            state=one.state,
            decision=one.decision,
            account=one.recipient,
            work=one.work,
            at=one.at,
            delivered_at=one.delivered_at,
            attempts=one.attempts,
            retry_at=one.retry_at,
            error=one.error,
        )


class Outbox(BaseModel):
    """Messages to the platform, and how many there are."""

    waiting: int = Field(description="How many are to be sent, or tried again.")
    dead: int = Field(description="How many wait for a person.")
    oldest: datetime | None = Field(description="When the oldest that waits was queued.")
    messages: list[Message]


def listed(store: Store, state: MessageState, *, limit: int, after: int = 0) -> Outbox:
    """Messages in one state, the oldest first; without their bodies.

    Args:
        store: Where they stand.
        state: How far they have come.
        limit: At most so many.
        after: Sequence after which they begin.
    """
    counts = store.backlog()
    messages = store.messages(state, limit=limit, after=after)
    return Outbox(
        waiting=counts.waiting,
        dead=counts.dead,
        oldest=counts.oldest,
        messages=list(map(Message.of, messages)),
    )
