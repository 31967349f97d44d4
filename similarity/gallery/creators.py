"""Creators, their consent, and their works: what an index says of itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Protection(StrEnum):
    """Whether likeness to a creator counts.

    `PROTECTED`: the creator asked for it. `PUBLIC_DOMAIN` and `HOUSE_STYLE`: works that are known,
    so that they are recognised, but nobody is protected from likeness to their style.
    """

    PROTECTED = "protected"
    PUBLIC_DOMAIN = "public-domain"
    HOUSE_STYLE = "house-style"


@dataclass(frozen=True)
class Consent:
    """An enrolment is an opt-in.

    Attributes:
        by: Who asked for it: the creator, or who acts for them.
        at: When, with a time zone.
        note: Where the consent is on record, or None.
    """

    by: str
    at: datetime
    note: str | None = None


@dataclass(frozen=True)
class Enrolment:
    """Who is to be enrolled, or added to.

    Attributes:
        creator: Name.
        consent: To this enrolment.
        protection: None leaves it as it is, which is `PROTECTED` for a new creator.
        accounts: To be added to the creator's.
        collaborators: To be added to the creator's.
        aliases: Other names that prompts know the creator by; to be added to the creator's.
    """

    creator: str
    consent: Consent
    protection: Protection | None = None
    accounts: tuple[str, ...] = ()
    collaborators: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Standing:
    """How a creator's works stand out from other people's; measured when the works change.

    Attributes:
        mean: Of the highest scores that works of a cohort of other people reach against them.
        deviation: Standard deviation of the same.
        own: Median normalised score of each of their works against the others; None with fewer
            than two works.
        distinct: Whether that stands out enough to accuse anybody. Creators who are not are
            *review only*.
    """

    mean: float
    deviation: float
    own: float | None
    distinct: bool


@dataclass(frozen=True)
class Creator:
    """One enrolled creator.

    Attributes:
        name: Unique in the index.
        consent: To the enrolment.
        protection: Whether likeness counts.
        accounts: The creator's accounts on the platform.
        collaborators: Names of creators who may look alike; likeness to each other is no offence.
        works: How many works are enrolled.
        standing: Of their style; None while it is not measured. Derived from the works: whoever
            has the model can measure it.
        id: Unique in the index, never given again; 0 outside of one.
        aliases: Other names that prompts know the creator by.
    """

    name: str
    consent: Consent
    protection: Protection = Protection.PROTECTED
    accounts: tuple[str, ...] = ()
    collaborators: tuple[str, ...] = ()
    works: int = 0
    standing: Standing | None = None
    id: int = 0
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Work:
    """One enrolled work.

    Attributes:
        id: Unique in the index, never given again; 0 or above.
        creator: Name of its creator.
        name: As it was given at enrolment: a path or a platform's id; unique per creator.
        sha256: Hex digest of the file.
        at: When it was enrolled.
    """

    id: int
    creator: str
    name: str
    sha256: str
    at: datetime


@dataclass(frozen=True)
class SharedWork:
    """A work that somebody else has enrolled, too: a repost, a collaboration, or an impersonation.

    Attributes:
        name: Of the work that is enrolled now.
        other: The other creator's work.
        exact: Whether it has the same bytes; else it shows the same, as far as a hash tells.
    """

    name: str
    other: Work
    exact: bool = True


@dataclass(frozen=True)
class EnrolmentResult:
    """What came of an enrolment.

    Attributes:
        creator: As enrolled now.
        added: Works that are new.
        shared: Those of the given works, new or known, that others have enrolled.
        withdrew: When a creator of this name withdrew last; None if none did.
    """

    creator: Creator
    added: int
    shared: tuple[SharedWork, ...] = ()
    withdrew: datetime | None = None


@dataclass(frozen=True)
class Withdrawal:
    """That a creator withdrew: all that an index keeps of them.

    Attributes:
        creator: Name.
        at: When.
    """

    creator: str
    at: datetime
