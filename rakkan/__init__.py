"""Whether an AI made an artwork, and whose work or style it is like: for use from Python.

    import rakkan

    with rakkan.open(index="creators") as judge:
        judgement = judge.judge("upload.png")
    print(judgement.ai.verdict, judgement.ai.probability)

What stands in `__all__` is the public surface: it changes with notice alone. The packages beside
this one (`detector`, `similarity`, ...) are for those who change Rakkan itself.
"""

from core.errors import RakkanError
from evidence import (
    AiEvidence,
    Claim,
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    EvidenceKind,
    ImageFacts,
    Judgement,
    PixelEvidence,
    Provenance,
    Reason,
    Signal,
    SimilarityEvidence,
    Verdict,
    Withheld,
    WorkMatch,
)
from rakkan.judging import Answer, Judge, open  # noqa: A004 - called as `rakkan.open`

__all__ = [
    "AiEvidence",
    "Answer",
    "Claim",
    "CopyMatch",
    "CopyVerdict",
    "CreatorMatch",
    "CreatorVerdict",
    "EvidenceKind",
    "ImageFacts",
    "Judge",
    "Judgement",
    "PixelEvidence",
    "Provenance",
    "RakkanError",
    "Reason",
    "Signal",
    "SimilarityEvidence",
    "Verdict",
    "Withheld",
    "WorkMatch",
    "open",
]
