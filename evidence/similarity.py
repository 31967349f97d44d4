"""What a search says of an upload: copies of works, and likeness to creators' styles."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from evidence.reasons import Reason
from evidence.signals import EvidenceKind

Quad = tuple[tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]]
"""The corners of a region as (x, y), each a part of the picture's width and height: top left,
top right, bottom right, bottom left of the region as it lies in the *other* picture."""


class CopyVerdict(StrEnum):
    """`COPY`: proven by the pixels. `REVIEW`: much alike, to be looked at by a person."""

    COPY = "copy"
    REVIEW = "review"


class CreatorVerdict(StrEnum):
    """`CLOSE`: closer than the stated share of other people's works. `REVIEW`: for a person."""

    CLOSE = "close"
    REVIEW = "review"
    NONE = "none"


@dataclass(frozen=True)
class CopyMatch:
    """An enrolled work of which the upload holds a copy, whole or in part.

    Attributes:
        work: Name of the work.
        creator: Of the work.
        score: How surely, 0 to 1.
        verdict: What follows from it.
        in_upload: Where the copied part lies in the upload; None if that is not known.
        in_work: Where it lies in the work.
        mirrored: Whether the copy is mirrored.
        sha256: Hex digest of the work's file.
        reason: What shows it.
        work_id: Of the work in the index, never given again.
        creator_id: Of its creator in the index.
    """

    work: str
    creator: str
    score: float
    verdict: CopyVerdict
    in_upload: Quad | None
    in_work: Quad | None
    mirrored: bool
    sha256: str
    reason: Reason
    work_id: int
    creator_id: int


@dataclass(frozen=True)
class WorkMatch:
    """A work near to the upload in style.

    Attributes:
        work: Name of the work.
        score: Likeness, -1 to 1.
        sha256: Hex digest of the work's file.
        work_id: Of the work in the index.
    """

    work: str
    score: float
    sha256: str
    work_id: int


@dataclass(frozen=True)
class CreatorMatch:
    """A creator to whose works the upload is near in style.

    Attributes:
        creator: Name.
        likeness: To the creator's nearest works and prototype, -1 to 1; ranks creators.
        score: How far above what strangers' works reach, by several comparisons of the likeness: 0
            where the stranger in the middle is, 1 where one in twenty is; at most that of the
            creator before; decides.
        p_value: Share of other people's works that come as near to *some* enrolled creator.
        verdict: What follows from it.
        references: How many works of the creator were compared.
        works: The nearest of them, best first.
        reason: Why that verdict.
        creator_id: Of the creator in the index, never given again.
        p_value_ai: Share of pictures by AIs that stand out as much among these by their nearness to
            some enrolled creator: told of an upload that an AI made. It is for review where this
            share is as small as that of other people's works must be.
    """

    creator: str
    likeness: float
    score: float
    p_value: float
    verdict: CreatorVerdict
    references: int
    works: tuple[WorkMatch, ...]
    reason: Reason
    creator_id: int
    p_value_ai: float | None = None


@dataclass(frozen=True)
class PromptedCreator:
    """An enrolled creator whom the prompt in the file names; no verdict follows from it.

    Attributes:
        creator: Name.
        words: By which the prompt names the creator, in its spelling.
        reader: Name of the reader that found the prompt.
        reason: The same in one sentence.
        creator_id: Of the creator in the index, never given again.
        kind: Anyone can write a prompt into a file: never more than stated.
    """

    creator: str
    words: str
    reader: str
    reason: Reason
    creator_id: int
    kind: Literal[EvidenceKind.STATED] = EvidenceKind.STATED


@dataclass(frozen=True)
class SimilarityEvidence:
    """All that the index says of one upload.

    Attributes:
        copies: Best first.
        creators: Best first, whatever their verdicts.
        index: Name of the snapshot that was searched.
        notes: What was left out of consideration and why.
        prompted: Creators whom the prompt in the file names, in its order.
    """

    copies: tuple[CopyMatch, ...]
    creators: tuple[CreatorMatch, ...]
    index: str
    notes: tuple[Reason, ...] = ()
    prompted: tuple[PromptedCreator, ...] = ()
