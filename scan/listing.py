"""How an image is listed in the report: why a person must look at it, and beside which work."""

from dataclasses import dataclass
from enum import IntFlag

from evidence import CopyVerdict, CreatorVerdict, EvidenceKind, Judgement, Verdict
from scan.schema import ScanRow, of_the_score


class Attention(IntFlag):
    """Why a person must look at an image; the more urgent, the higher."""

    ERROR = 1
    """It could not be judged."""
    INCONCLUSIVE = 2
    """The evidence does not tell who made it."""
    IMITATION = 4
    """It holds a copy of an enrolled work; or an AI made it, and it is close in style to one."""
    CONTRADICTION = 8
    """What is stated or proven of it stands against its pixels."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What the report says of an image beside its row.

    Attributes:
        attention: Why a person must look at it, as `Attention`; 0 for no reason.
        likeness: How far it is like enrolled works: 3 a copy, 2 close, 1 to compare, 0 not.
        work: Name of the enrolled work that it is to be seen beside, as it was enrolled; None where
            it is like none.
        work_creator: Of that work.
        work_sha256: Hex digest of that work's file.
        told: How many of its reasons, from the first, tell of this image and hardly of others.
    """

    attention: int = 0
    likeness: int = 0
    work: str | None = None
    work_creator: str | None = None
    work_sha256: str | None = None
    told: int = 0

    @classmethod
    def of(cls, judgement: Judgement, row: ScanRow) -> "Listing":
        """How an image is listed.

        Args:
            judgement: Of its bytes.
            row: The same without a decision.
        """
        likeness = _likeness(row)
        work = _beside(judgement) if likeness else None
        return cls(
            attention=int(_attention(row, likeness)),
            likeness=likeness,
            work=None if work is None else work[0],
            work_creator=None if work is None else work[1],
            work_sha256=None if work is None else work[2],
            told=len(row.reasons or ()) - of_the_score(judgement),
        )


def _likeness(row: ScanRow) -> int:
    if row.copy_of is not None:
        return 3
    if row.creator_verdict == CreatorVerdict.CLOSE:
        return 2
    return int(row.copy_to_review is not None or row.creator_verdict == CreatorVerdict.REVIEW)


def _beside(judgement: Judgement) -> tuple[str, str, str] | None:
    """The name, creator and digest of the work that is nearest in the way that weighs most."""
    near = judgement.similarity
    if near is None:
        return None
    copies = sorted(near.copies, key=lambda one: one.verdict is not CopyVerdict.COPY)
    close = next((one for one in near.creators if one.verdict is CreatorVerdict.CLOSE), None)
    if copies and (close is None or copies[0].verdict is CopyVerdict.COPY):
        return copies[0].work, copies[0].creator, copies[0].sha256
    for creator in (close, *near.creators):
        if creator is not None and creator.works:
            return creator.works[0].work, creator.creator, creator.works[0].sha256
    return None


def _attention(row: ScanRow, likeness: int) -> Attention:
    found = Attention(0)
    if row.ai_verdict == Verdict.INCONCLUSIVE:
        found |= Attention.INCONCLUSIVE
    if likeness == 3 or (likeness == 2 and row.ai_verdict == Verdict.AI):
        found |= Attention.IMITATION
    if row.evidence != EvidenceKind.INFERRED and {row.ai_verdict, row.pixel_verdict} == {
        Verdict.AI,
        Verdict.HUMAN,
    }:
        found |= Attention.CONTRADICTION
    return found
