"""What the service answers, as far as its clients use it; `/openapi.json` describes all of it.

Fields that a later service adds are passed over.
"""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from evidence.document import AiDocument, ModelDocument
from evidence.judgement import ImageFacts
from labelling.document import DecisionDocument


class Answer(BaseModel):
    """What is answered; it does not change."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Problem(Answer):
    """What is wrong (RFC 9457), by a stable code."""

    title: str
    status: int
    code: str
    detail: str


class Failure(Answer):
    """Why something was not done."""

    code: str
    detail: str


class Score(Answer):
    """What is said of an upload, and decided about it, once it is decided."""

    id: str
    status: Literal["decided", "undecided", "failed"]
    image: ImageFacts | None
    ai: AiDocument | None
    similarity: dict[str, Any] | None
    decision: DecisionDocument | None
    model: ModelDocument | None
    undecided: Literal["publish", "hold"] | None
    problem: Failure | None


class Appeal(Answer):
    """An appeal that was opened."""

    id: str
    decision: str
    status: str


class Creator(Answer):
    """A creator who is enrolled."""

    creator: str
    works: int
    protection: str
    since: datetime
    by: str
    note: str | None
    accounts: list[str]
    collaborators: list[str]
    aliases: list[str]


class Work(Answer):
    """A work that is enrolled."""

    work: str
    sha256: str
    enrolled: datetime


class NewWork(Answer):
    """What came of a work that was sent."""

    creator: Creator
    sha256: str
    added: bool
    plain: bool
    withdrew: datetime | None


class Unreadable(Answer):
    """A file of an archive that is not enrolled."""

    work: str
    reason: str


class NewWorks(Answer):
    """What came of an archive of works."""

    creator: Creator | None
    added: int
    unreadable: list[Unreadable]
    plain: list[str]
    withdrew: datetime | None


class Verdicts(Answer):
    """How many images there are of each verdict."""

    ai: int
    inconclusive: int
    human: int


class Scan(Answer):
    """A scan of an archive, and how far it has come."""

    id: str
    status: Literal["waiting", "running", "done", "failed"]
    archive: str
    done: int
    total: int | None
    images: int
    errors: int
    skipped: int
    verdicts: Verdicts
    actions: dict[str, int]
    seconds: float
    failure: Failure | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will be done."""
        return self.status in ("done", "failed")
