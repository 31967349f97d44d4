"""What is answered about an upload."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from evidence.document import AiDocument, ModelDocument
from evidence.judgement import ImageFacts
from labelling.actions import Action
from labelling.document import DecisionDocument


class Failure(BaseModel):
    """Why an upload that was accepted is not decided about."""

    code: str = Field(description="Stable name of what is wrong.")
    detail: str


class Score(BaseModel):
    """What is said of an upload, and decided about it."""

    id: str = Field(description="Of the decision, under which it can be asked for later.")
    status: Literal["decided", "undecided", "failed"] = Field(
        description="Whether it is decided; where not yet, ask for the decision by its id."
    )
    image: ImageFacts | None = None
    ai: AiDocument | None = None
    similarity: dict[str, Any] | None = Field(
        default=None, description="What it copies and whose style it is near to."
    )
    decision: DecisionDocument | None = None
    model: ModelDocument | None = None
    undecided: Literal[Action.PUBLISH, Action.HOLD] | None = Field(
        default=None, description="What the policy asks for while nothing is decided."
    )
    problem: Failure | None = Field(
        default=None, description="Why it failed, so that it never will be decided."
    )


class Problem(BaseModel):
    """What is wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str = Field(description="Stable name of what is wrong.")
    detail: str


PROBLEM: dict[str, Any] = {"model": Problem, "content": {"application/problem+json": {}}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides: problems with these statuses."""
    return dict.fromkeys(statuses, PROBLEM)
