"""What the platform says of an upload besides the image."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Moment(StrEnum):
    """When a work is looked at."""

    UPLOAD = "upload"
    """It is being posted."""
    ARCHIVE = "archive"
    """It was posted before, and is looked at again."""


@dataclass(frozen=True, kw_only=True)
class Context:
    """An upload as its platform tells of it. What is not known is None, and makes nothing harsher.

    Attributes:
        service: Name of the platform's service, as policies name it.
        at: When it was posted, with a time zone: the rules in force then apply.
        moment: When it is looked at.
        account: Whose upload it is, as the platform names accounts.
        work: Of which work, as the platform names works.
        declared_ai: Whether the uploader declares that an AI made it; None for no declaration, or,
            in an archive, where it is not known.
        kind: What it is in the platform's words, such as `work`, `material`, `request_delivery`,
            `thumbnail`; policies name kinds.
        categories: What else the platform or its moderators say that it is, such as `novel_cover`
            or `explanation`: what exemptions name.
        paid: Whether people paid for it.
        outside_links: How many links to elsewhere stand beside it.
        request: Which request it delivers.
        malice_suspected: A moderator suspects ill will: policies may then withhold notices.
    """

    service: str
    at: datetime
    moment: Moment = Moment.UPLOAD
    account: str | None = None
    work: str | None = None
    declared_ai: bool | None = None
    kind: str = "work"
    categories: frozenset[str] = frozenset()
    paid: bool = False
    outside_links: int = 0
    request: str | None = None
    malice_suspected: bool = False

    def __post_init__(self) -> None:
        """Refuse a time without a zone.

        Raises:
            ValueError: It has none; whose midnight a rule begins at would be a guess.
        """
        if self.at.tzinfo is None:
            raise ValueError(f"the time {self.at} of an upload has no time zone")
