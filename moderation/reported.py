"""What a platform reports, as documents: one model for each kind of report."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
)

from moderation import events
from moderation.people import Act
from storage.chain import storable
from storage.events import Event, EventType

Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
"""Of an account, a work or a request, as the platform names them."""

Count = Annotated[int, Field(ge=0, lt=1 << 31, strict=True)]
Flag = Annotated[bool, Field(strict=True)]


def _text(value: object) -> object:
    # A bare number would count as seconds since 1970.
    if isinstance(value, str | datetime | None):
        return value
    raise ValueError("a time is a text, as 2026-11-29T12:00:00Z")


When = Annotated[AwareDatetime, BeforeValidator(_text)]
"""With a time zone."""


class Reported(BaseModel):
    """What every report has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: When | None = Field(
        None, description="When it happened, with a time zone; left out for now."
    )

    def event(self, act: Act) -> Event:
        """The event that keeps it.

        Args:
            act: Of the platform, when it happened.
        """
        raise NotImplementedError


class Posted(Reported):
    """An account posted a work that nobody scored."""

    report: Literal["posted"]
    service: Name
    account: Name
    work: Name
    kind: Name = Field("work", description="What it is, as policies name kinds.")
    declared_ai: Flag | None = None
    outside_links: Count = Field(0, description="Links to elsewhere beside it.")

    def event(self, act: Act) -> Event:
        """See `Reported.event`."""
        return events.posted(
            act,
            service=self.service,
            account=self.account,
            work=self.work,
            posted_at=act.at,
            kind=self.kind,
            declared_ai=self.declared_ai,
            outside_links=self.outside_links,
        )


class Deleted(Reported):
    """An account deleted its work itself."""

    report: Literal["deleted"]
    account: Name
    work: Name

    def event(self, act: Act) -> Event:
        """See `Reported.event`."""
        return events.deleted(act, self.account, self.work)


class LinksAdded(Reported):
    """Links to elsewhere were added beside a work."""

    report: Literal["links_added"]
    account: Name
    work: Name
    outside_links: Count = Field(description="How many there are now.")

    def event(self, act: Act) -> Event:
        """See `Reported.event`."""
        return events.links_added(act, self.account, self.work, self.outside_links)


class RequestPlaced(Reported):
    """A client placed a request with a creator."""

    report: Literal["request_placed"]
    client: Name = Field(description="Account that asks.")
    creator: Name = Field(description="Account that is asked.")
    request: Name
    same_as: Name = Field(
        description="The same for requests with the same text, such as a digest of it."
    )

    def event(self, act: Act) -> Event:
        """See `Reported.event`."""
        return events.request_placed(act, self.client, self.creator, self.request, self.same_as)


class RequestChanged(Reported):
    """A request was accepted, cancelled or delivered."""

    report: Literal["request_accepted", "request_cancelled", "request_delivered"]
    creator: Name
    request: Name

    def event(self, act: Act) -> Event:
        """See `Reported.event`."""
        return events.request_changed(act, EventType(self.report), self.creator, self.request)


class Purchased(Reported):
    """An account bought or downloaded a work."""

    report: Literal["purchased"]
    work: Name
    account: Name
    points: Count = Field(0, description="That were paid; 0 for a download without payment.")

    def event(self, act: Act) -> Event:
        """See `Reported.event`."""
        return events.purchasers_reported(act, self.work, *self.holders)

    @property
    def holders(self) -> tuple[dict[str, int], list[str]]:
        """What purchasers paid, by account, and who downloaded it without payment."""
        return ({self.account: self.points}, []) if self.points else ({}, [self.account])


Report = Annotated[
    Posted | Deleted | LinksAdded | RequestPlaced | RequestChanged | Purchased,
    Field(discriminator="report"),
]

REPORT: TypeAdapter[Report] = TypeAdapter(Report)
"""Reads reports, out of JSON or of the cells of a table."""
