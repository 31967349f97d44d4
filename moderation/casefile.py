"""A case as whoever answers it needs it: the review, its decision, and what happened before."""

from dataclasses import dataclass

from moderation.case import Case
from moderation.effects import case_of
from moderation.errors import CaseErased
from storage import Reader, RecordedDecision
from storage.cases import Appeal, Review
from storage.submitted import Submitted
from storage.trail import TrailEntry

RECENT = 60
"""Events of an account that are shown at most."""


@dataclass(frozen=True)
class CaseFile:
    """All about one review.

    Attributes:
        review: Itself.
        recorded: Its decision, with the judgement as far as that was not erased.
        case: What acts about it need; None after an erasure.
        others: Reviews that the same decision asked for.
        appeal: Against the decision; None for none.
        trail: What happened to the account lately, the newest first.
        submitted: An answer that is not carried out; None for none.
        preview: Whether a picture is kept.
    """

    review: Review
    recorded: RecordedDecision
    case: Case | None
    others: tuple[Review, ...]
    appeal: Appeal | None
    trail: tuple[TrailEntry, ...]
    submitted: Submitted | None
    preview: bool


def case_file(reader: Reader, review: str) -> CaseFile:
    """Read a case.

    Args:
        reader: Of the records.
        review: Id of the review.

    Raises:
        UnknownRecord: There is none of that id.
    """
    found = reader.review(review)
    decision = found.decision or ""
    recorded = reader.decision(decision)
    try:
        case, _ = case_of(recorded, reader)
    except CaseErased:
        case = None
    others = tuple(one for one in reader.reviews(decision=decision) if one.id != review)
    trail = () if found.account is None else reader.trail.page(RECENT, account=found.account)
    return CaseFile(
        found,
        recorded,
        case,
        others,
        reader.appeal_of(decision),
        trail,
        reader.submitted.find(review),
        reader.previews.has(decision),
    )
