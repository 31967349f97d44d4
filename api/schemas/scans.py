"""What is asked for and answered about scans."""

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas.scores import Failure
from scan.jobs import Job, JobRequest, JobStatus


class NewScan(BaseModel):
    """An archive is to be scanned."""

    archive: str = Field(
        min_length=1,
        max_length=1000,
        description="Path of a folder, archive or image, from the operator's folder of archives;"
        " a dot for all of it.",
    )
    service: str | None = Field(
        None,
        max_length=200,
        description="Whose policy decides about every image; left out, nothing is decided.",
    )
    account_id: str | None = Field(
        None, min_length=1, max_length=200, description="Whose uploads all of them are, if known."
    )
    search: bool = Field(True, description="Whether the works of enrolled creators are searched.")

    def asked(self, at: datetime) -> JobRequest:
        """The same as what is kept of it."""
        return JobRequest(self.archive, self.service, self.account_id, self.search, at)


class Verdicts(BaseModel):
    """How many images there are of each verdict."""

    ai: int = 0
    inconclusive: int = 0
    human: int = 0


class Alike(BaseModel):
    """How many images are like enrolled works."""

    copies: int = 0
    close: int = Field(default=0, description="Close to a creator's style.")
    review: int = Field(default=0, description="To be compared by a person.")


class Scan(BaseModel):
    """A scan, and how far it has come."""

    id: str
    status: JobStatus = Field(description="One runs at a time; the others wait for it.")
    archive: str
    service: str | None
    account_id: str | None
    search: bool
    asked: datetime
    done: int = Field(description="Files and members that were looked at.")
    total: int | None = Field(description="Of how many, where that is known.")
    images: int = Field(description="Of these.")
    errors: int = Field(description="Images that could not be judged.")
    skipped: int = Field(description="Files that are no images.")
    verdicts: Verdicts
    alike: Alike
    actions: dict[str, int] = Field(
        description="Images that the policy asks each action for; told once it has ended."
    )
    seconds: float = Field(description="Time spent on it, interruptions not counted.")
    failure: Failure | None

    @classmethod
    def of(cls, job: Job) -> "Scan":
        """The answer about a scan."""
        asked, state, counts = job.request, job.state, job.state.counts
        verdicts, alike = Verdicts(), Alike()
        if counts is not None:
            verdicts = Verdicts(ai=counts.ai, inconclusive=counts.inconclusive, human=counts.human)
            alike = Alike(copies=counts.copies, close=counts.close, review=counts.review)
        failure = None
        if state.code is not None:
            failure = Failure(code=state.code, detail=state.detail or "")
        return cls(
            id=job.id,
            status=job.status,
            archive=asked.archive,
            service=asked.service,
            account_id=asked.account,
            search=asked.search,
            asked=asked.asked,
            done=state.done,
            total=state.total,
            images=counts.images if counts else 0,
            errors=counts.errors if counts else 0,
            skipped=counts.skipped if counts else 0,
            verdicts=verdicts,
            alike=alike,
            actions=dict(state.actions),
            seconds=counts.seconds if counts else 0.0,
            failure=failure,
        )


class Scans(BaseModel):
    """All scans."""

    scans: list[Scan] = Field(description="In the order in which they were asked for.")
