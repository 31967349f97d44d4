"""What an account's history says: one record per finding."""

from dataclasses import dataclass
from enum import StrEnum

from evidence import Reason


class AccountSignalName(StrEnum):
    """What can be found in a history."""

    IMITATION = "imitation"
    """Works, one after the other, near to one enrolled creator who does not own the account."""
    FLOOD = "flood"
    """Far more posts than is usual for the service and for the account."""
    POST_AND_DELETE = "post_and_delete"
    """Works posted and deleted, again and again."""
    OUTSIDE_LINKS = "outside_links"
    """Links to elsewhere beside many works."""
    FAST_DELIVERY = "fast_delivery"
    """A request delivered far faster than the creator delivered others."""
    SAME_REQUEST = "same_request"
    """The same request placed with several creators, and cancelled once one accepts."""
    FALSE_DECLARATION = "false_declaration"
    """Declarations that objective evidence contradicts, either way."""
    IMPERSONATION = "impersonation"
    """Works that are an enrolled creator's own, posted by an account that is not the creator's."""
    LOW_INFORMATION = "low_information"
    """Pictures with too little to see, again and again."""


@dataclass(frozen=True)
class AccountSignal:
    """Something that an account's history says.

    Attributes:
        name: What.
        reason: In one sentence, with its figures.
        works: The works that it rests on, the oldest first.
        creator: The enrolled creator that it is about, where it is about one.
        p_value: Share of innocent accounts that would show as much, at most; None where that was
            not measured.
        confirmed: Whether a moderator confirmed it for these works.
    """

    name: AccountSignalName
    reason: Reason
    works: tuple[str, ...] = ()
    creator: str | None = None
    p_value: float | None = None
    confirmed: bool = False
