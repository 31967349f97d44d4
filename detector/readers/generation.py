"""What generation parameters say of an image, whichever tool wrote them, and its words."""

from dataclasses import dataclass
from enum import StrEnum

from core.text import one_line
from detector.readers.checkpoints import family
from detector.readers.prompts import prompted_artists
from evidence.reasons import reason
from evidence.signals import Claim, EvidenceKind, Signal

Texts = tuple[tuple[str, str], ...]
"""The texts of a file as (keyword, text), as `imaging.metadata.texts.FileTexts.all` gives them."""

MOST_STRENGTH_OF_AN_EDIT = 0.5
"""Up to this part of the noise, the image that the generator started from still shows through.

Diffusion works from the coarse to the fine: below half, composition and shapes are the source's.
"""

_LONGEST_PROMPT = 20_000
_FULL_STRENGTH = 0.999


class Process(StrEnum):
    """How the tool came to its image."""

    TEXT = "text to image"
    IMAGE = "image to image"
    INPAINT = "in-painting"
    INSTRUCTION = "edit by instruction"
    COMPOSITE = "composite"
    UPSCALE = "upscaling"


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Generation parameters, of any tool.

    Attributes:
        format: In whose way they are written, for the records (`comfyui`).
        tool: The program or service as people know it; None where the form does not tell it.
        process: How it worked.
        generator: The model's family where the tool says it; else it is told by `model`.
        model: The model or checkpoint as the file names it.
        prompt: What was asked for.
        seed: Of the random numbers.
        strength: Part of the noise that an image was started with, 0 (kept) to 1 (replaced).
    """

    format: str
    tool: str | None
    process: Process = Process.TEXT
    generator: str | None = None
    model: str | None = None
    prompt: str | None = None
    seed: str | None = None
    strength: float | None = None


def signal(found: Parameters, *, hidden: bool = False) -> Signal:
    """Put parameters into words.

    An image that a generator started from may itself be generated: the file does not say. It
    counts as edited where it shows through or may do so, and as made where little of it is left.

    Args:
        found: The parameters.
        hidden: They are hidden in the pixels.
    """
    generator = found.generator or family(found.model) or found.tool
    claim, process = _claim(found)
    prompt = (found.prompt or "")[:_LONGEST_PROMPT].strip() or None
    artists = prompted_artists(prompt) if prompt else ()
    said = reason(
        "parameters_hidden" if hidden else "parameters",
        tool=found.tool,
        model=_name(found.model) or (found.generator if found.generator != found.tool else None),
        process=process,
        strength=found.strength if found.process is Process.IMAGE else None,
        artists=one_line(", ".join(artists)) or None,
    )
    return Signal(
        reader=found.format,
        kind=EvidenceKind.STATED,
        claim=claim,
        reason=said,
        generator=generator,
        tool=found.tool,
        model=_name(found.model),
        prompt=prompt,
        seed=_name(found.seed),
        artists=artists,
    )


def _claim(found: Parameters) -> tuple[Claim, str]:
    """What the process makes of the image, and the code of the phrase that says so."""
    strength = found.strength
    match found.process:
        case Process.TEXT:
            return Claim.AI_MADE, "process_text"
        case Process.IMAGE if strength is not None and strength >= _FULL_STRENGTH:
            return Claim.AI_MADE, "process_anew"
        case Process.IMAGE if strength is not None and strength > MOST_STRENGTH_OF_AN_EDIT:
            return Claim.AI_MADE, "process_most"
        case Process.IMAGE:
            return Claim.AI_EDITED, "process_image"
        case Process.INPAINT:
            return Claim.AI_EDITED, "process_inpaint"
        case Process.INSTRUCTION:
            return Claim.AI_EDITED, "process_instruction"
        case Process.COMPOSITE:
            return Claim.AI_EDITED, "process_composite"
        case Process.UPSCALE:
            return Claim.AI_EDITED, "process_upscale"


def _name(text: str | None) -> str | None:
    return one_line(text) or None if text else None
