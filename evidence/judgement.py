"""One judgement: everything that is said of one image, and what it was said by."""

from dataclasses import dataclass

from evidence.ai import AiEvidence
from evidence.reasons import Reason
from evidence.similarity import SimilarityEvidence


@dataclass(frozen=True)
class ImageFacts:
    """The image that is judged, without its pixels.

    Attributes:
        sha256: Hex digest of the file.
        width: In pixels, upright.
        height: In pixels, upright.
        format: Lower-case name of the container.
        notes: What decoding changed or passed over.
    """

    sha256: str
    width: int
    height: int
    format: str
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class ArtefactId:
    """Names an artefact so that no other is taken for it.

    Attributes:
        name: As it is listed.
        sha256: Hex digest of its manifest, which names the digest of every other file.
    """

    name: str
    sha256: str


@dataclass(frozen=True)
class Provenance:
    """What a judgement was made by: with the same, it comes out the same.

    Attributes:
        version: Of the code.
        encoder: Id of the encoder; names weights, preprocessing and precision.
        precision: In which the encoder computed.
        detector: The artefact that read the pixels.
        readers: Ids of the readers of files, with the digest of their rules.
        similarity: The artefact that searched the index; None where there was no search.
        index: Names the state of the index that was searched; None where there was no search.
        policy: Names the policy; None where none was applied.
    """

    version: str
    encoder: str
    precision: str
    detector: ArtefactId
    readers: tuple[str, ...]
    similarity: ArtefactId | None = None
    index: str | None = None
    policy: str | None = None


@dataclass(frozen=True)
class Judgement:
    """What is said of one image.

    Attributes:
        image: The image.
        ai: Whether an AI made it.
        similarity: What it copies and whose style it is near to; None where there was no search.
        made_by: What it was said by.
    """

    image: ImageFacts
    ai: AiEvidence
    similarity: SimilarityEvidence | None
    made_by: Provenance
