"""What somebody says of how an image was made, with whose word it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from training.data.manifest import LABELS, OPTIONAL
from training.errors import AutomaticLabel, LabelsError

FACTS = tuple(name for name in OPTIONAL if name != "split")
"""What may be known of an image besides, by the columns of a manifest."""

PROGRAM = "rakkan"
"""The actor of this program's own acts, whose word about an image is never learnt from."""


class Origin(StrEnum):
    """Where a claim comes from, the weightiest first.

    There is none for what a model decided by itself: a model that learns from its own answers
    confirms its own errors.
    """

    APPEAL = "appeal"
    MODERATOR = "moderator"
    IMPORT = "import"
    DECLARATION = "declaration"

    @property
    def rank(self) -> int:
        """Lower ranks are heard first; moderators and imports are heard together."""
        return {Origin.APPEAL: 0, Origin.DECLARATION: 2}.get(self, 1)


@dataclass(frozen=True)
class Claim:
    """What somebody says of how an image was made.

    Attributes:
        sha256: Hex digest of the file.
        label: `ai` or `human`.
        by: Who says so.
        at: When, with a time zone.
        certainty: How sure that is, above 0 and at most 1.
        origin: Where it comes from.
        path: Where the image was found; empty where only its digest is known.
        facts: What else is known of the image, by the names in `FACTS`; none of them empty.
    """

    sha256: str
    label: str
    by: str
    at: datetime
    certainty: float
    origin: Origin
    path: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold what every claim must be.

        Raises:
            AutomaticLabel: It is this program's own word.
            LabelsError: The label is none, or the certainty cannot be.
        """
        if self.by == PROGRAM and self.origin is not Origin.DECLARATION:
            raise AutomaticLabel(
                f"the label of {self.sha256} is Rakkan's own answer, which is never learnt from: "
                "have a person look at the image"
            )
        if self.label not in LABELS:
            raise LabelsError(f"the label is {self.label!r}, not `ai` or `human`")
        if not 0 < self.certainty <= 1:
            raise LabelsError(f"a certainty lies above 0 and is at most 1, not {self.certainty}")
        if self.at.tzinfo is None:
            raise LabelsError(f"the time {self.at} has no time zone")
