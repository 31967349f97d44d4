"""What is asked for and answered about creators."""

from datetime import datetime

from pydantic import BaseModel, Field

from serving.enrol import Enrolled
from similarity.gallery import creators as records
from similarity.gallery.creators import Protection

_Name = Field(min_length=1, max_length=200)


class Enrolment(BaseModel):
    """A creator asks to be enrolled, or adds to what is known of them."""

    by: str | None = Field(
        None, max_length=200, description="Who asks for it; the creator where it is left out."
    )
    note: str | None = Field(None, max_length=2000, description="Where the consent is on record.")
    protection: Protection | None = Field(
        None, description="Whether likeness counts; left out, as it is, or else protected."
    )
    accounts: list[str] = Field(
        [], max_length=50, description="To be added: the creator's accounts."
    )
    collaborators: list[str] = Field(
        [], max_length=50, description="To be added: creators whose works may look alike."
    )
    aliases: list[str] = Field(
        [], max_length=50, description="To be added: names that prompts know the creator by."
    )


class Standing(BaseModel):
    """How a creator's works stand out from other people's."""

    own: float | None
    distinct: bool = Field(description="Whether they stand out enough to accuse anybody.")


class Creator(BaseModel):
    """A creator who is enrolled."""

    creator: str
    works: int
    protection: Protection
    since: datetime
    by: str
    note: str | None
    accounts: list[str]
    collaborators: list[str]
    aliases: list[str]
    standing: Standing | None

    @classmethod
    def of(cls, one: records.Creator) -> "Creator":
        """The answer about a creator."""
        found = one.standing
        return cls(
            creator=one.name,
            works=one.works,
            protection=one.protection,
            since=one.consent.at,
            by=one.consent.by,
            note=one.consent.note,
            accounts=list(one.accounts),
            collaborators=list(one.collaborators),
            aliases=list(one.aliases),
            standing=None if found is None else Standing(own=found.own, distinct=found.distinct),
        )


class Work(BaseModel):
    """A work that is enrolled."""

    work: str
    sha256: str
    enrolled: datetime


class Works(BaseModel):
    """The works of a creator."""

    creator: str
    works: list[Work]


class SharedWork(BaseModel):
    """A work that somebody else has enrolled too."""

    creator: str
    work: str
    exact: bool = Field(description="False where it is another file that shows the same.")

    @classmethod
    def of(cls, shared: records.SharedWork) -> "SharedWork":
        """What the index says."""
        return cls(creator=shared.other.creator, work=shared.other.name, exact=shared.exact)


class NewWork(BaseModel):
    """What came of a work that was sent."""

    creator: Creator
    sha256: str
    added: bool = Field(description="False where the creator has this file already.")
    plain: bool = Field(description="There is hardly enough to see in it to find copies by.")
    shared: list[SharedWork]
    withdrew: datetime | None = Field(
        description="When a creator of this name withdrew last: make sure who asks."
    )


class EnrolledWork(BaseModel):
    """A work of an archive that is enrolled."""

    work: str = Field(description="Its path in the archive.")
    sha256: str


class Unreadable(BaseModel):
    """A file of an archive that is not enrolled."""

    work: str = Field(description="Its path in the archive; empty for the rest of the archive.")
    reason: str


class Shared(BaseModel):
    """A work of an archive that somebody else has enrolled, too."""

    work: str
    other: SharedWork


class NewWorks(BaseModel):
    """What came of an archive of works."""

    creator: Creator | None = Field(description="None where nothing could be enrolled.")
    added: int = Field(description="How many works are new.")
    works: list[EnrolledWork] = Field(description="Those that are enrolled now, new or known.")
    unreadable: list[Unreadable]
    plain: list[str] = Field(description="New ones with hardly enough to see in them.")
    shared: list[Shared]
    withdrew: datetime | None = Field(description="As in an answer about one work.")

    @classmethod
    def of(cls, done: Enrolled) -> "NewWorks":
        """The answer about an archive."""
        return cls(
            creator=None if done.creator is None else Creator.of(done.creator),
            added=done.added,
            works=[EnrolledWork(work=name, sha256=sha256) for name, sha256 in done.works],
            unreadable=[Unreadable(work=name, reason=why) for name, why in done.unreadable],
            plain=list(done.plain),
            shared=[Shared(work=one.name, other=SharedWork.of(one)) for one in done.shared],
            withdrew=done.withdrew,
        )


class Withdrawn(BaseModel):
    """A creator who withdrew."""

    creator: str
    works: int = Field(description="How many were taken out.")
