"""What the detector says of one image."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """The answer to "was this made by an AI?". Inconclusive is a full answer."""

    AI = "ai"
    HUMAN = "human"
    INCONCLUSIVE = "inconclusive"


class EvidenceKind(StrEnum):
    """How sure a piece of evidence is by its nature, surest first."""

    PROVEN = "proven"
    STATED = "stated"
    DECLARED = "declared"
    INFERRED = "inferred"


@dataclass(frozen=True)
class AiEvidence:
    """The detector's evidence about one image.

    Attributes:
        verdict: The published answer.
        probability: Calibrated probability that an AI made it, 0 to 1.
        evidence: The strongest kind of evidence behind the verdict.
        generator: Name of the generator where it is known.
        pixel_probability: Calibrated probability from the pixels alone.
        pixel_score: Raw score of the pixel head, for ranking; higher is more AI-like. Unbounded.
        reasons: Why, one plain sentence each.
    """

    verdict: Verdict
    probability: float
    evidence: EvidenceKind
    generator: str | None
    pixel_probability: float
    pixel_score: float
    reasons: tuple[str, ...]
