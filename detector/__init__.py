"""Features to `AiEvidence`."""

from detector.detector import Detector
from evidence.ai import AiEvidence, EvidenceKind, Verdict

__all__ = ["AiEvidence", "Detector", "EvidenceKind", "Verdict"]
