"""Features to `AiEvidence`."""

from detector.detector import Detector
from detector.evidence import AiEvidence, EvidenceKind, Verdict

__all__ = ["AiEvidence", "Detector", "EvidenceKind", "Verdict"]
