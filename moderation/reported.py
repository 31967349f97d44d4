"""What a platform reports, as documents: one model for each kind of report."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from moderation import events
from moderation.people import Act
from storage.chain import storable
from storage.events import Event, EventType

Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(storable)]
"""Of an account, a work or a request, as the platform names them."""

Count = Annotated[int, Field(ge=0, lt=1 << 31)]


class Reported(BaseModel):
    """What every report has."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: AwareDatetime | None = Field(
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
    declared_ai: bool | None = None
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


class Purchase(BaseModel):
    """Somebody holds a work."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    account: Name
    points: Count = Field(0, description="That were paid; 0 for a download without payment.")


class Purchased(Reported):
    """Accounts bought or downloaded a work."""

    report: Literal["purchased"]
    work: Name
    purchases: list[Purchase] = Field(min_length=1, max_length=1000)

    @property
    def points(self) -> dict[str, int]:
        """What each purchaser paid, by account."""
        return {one.account: one.points for one in self.purchases if one.points}

    @property
    def downloaders(self) -> list[str]:
        """Accounts that paid nothing."""
        return [one.account for one in self.purchases if not one.points]

    def event(self, act: Act) -> Event:
        """See `Reported.event`."""
        return events.purchasers_reported(act, self.work, self.points, self.downloaders)


Report = Annotated[
    Posted | Deleted | LinksAdded | RequestPlaced | RequestChanged | Purchased,
    Field(discriminator="report"),
]

_REPORT: TypeAdapter[Report] = TypeAdapter(Report)


def read_report(document: Mapping[str, Any]) -> Report:
    """A report out of JSON, or of a row of a table.

    Args:
        document: As the models of this module have it.

    Raises:
        ValidationError: It is none.
    """
    return _REPORT.validate_python(document)
