"""What the detector says of one image."""

from dataclasses import dataclass, field
from enum import StrEnum

from detector.technology import GeneratorFamily, generator_family
from evidence.signals import EvidenceKind, Signal

__all__ = ["AiEvidence", "EvidenceKind", "Verdict"]


class Verdict(StrEnum):
    """The answer to "was this made by an AI?". Inconclusive is a full answer."""

    AI = "ai"
    HUMAN = "human"
    INCONCLUSIVE = "inconclusive"


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
        signals: Everything that was found besides the verdict's own pixels, the strongest first.
        stability: How little the pixels' probability changes under mild recompression, 0 to 1; None
            where it was not looked at.
    """

    verdict: Verdict
    probability: float
    evidence: EvidenceKind
    generator: str | None
    pixel_probability: float
    pixel_score: float
    reasons: tuple[str, ...]
    signals: tuple[Signal, ...] = field(default=(), repr=False)
    stability: float | None = None

    @property
    def family(self) -> GeneratorFamily:
        """The family of the generator, told from its name alone."""
        return generator_family(self.generator)
