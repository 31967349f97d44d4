"""Who acts."""

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from moderation.errors import OwnCase, SeniorNeeded

RAKKAN = "rakkan"
"""The actor where a policy acts, and nobody else."""

_SPACE = uuid5(NAMESPACE_URL, "tag:rakkan,2026:acts")


@dataclass(frozen=True)
class Act:
    """Something that somebody does now: one transaction.

    Attributes:
        at: When, with a time zone.
        by: Who: a moderator, or `RAKKAN`.
        key: Idempotency key. With the same key the same is answered, and nothing is done again.
    """

    at: datetime
    by: str
    key: str

    def id(self, *what: str) -> str:
        """An id for something that the act makes: the same act makes the same ids."""
        return str(uuid5(_SPACE, "\0".join((self.key, *what))))


@dataclass(frozen=True)
class Moderator:
    """A person who works for the platform.

    Attributes:
        id: As the platform names its staff; stands in the records for good.
        account: The person's own account on the platform; None for none.
        senior: Whether the person may approve a delisting in bulk.
    """

    id: str
    account: str | None = None
    senior: bool = False


def not_their_own(moderator: Moderator, account: str | None) -> None:
    """Hold that nobody decides about their own upload.

    Raises:
        OwnCase: The account is the moderator's.
    """
    if account is not None and moderator.account == account:
        raise OwnCase("This upload is the moderator's own: another moderator must look at it.")


def senior(moderator: Moderator) -> None:
    """Hold that a moderator is senior.

    Raises:
        SeniorNeeded: The moderator is not.
    """
    if not moderator.senior:
        raise SeniorNeeded("Only a senior moderator can do this: ask one.")
