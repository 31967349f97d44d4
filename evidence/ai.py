"""What is said of how an image was made: by its pixels, and by all evidence together."""

from dataclasses import dataclass, field
from enum import StrEnum

from evidence.reasons import Reason
from evidence.signals import EvidenceKind, Signal


class Verdict(StrEnum):
    """The answer to "was this made by an AI?". Inconclusive is a full answer."""

    AI = "ai"
    HUMAN = "human"
    INCONCLUSIVE = "inconclusive"


class Withheld(StrEnum):
    """Why the pixels give no verdict."""

    OVERLAPPING = "overlapping"
    """The score lies where human works and AI pictures of the calibration set overlap, or nearer to
    such scores than processors agree."""
    UNSTABLE = "unstable"
    """After mild recompression the pixels would lead to another answer."""
    TOO_SMALL = "too_small"
    """The image is smaller than any that the model was made from."""
    TOO_PLAIN = "too_plain"
    """There is too little to see in it."""
    NOVEL = "novel"
    """It is unlike anything that the model was made from."""


class PhotoAnswer(StrEnum):
    """What an image looks like."""

    PHOTO = "photo"
    NOT_PHOTO = "not_photo"
    UNSURE = "unsure"


class GeneratorFamily(StrEnum):
    """How a generator makes a picture."""

    DIFFUSION = "diffusion"
    """By removing noise step by step; flow matching included."""
    GAN = "gan"
    """By a network trained against a discriminator, also where something else steers it."""
    AUTOREGRESSIVE = "autoregressive"
    """Piece by piece, each from those before."""
    UNKNOWN = "unknown"
    """Not known, not published, or none of these (masked tokens, hybrids)."""


@dataclass(frozen=True)
class Photo:
    """What the pixels say about being a photograph, or a picture made to look like one.

    Attributes:
        score: Raw score; higher is more like a photograph. Unbounded.
        probability: Calibrated, 0 to 1, half of all images being photographs.
        answer: The published answer.
    """

    score: float
    probability: float
    answer: PhotoAnswer


@dataclass(frozen=True)
class Information:
    """How much there is to see.

    Attributes:
        ground: Share of the image that has its most common colour, 0 to 1.
        detail: Share of neighbouring places with a visible step of luminance between them, 0 to 1.
        too_plain: There is too little for a verdict from the pixels, whatever their score.
    """

    ground: float
    detail: float
    too_plain: bool


@dataclass(frozen=True)
class Novelty:
    """How far an image is from the training set.

    Attributes:
        distance: Mean square of what the training set does not explain, in standard deviations of
            the training features; around 0.3 for works like those in it.
        far: Too far for a verdict from the pixels.
    """

    distance: float
    far: bool


@dataclass(frozen=True)
class PixelEvidence:
    """What the pixels alone say: what the score calls for, and what is published.

    Attributes:
        score: Raw score of the pixel head, for ranking; higher is more AI-like. Unbounded.
        probability: Calibrated probability that an AI made it, 0 to 1.
        scored: What the score alone calls for.
        verdict: What is published: `scored`, or inconclusive where something is withheld.
        withheld: Why no verdict is published, all that holds; empty where one is.
        reasons: Why that answer.
        information: How much there is to see.
        novelty: How far it is from the training set; None for models that cannot tell.
        photo: Whether it looks like a photograph; None for models that cannot tell.
        stability: 1 minus the change of the probability under mild recompression, 0 to 1; None
            where it was not looked at.
        hints: What else the pixels show that a platform's rules may ask for.
    """

    score: float
    probability: float
    scored: Verdict
    verdict: Verdict
    withheld: tuple[Withheld, ...]
    reasons: tuple[Reason, ...]
    information: Information
    novelty: Novelty | None = None
    photo: Photo | None = None
    stability: float | None = None
    hints: tuple[Signal, ...] = ()


@dataclass(frozen=True)
class AiEvidence:
    """All evidence of how an image was made, weighed.

    Attributes:
        verdict: The published answer.
        probability: Calibrated probability that an AI made it, 0 to 1; never less sure than what
            decided.
        evidence: The strongest kind of evidence behind the verdict.
        generator: Name of the generator where it is known.
        family: Of the generator, told from its name alone.
        pixels: What the pixels alone say.
        reasons: Why, the deciding ones first.
        signals: Everything that was found besides the verdict's own pixels, the strongest first.
    """

    verdict: Verdict
    probability: float
    evidence: EvidenceKind
    generator: str | None
    family: GeneratorFamily
    pixels: PixelEvidence
    reasons: tuple[Reason, ...]
    signals: tuple[Signal, ...] = field(default=(), repr=False)
