"""What a single statement says of how an image was made."""

from dataclasses import dataclass
from enum import StrEnum

from evidence.reasons import Reason

CONTRADICTIONS = "contradictions"
"""Name of the reader under which contradictions between statements stand."""

LABEL_READER = "label"
"""Name of the reader that tells a platform's label from the word of who made the image."""


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
    UNCLEAR = "unclear"
    """A camera or a person made it, as far as what is said is understood; the rest is not."""
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
        reason: The same in one sentence, for a moderator.
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
    reason: Reason
    generator: str | None = None
    tool: str | None = None
    model: str | None = None
    prompt: str | None = None
    seed: str | None = None
    artists: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """Stable name of the sentence."""
        return self.reason.code

    @property
    def text(self) -> str:
        """The sentence in English, for a moderator."""
        return self.reason.text
