"""The manifest of an artefact: what it is, what its numbers mean, and the digest of every file.

One document for every kind of artefact. Thresholds, weights of decisions, calibration, licence and
hashes stand in it and not in code.
"""

import hashlib
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

NAME = r"^[a-z0-9][a-z0-9._-]{0,99}$"
"""What an artefact, and its folder, may be called."""


class Kind(StrEnum):
    """What an artefact does: `DETECTOR` judges, `SIMILARITY` searches, `ENCODER` feeds both."""

    DETECTOR = "detector"
    SIMILARITY = "similarity"
    ENCODER = "encoder"


class Record(BaseModel):
    """A part of a manifest: frozen, finite, and without anything that is not known here."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FileEntry(Record):
    """A file of the artefact's folder.

    Attributes:
        sha256: Hex digest.
        size: In bytes.
    """

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size: int = Field(ge=0)

    @classmethod
    def of(cls, data: bytes) -> "FileEntry":
        """The entry of a file with this content."""
        return cls(sha256=hashlib.sha256(data).hexdigest(), size=len(data))


class OperatingPoint(Record):
    """A threshold on a raw score with the error rate that it was set for.

    Attributes:
        rate: The stated rate: at most this share of the images that the answer beyond the threshold
            is wrong about lies beyond it.
        threshold: On the raw score; what lies on it is not beyond it.
        measured: The share of the calibration set that lies beyond it; of a detector that makes
            room for its numerical width (`OperatingPoints.within`), beyond it by that.
        low: Lower end of the 95 % Clopper-Pearson interval of the share.
        high: Upper end.
        n: Images of that kind in the calibration set.
    """

    rate: float = Field(gt=0, lt=1)
    threshold: float
    measured: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)
    n: int = Field(ge=1)


class OperatingPoints(Record):
    """All operating points that the calibration set was large enough for.

    Attributes:
        ai: The verdict is `ai` above them; their shares are of human works.
        human: The verdict is `human` below them; their shares are of AI pictures.
    """

    ai: tuple[OperatingPoint, ...]
    human: tuple[OperatingPoint, ...]

    def within(self, width: float) -> "OperatingPoints":
        """The same, if no verdict is published on a score nearer to a threshold than a width.

        The thresholds move towards each other by as much: what is published keeps to the rates.
        """

        def moved(point: OperatingPoint, by: float) -> OperatingPoint:
            return point.model_copy(update={"threshold": point.threshold + by})

        return OperatingPoints(
            ai=tuple(moved(point, -width) for point in self.ai),
            human=tuple(moved(point, width) for point in self.human),
        )


class Calibration(Record):
    """Platt scaling: probability = 1 / (1 + exp(-(slope * score + intercept))).

    Both classes weigh the same, so the probability supposes that half of all images are by an AI.
    """

    slope: float = Field(gt=0)
    intercept: float
    n_ai: int = Field(ge=1)
    n_human: int = Field(ge=1)

    def probability(self, score: float) -> float:
        """The calibrated probability (0 to 1) of a raw score, both classes being as frequent."""
        z = self.slope * score + self.intercept
        return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


class PhotoThresholds(Record):
    """What the scores of a photo head mean.

    Attributes:
        calibration: Raw score to probability; its `n_ai` are photographs, its `n_human` art.
        photo: Above it an image is called a photograph; the rate is that of art so called.
        not_photo: Below it an image is called none; the rate is that of photographs so called.
    """

    calibration: Calibration
    photo: OperatingPoint
    not_photo: OperatingPoint


class NoveltyThreshold(Record):
    """What the distances from the training set mean.

    Attributes:
        blocks: Whose class tokens are read, counted from 0.
        far: Above it an image is far; the rate is that of human works.
    """

    blocks: tuple[int, ...]
    far: OperatingPoint


class DataFacts(Record):
    """What a detector was made from.

    Attributes:
        sha256: Hash over the label and the content hash of every image used, sorted.
        images: Images used, by label.
        groups: Groups that were held out together (sources, creators, generators), by label.
        folds: Folds of the cross-fitting: calibration and figures come from heads that had not
            seen the image's fold.
        unreadable: Rows that could not be decoded and were left out.
        licences: Images by licence.
    """

    sha256: str
    images: dict[str, int]
    groups: dict[str, int]
    folds: int
    unreadable: int
    licences: dict[str, int]


class CohortFacts(Record):
    """What a similarity model was made from.

    Attributes:
        sha256: Hash over the content hashes of the images, sorted.
        images: Images used.
        creators: People whose works styles were learnt from.
        licences: Images by licence.
    """

    sha256: str
    images: int
    creators: int
    licences: dict[str, int]


class ProofWeights(Record):
    """A logistic regression over what a comparison of the pixels found.

    Attributes:
        bias: Log odds of a copy where nothing was found.
        weights: By term; see `similarity.copies.verification.terms`.
    """

    bias: float
    weights: dict[str, float]


class CopyThresholds(Record):
    """When a work counts as copied.

    Attributes:
        least_cosine: Of copy vectors; a work whose vector is less like the upload's is not looked
            at closely.
        most_bits: Of 256, by which the perceptual hashes of a copy may differ.
        proof: Scores what the pixels show, 0 to 1.
        proven: Score from which a copy is proven.
        review: Score from which a person should look.
    """

    least_cosine: float = Field(ge=-1, le=1)
    most_bits: int = Field(ge=0, le=256)
    proof: ProofWeights
    proven: float = Field(gt=0, le=1)
    review: float = Field(gt=0, le=1)

    @model_validator(mode="after")
    def _in_order(self) -> "CopyThresholds":
        if self.review > self.proven:
            raise ValueError("what is proven is also for review: `review` is above `proven`")
        return self


class StyleRates(Record):
    """Shares of innocent uploads that get a verdict, by which the verdicts are stated.

    Attributes:
        close: For `close`.
        review: For `review` or `close`.
    """

    close: float = Field(default=0.01, gt=0, lt=1)
    review: float = Field(default=0.05, gt=0, lt=1)


class Manifest(Record):
    """What every manifest says.

    Attributes:
        schema_version: Of this document.
        kind: Of artefact.
        name: Of the artefact, also of its folder.
        created: Date and time, UTC, ISO 8601.
        made_by: Version of the code that made it.
        encoder: Id of the encoder that it is made for.
        licence: Of the artefact.
        files: Every other file of the folder, by name.
    """

    schema_version: Literal[2] = 2
    kind: Kind
    name: str = Field(pattern=NAME)
    created: str
    made_by: str
    encoder: str
    licence: str
    files: dict[str, FileEntry] = Field(default={})


class DetectorManifest(Manifest):
    """The manifest of a detector.

    Attributes:
        head: Kind of head.
        calibration: Raw score to probability.
        operating_points: Of both verdicts.
        ai_rate: Which of them publishes the verdict `ai`.
        human_rate: Which of them publishes the verdict `human`.
        numerical_width: By how much a raw score of one image may differ between CPU kinds and the
            precisions that share the encoder's id. No verdict is published on scores nearer than
            this to their threshold.
        smallest_side: Shorter side in pixels of the smallest image it was made from; no verdict
            is published on smaller ones.
        doubt: Raw score of an image's first view above which its other views are scored too, and
            the mean counts; None for models that look at the first view alone.
        photo: Of the photo signal; None for models without one.
        novelty: Of the distances from the training set; None for models without them.
        data: What it was made from.
        metrics: Figures on held-out groups, by name.
    """

    kind: Literal[Kind.DETECTOR] = Kind.DETECTOR
    head: str
    calibration: Calibration
    operating_points: OperatingPoints
    ai_rate: float
    human_rate: float
    numerical_width: float = Field(default=0.0, ge=0)
    smallest_side: int
    doubt: float | None = None
    photo: PhotoThresholds | None = None
    novelty: NoveltyThreshold | None = None
    data: DataFacts
    metrics: dict[str, float]

    @model_validator(mode="after")
    def _publishes_known_points(self) -> "DetectorManifest":
        self.point("ai", self.ai_rate)
        self.point("human", self.human_rate)
        return self

    def point(self, verdict: Literal["ai", "human"], rate: float) -> OperatingPoint:
        """The operating point of a verdict and a stated rate.

        Raises:
            ValueError: There is none.
        """
        points = self.operating_points
        for point in points.ai if verdict == "ai" else points.human:
            if point.rate == rate:
                return point
        raise ValueError(f"no operating point for the verdict {verdict} at a rate of {rate}")


class SimilarityManifest(Manifest):
    """The manifest of a similarity model.

    Attributes:
        members: The arrays of the features that the style head reads, in order.
        heads: Name of the artefact whose heads these are, by which indices know them; None for its
            own.
        cohort_correction: How many times as often strangers are named as the cohort says. See
            `similarity.styles.open_set.Cohort`.
        copies: When a work counts as copied.
        styles: For which shares of innocent uploads verdicts on styles are stated.
        data: What it was made from.
        metrics: Figures on held-out creators, by name.
    """

    kind: Literal[Kind.SIMILARITY] = Kind.SIMILARITY
    members: tuple[str, ...]
    heads: str | None = Field(default=None, pattern=NAME)
    cohort_correction: float = Field(gt=0)
    copies: CopyThresholds
    styles: StyleRates
    data: CohortFacts
    metrics: dict[str, float]


class CalibrationFacts(Record):
    """What the ranges of an encoder's activations were measured on.

    Attributes:
        images: Images, drawn from the split.
        split: Of the manifest.
        seed: Of the draw.
        views_sha256: Hash over the pixels of their views.
    """

    images: int
    split: str
    seed: int
    views_sha256: str


class EncoderManifest(Manifest):
    """The manifest of what ships of an encoder whose weights are fetched.

    What goes in and comes out, and where the weights are from, says its `spec.json`
    (`models.encoder.spec`).

    Attributes:
        calibration: What its ranges for integer arithmetic were measured on.
    """

    kind: Literal[Kind.ENCODER] = Kind.ENCODER
    calibration: CalibrationFacts


AnyManifest = DetectorManifest | SimilarityManifest | EncoderManifest
MANIFESTS: TypeAdapter[AnyManifest] = TypeAdapter(
    Annotated[AnyManifest, Field(discriminator="kind")]
)
"""Reads a manifest of any kind."""


def now() -> str:
    """The time for `Manifest.created`."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def code_version() -> str:
    """The version of this code, for `Manifest.made_by`."""
    return version("rakkan")


def images_sha256(lines: Iterable[str]) -> str:
    """One hash over many images, whatever their order: of their sorted digests."""
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
