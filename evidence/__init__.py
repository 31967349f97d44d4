"""The records that say what was found, and their words. Imports `core` alone, and nothing heavy."""

from evidence.ai import (
    AiEvidence,
    GeneratorFamily,
    Information,
    Novelty,
    Photo,
    PhotoAnswer,
    PixelEvidence,
    Verdict,
    Withheld,
)
from evidence.judgement import ArtefactId, ImageFacts, Judgement, Provenance
from evidence.reasons import Reason, reason
from evidence.signals import Claim, EvidenceKind, Signal
from evidence.similarity import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    PromptedCreator,
    Quad,
    SimilarityEvidence,
    WorkMatch,
)

__all__ = [
    "AiEvidence",
    "ArtefactId",
    "Claim",
    "CopyMatch",
    "CopyVerdict",
    "CreatorMatch",
    "CreatorVerdict",
    "EvidenceKind",
    "GeneratorFamily",
    "ImageFacts",
    "Information",
    "Judgement",
    "Novelty",
    "Photo",
    "PhotoAnswer",
    "PixelEvidence",
    "PromptedCreator",
    "Provenance",
    "Quad",
    "Reason",
    "Signal",
    "SimilarityEvidence",
    "Verdict",
    "Withheld",
    "WorkMatch",
    "reason",
]
