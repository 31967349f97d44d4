"""What a file of labels says, before any image was looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from training.labels.claim import Origin


@dataclass(frozen=True)
class Found:
    """One label as a file has it.

    Attributes:
        where: Names the row for a person.
        label: As written, in small letters.
        path: Of the image; empty where only the digest is given.
        sha256: Hex digest of the image; empty where only the path is given.
        by: Who says so; None where the file does not tell; so the following.
        at: When.
        certainty: How sure.
        origin: Where it comes from.
        facts: What else is known of the image, by the names in `training.labels.claim.FACTS`.
    """

    where: str
    label: str
    path: str = ""
    sha256: str = ""
    by: str | None = None
    at: datetime | None = None
    certainty: float | None = None
    origin: Origin | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
