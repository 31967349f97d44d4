"""What moderators are asked, and what they answer."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.acting import Acting
from labelling.actions import Action
from moderation.events import MadeBy
from moderation.findings import Finding


class Review(BaseModel):
    """Something that a moderator is asked to look at."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    decision: str | None = Field(description="That asked for it; see `/v1/decisions/{id}`.")
    account: str | None
    work: str | None
    about: str = Field(
        description="`work`, `suspension` of the account, or the `label` of the image."
    )
    opened_at: datetime
    due_at: datetime = Field(description="By when it should be answered: the queue's order.")
    choices: list[str] = Field(description="Actions that may follow a yes.")
    rows: list[str] = Field(description="Rows of the policy that asked for it.")
    signal: str | None = Field(description="The account signal that is to be confirmed.")
    signal_works: list[str]
    signal_creator: str | None
    votes_needed: int
    seconded_by: list[str]
    claimed_by: str | None
    claimed_until: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    confirmed: bool | None
    actions: list[str]


class Reviews(BaseModel):
    """Open reviews, in the order in which they are due."""

    reviews: list[Review]


class Answer(Acting):
    """What a moderator says."""

    reason: str = Field(min_length=1, max_length=10_000, description="Why, in a sentence or two.")
    label: MadeBy | None = Field(None, description="How the image was made, for training.")
    certainty: float = Field(1.0, ge=0, le=1, description="How sure the moderator is of that.")

    @property
    def finding(self) -> Finding | None:
        """How the image was made; None where the moderator does not say."""
        return None if self.label is None else Finding(self.label, self.certainty)


class ReviewAnswer(Answer):
    """A moderator answers a review."""

    confirmed: bool = Field(description="Whether it is as suspected.")
    actions: list[Action] = Field([], max_length=10, description="What follows, of the choices.")


class Appeal(BaseModel):
    """An uploader's objection to a decision."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    decision: str
    account: str | None
    work: str | None
    opened_at: datetime
    due_at: datetime = Field(description="By when it should be answered: the queue's order.")
    text: str | None = Field(description="What the uploader says; null once it is erased.")
    evidence: list[str]
    claimed_by: str | None
    claimed_until: datetime | None
    resolved_by: str | None
    resolved_at: datetime | None
    granted: bool | None


class Appeals(BaseModel):
    """Open appeals, in the order in which they are due."""

    appeals: list[Appeal]


class AppealAnswer(Answer):
    """A moderator answers an appeal."""

    granted: bool = Field(description="Whether the uploader is right.")
