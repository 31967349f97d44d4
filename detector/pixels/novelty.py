"""How far an image is from anything that a model was made from.

A head gives a score to whatever it is shown. Images of a kind that its training set did not hold (a
page of text, a plot, noise) can be known by what their features have and those of the training
images have not: the part outside the directions in which the training images differ most.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from core.files import write_whole
from evidence.ai import Novelty
from evidence.reasons import Reason, reason
from models.artefact.detector import NOVELTY, DetectorArtefact
from models.artefact.manifest import NoveltyThreshold
from models.encoder.features import Features
from models.errors import BrokenArtefact, EncoderDiffers


@dataclass(frozen=True)
class NoveltyModel:
    """The directions in which the training images differ, and how far others may lie from them.

    It holds means and directions over all training images together, from which none of them can be
    made again.

    Attributes:
        encoder: Id of the encoder whose features are read.
        threshold: What the distances mean.
        mean: float32 [D], of the training features.
        scale: float32 [D], their standard deviations, positive.
        directions: float16 [K, D], orthonormal up to rounding.
    """

    encoder: str
    threshold: NoveltyThreshold
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
        return Novelty(distance, far=distance > self.threshold.far.threshold)

    @property
    def reason(self) -> Reason:
        """Why no verdict is given of an image that is far."""
        far = self.threshold.far
        return reason("novel", share=far.measured, n=far.n)

    def distances(self, features: Features) -> NDArray[np.float64]:
        """Distances of N views: float64 [N], at least 0.

        Raises:
            EncoderDiffers: The features are another encoder's.
        """
        if features.encoder != self.encoder:
            raise EncoderDiffers(
                f"the distances were made with the encoder {self.encoder}, not with "
                f"{features.encoder}"
            )
        x = (tokens_of(features, self.threshold.blocks) - self.mean) / self.scale
        return unexplained(x, self.directions.astype(np.float32))

    @classmethod
    def of(cls, artefact: DetectorArtefact) -> "NoveltyModel | None":
        """The distances of an artefact; None if the artefact has none.

        Raises:
            BrokenArtefact: Their file is damaged.
        """
        manifest = artefact.manifest
        if manifest.novelty is None:
            return None
        try:
            arrays = load_file(artefact.path(NOVELTY))
            return cls(manifest.encoder, manifest.novelty, **arrays)
        except (OSError, SafetensorError, TypeError) as error:
            raise BrokenArtefact(f"{artefact.name}/{NOVELTY} cannot be read: {error}") from error

    def save(self, folder: Path) -> None:
        """Write the directions into the folder of an artefact, which exists."""
        names = ("mean", "scale", "directions")
        arrays = {name: np.ascontiguousarray(getattr(self, name)) for name in names}
        write_whole(folder / NOVELTY, save(arrays))


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
