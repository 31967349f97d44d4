"""How far an image is from anything that a model was made from.

A head gives a score to whatever it is shown. Images of a kind that its training set did not hold (a
page of text, a plot, noise) can be known by what their features have and those of the training
images have not: the part outside the directions in which the training images differ most.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from core.files import write_whole
from evidence.ai import Novelty
from evidence.reasons import Reason, reason
from models.artefact.artefact import OperatingPoint
from models.encoder.features import Features
from models.errors import BrokenArtefact, EncoderDiffers

FILE = "novelty.safetensors"


class NoveltyRecord(BaseModel):
    """What the distances mean.

    Attributes:
        schema_version: Of this document.
        encoder: Id of the encoder whose features are read.
        blocks: Whose class tokens are read, counted from 0.
        far: Above it an image is far; the rate is that of human works.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    encoder: str
    blocks: tuple[int, ...]
    far: OperatingPoint


@dataclass(frozen=True)
class NoveltyModel:
    """The directions in which the training images differ, and how far others may lie from them.

    It holds means and directions over all training images together, from which none of them can be
    made again.

    Attributes:
        record: What the distances mean.
        mean: float32 [D], of the training features.
        scale: float32 [D], their standard deviations, positive.
        directions: float16 [K, D], orthonormal up to rounding.
    """

    record: NoveltyRecord
    mean: NDArray[np.float32] = field(repr=False)
    scale: NDArray[np.float32] = field(repr=False)
    directions: NDArray[np.float16] = field(repr=False)

    def __post_init__(self) -> None:
        size = self.mean.size
        shapes = self.mean.shape == self.scale.shape == (size,) and self.directions.shape[1:] == (
            size,
        )
        arrays = (self.mean, self.scale, self.directions)
        if (
            not shapes
            or not all(np.isfinite(a).all() for a in arrays)
            or not (self.scale > 0).all()
        ):
            raise BrokenArtefact("the directions of the training set are damaged")

    def read(self, features: Features) -> Novelty:
        """Say how far an image is.

        Args:
            features: Of the global view of one image; of several views the mean distance is taken.

        Raises:
            EncoderDiffers: The features are another encoder's.
            ValueError: There is no view.
        """
        if not len(features):
            raise ValueError("an image without views cannot be judged")
        distance = float(self.distances(features).mean())
        return Novelty(distance, far=distance > self.record.far.threshold)

    @property
    def reason(self) -> Reason:
        """Why no verdict is given of an image that is far."""
        far = self.record.far
        return reason("novel", share=far.measured, n=far.n)

    def distances(self, features: Features) -> NDArray[np.float64]:
        """Distances of N views: float64 [N], at least 0.

        Raises:
            EncoderDiffers: The features are another encoder's.
        """
        if features.encoder != self.record.encoder:
            raise EncoderDiffers(
                f"the distances were made with the encoder {self.record.encoder}, not with "
                f"{features.encoder}"
            )
        x = (tokens_of(features, self.record.blocks) - self.mean) / self.scale
        return unexplained(x, self.directions.astype(np.float32))

    def save(self, folder: Path) -> None:
        """Write everything to one file in the folder of an artefact, which exists."""
        data = save(
            {
                name: np.ascontiguousarray(getattr(self, name))
                for name in ("mean", "scale", "directions")
            },
            metadata={"record": self.record.model_dump_json()},
        )
        write_whole(folder / FILE, data)


def load_novelty_model(folder: Path) -> NoveltyModel | None:
    """Read the distances of an artefact; None if the artefact has none.

    Raises:
        BrokenArtefact: The file is damaged.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            record = NoveltyRecord.model_validate_json((file.metadata() or {})["record"])
            arrays = {name: file.get_tensor(name) for name in ("mean", "scale", "directions")}
    except (OSError, SafetensorError, KeyError, ValidationError) as error:
        raise BrokenArtefact(f"{folder.name}/{FILE} cannot be read: {error}") from error
    return NoveltyModel(record, **arrays)


def tokens_of(features: Features, blocks: tuple[int, ...]) -> NDArray[np.float32]:
    """The class tokens of some blocks side by side: float32 [N, D]."""
    return features.class_tokens[:, list(blocks)].reshape(len(features), -1)


def unexplained(x: NDArray[np.float32], directions: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean square of what lies outside some directions.

    Args:
        x: float32 [N, D], standardised.
        directions: float32 [K, D], orthonormal.

    Returns:
        float64 [N], at least 0.
    """
    rest = x - (x @ directions.T) @ directions
    return np.asarray(np.square(rest, dtype=np.float64).mean(axis=1))
