"""An artefact: a trained head with all that its scores mean, in one folder.

The folder holds `manifest.json`, `head.safetensors`, `seen.safetensors` (which images it was made
from), `golden.json` and `README.md` (the model card); and, for the heat map, `patches.safetensors`.
Thresholds, calibration, licence and hashes stand there and not in code.
"""

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.files import write_whole
from models.errors import BrokenArtefact, EncoderDiffers
from models.heads import Head, load_head
from models.patch_head import PatchHead, load_patch_head

MANIFEST = "manifest.json"
HEAD = "head.safetensors"
PATCHES = "patches.safetensors"
SEEN = "seen.safetensors"
GOLDEN = "golden.json"
CARD = "README.md"

NAME = r"^[a-z0-9][a-z0-9._-]{0,99}$"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class OperatingPoint(_Record):
    """A threshold on a raw score with the error rate that it was set for.

    Attributes:
        rate: The stated rate: at most this share of the images that the answer beyond the threshold
            is wrong about lies beyond it.
        threshold: On the raw score; what lies on it is not beyond it.
        measured: The share that lies beyond it in the calibration set.
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


class OperatingPoints(_Record):
    """All operating points that the calibration set was large enough for.

    Attributes:
        ai: The verdict is `ai` above them; their shares are of human works.
        human: The verdict is `human` below them; their shares are of AI pictures.
    """

    ai: tuple[OperatingPoint, ...]
    human: tuple[OperatingPoint, ...]


class Calibration(_Record):
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


class DataFacts(_Record):
    """What the head was made from.

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


class Manifest(_Record):
    """The manifest of an artefact.

    Attributes:
        schema_version: Of this document.
        name: Name of the artefact, also of its folder.
        created: Date and time, UTC, ISO 8601.
        encoder: Id of the encoder whose features the head reads.
        head: Kind of head.
        head_sha256: Hex digest of the head's file.
        calibration: Raw score to probability.
        operating_points: Of both verdicts.
        ai_rate: Which of them publishes the verdict `ai`.
        human_rate: Which of them publishes the verdict `human`.
        smallest_side: Shorter side in pixels of the smallest image it was made from; no verdict
            is published on smaller ones.
        doubt: Raw score of an image's first view above which its other views are scored too, and
            the mean counts; None for models that look at the first view alone.
        numerical_width: By how much a raw score of one image may differ between CPU kinds and the
            precisions that share the encoder's id. No verdict is published on scores nearer than
            this to their threshold.
        data: What it was made from.
        metrics: Figures on held-out groups, by name.
        licence: Of the head.
        patches_sha256: Hex digest of the patch head's file; None if there is none.
    """

    schema_version: Literal[1] = 1
    name: str = Field(pattern=NAME)
    created: str
    encoder: str
    head: str
    head_sha256: str
    calibration: Calibration
    operating_points: OperatingPoints
    ai_rate: float
    human_rate: float
    smallest_side: int
    doubt: float | None = None
    numerical_width: float = Field(default=0.0, ge=0)
    data: DataFacts
    metrics: dict[str, float]
    licence: str
    patches_sha256: str | None = None

    @model_validator(mode="after")
    def _publishes_known_points(self) -> "Manifest":
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


@dataclass(frozen=True)
class Artefact:
    """An artefact as loaded: its folder, its manifest, its head, and its patch head if any."""

    folder: Path
    manifest: Manifest
    head: Head
    patches: PatchHead | None = None

    def require(self, encoder: str) -> None:
        """Check that features of this encoder may be scored.

        Raises:
            EncoderDiffers: They were made by another encoder than the head was trained on.
        """
        if encoder != self.manifest.encoder:
            raise EncoderDiffers(
                f"the artefact {self.manifest.name} was made with the encoder "
                f"{self.manifest.encoder}, not with {encoder}: choose an artefact made for that "
                "encoder, or train one (`rakkan train`)"
            )


def save_seen(folder: Path, digests: Iterable[str]) -> None:
    """Record which images an artefact is made from, so that it is not judged on them.

    Args:
        folder: Of the artefact.
        digests: Hex SHA-256 digests of the files; the first 8 bytes of each are kept.
    """
    values = np.array(sorted({int(digest[:16], 16) for digest in digests}), np.uint64)
    write_whole(folder / SEEN, save({"sha256_start": values}))


def load_seen(artefact: Artefact) -> frozenset[str]:
    """The first 16 hex digits of the digests of all images that an artefact was made from.

    Raises:
        BrokenArtefact: The record is missing or damaged.
    """
    try:
        values = load_file(artefact.folder / SEEN)["sha256_start"]
    except (OSError, SafetensorError, KeyError) as error:
        raise BrokenArtefact(f"{artefact.manifest.name}/{SEEN} cannot be read") from error
    return frozenset(f"{int(value):016x}" for value in values)


def file_sha256(path: Path) -> str:
    """Hex digest of a small file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_artefact(folder: Path) -> Artefact:
    """Read an artefact and check its head against the manifest.

    Raises:
        BrokenArtefact: A file is missing, invalid, or not the one that the manifest names.
    """
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
        digest = file_sha256(folder / HEAD)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BrokenArtefact(
            f"{folder.name}/{MANIFEST} is not valid: {place + ': ' if place else ''}{first['msg']}"
        ) from error
    except OSError as error:
        raise BrokenArtefact(f"the artefact {folder.name} cannot be read: {error}") from error
    if digest != manifest.head_sha256:
        raise BrokenArtefact(f"{folder.name}/{HEAD} is not the head that the manifest names")
    head = load_head(folder / HEAD)
    if head.kind != manifest.head:
        raise BrokenArtefact(f"{folder.name} should hold a {manifest.head} head, not {head.kind}")
    return Artefact(folder, manifest, head, _patches(folder, manifest))


def _patches(folder: Path, manifest: Manifest) -> PatchHead | None:
    if manifest.patches_sha256 is None:
        return None
    try:
        digest = file_sha256(folder / PATCHES)
    except OSError as error:
        raise BrokenArtefact(f"the artefact {folder.name} cannot be read: {error}") from error
    if digest != manifest.patches_sha256:
        raise BrokenArtefact(
            f"{folder.name}/{PATCHES} is not the patch head that the manifest names"
        )
    return load_patch_head(folder / PATCHES)
