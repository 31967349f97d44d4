"""What a single signal says of an image, and the contract of the readers that find it in a file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from imaging import DecodedImage


class EvidenceKind(StrEnum):
    """How sure a piece of evidence is by its nature, surest first."""

    PROVEN = "proven"
    STATED = "stated"
    DECLARED = "declared"
    INFERRED = "inferred"


class Claim(StrEnum):
    """What a signal says about how the image was made."""

    AI_MADE = "ai_made"
    """A generator made all or most of it."""
    AI_EDITED = "ai_edited"
    """A generator worked on an image that it did not make: in-painting, a composite, upscaling."""
    HUMAN_MADE = "human_made"
    """A camera or a person made it."""
    NOTED = "noted"
    """Worth a moderator's look; says neither."""


@dataclass(frozen=True, kw_only=True)
class Signal:
    """One statement that was found.

    Attributes:
        reader: Name of the reader that found it.
        kind: How sure it is by its nature.
        claim: What it says.
        text: The same in one plain sentence, for a moderator.
        generator: Name of the generator as people know it ("Midjourney", "Stable Diffusion XL").
        tool: The program or service that ran it, where the file tells them apart ("ComfyUI").
        model: The model or checkpoint as the file names it.
        prompt: The text that the image was asked for with.
        seed: Of the generator's random numbers, as the file names it.
        artists: Names that the prompt asks to imitate.
    """

    reader: str
    kind: EvidenceKind
    claim: Claim
    text: str
    generator: str | None = None
    tool: str | None = None
    model: str | None = None
    prompt: str | None = None
    seed: str | None = None
    artists: tuple[str, ...] = ()


class Reader(Protocol):
    """Finds one kind of statement in a file. One small file per reader.

    A reader never raises, whatever the bytes: what it cannot read says nothing. Its time and memory
    are bounded by a small multiple of the bytes that it is given.

    Attributes:
        name: Of the reader, for the records.
        id: Names everything that changes what the reader finds; its name where nothing does.
    """

    @property
    def name(self) -> str:
        """See above."""
        ...

    @property
    def id(self) -> str:
        """See above."""
        ...

    def read(self, data: bytes, image: DecodedImage) -> tuple[Signal, ...]:
        """Read what the file says.

        Args:
            data: The whole file.
            image: The same, decoded: its metadata blocks, format and size. The pixels may be a
                reduced version of the original.
        """
        ...
