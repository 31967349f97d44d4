"""A hint that an image is primarily a photograph, for platforms that do not accept those.

"Photograph" is what the image looks like: an AI picture of a photographic kind and a photorealistic
render look like one too. The hint is for a person, who also knows the exemptions (covers, ...).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from core.files import write_whole
from evidence.ai import Photo, PhotoAnswer
from evidence.reasons import Reason, reason
from models.artefact.artefact import Calibration, OperatingPoint, file_sha256
from models.encoder.features import Features
from models.errors import BrokenArtefact, EncoderDiffers
from models.heads import Head, load_head

HEAD = "photo.safetensors"
RECORD = "photo.json"


class PhotoRecord(BaseModel):
    """What the scores of the photo head mean.

    Attributes:
        schema_version: Of this document.
        encoder: Id of the encoder whose features the head reads.
        head_sha256: Hex digest of the head's file.
        calibration: Raw score to probability; its `n_ai` are photographs, its `n_human` art.
        photo: Above it an image is called a photograph; the rate is that of art so called.
        not_photo: Below it an image is called none; the rate is that of photographs so called.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    encoder: str
    head_sha256: str
    calibration: Calibration
    photo: OperatingPoint
    not_photo: OperatingPoint


@dataclass(frozen=True)
class PhotoModel:
    """The photo head with what its scores mean."""

    head: Head
    record: PhotoRecord

    def read(self, features: Features) -> Photo:
        """Say whether an image looks like a photograph.

        Args:
            features: Of the global view of one image, as the levels were set on; of several views
                the mean score is taken.

        Raises:
            EncoderDiffers: The features are another encoder's.
            ValueError: There is no view.
        """
        record = self.record
        if features.encoder != record.encoder:
            raise EncoderDiffers(
                f"the photo head was made with the encoder {record.encoder}, not with "
                f"{features.encoder}"
            )
        if not len(features):
            raise ValueError("an image without views cannot be judged")
        score = float(self.head.score(features).astype("float64").mean())
        answer = _answer(score, record)
        return Photo(score, record.calibration.probability(score), answer)

    @property
    def hint(self) -> Reason:
        """What is said of an image that looks like a photograph."""
        level = self.record.photo
        return reason("photo", share=level.measured, n=level.n, low=level.low, high=level.high)


def save_photo_model(
    folder: Path,
    head: Head,
    *,
    encoder: str,
    calibration: Calibration,
    photo: OperatingPoint,
    not_photo: OperatingPoint,
) -> PhotoModel:
    """Write the photo head and its record into the folder of an artefact.

    Args:
        folder: Exists.
        head: The head.
        encoder: Id of the encoder whose features it reads.
        calibration: See `PhotoRecord`.
        photo: See `PhotoRecord`.
        not_photo: See `PhotoRecord`.
    """
    head.save(folder / HEAD)
    record = PhotoRecord(
        encoder=encoder,
        head_sha256=file_sha256(folder / HEAD),
        calibration=calibration,
        photo=photo,
        not_photo=not_photo,
    )
    write_whole(folder / RECORD, record.model_dump_json(indent=2).encode() + b"\n")
    return PhotoModel(head, record)


def load_photo_model(folder: Path) -> PhotoModel | None:
    """Read the photo head of an artefact; None if the artefact has none.

    Raises:
        BrokenArtefact: A file is missing, invalid, or not the one that the record names.
    """
    if not (folder / RECORD).exists() and not (folder / HEAD).exists():
        return None
    try:
        record = PhotoRecord.model_validate_json((folder / RECORD).read_bytes())
        digest = file_sha256(folder / HEAD)
    except (OSError, ValidationError) as error:
        raise BrokenArtefact(f"the photo head of {folder.name} cannot be read") from error
    if digest != record.head_sha256:
        raise BrokenArtefact(f"{folder.name}/{HEAD} is not the head that its record names")
    return PhotoModel(load_head(folder / HEAD), record)


def _answer(score: float, record: PhotoRecord) -> PhotoAnswer:
    # Kinds that hardly overlap let the thresholds change places; between them neither answer holds.
    above, below = score > record.photo.threshold, score < record.not_photo.threshold
    if above == below:
        return PhotoAnswer.UNSURE
    return PhotoAnswer.PHOTO if above else PhotoAnswer.NOT_PHOTO
