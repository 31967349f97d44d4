"""Heads: features of the encoder to the vectors that are searched.

Both are linear. What a creator's works have in common stands out when the ways in which they
differ among themselves are scaled to one size first: within-class covariance normalisation.

Papers: Hatch, Kajarekar and Stolcke, "Within-class covariance normalization for SVM-based speaker
recognition", Interspeech 2006; Somepalli et al., "Measuring style similarity in diffusion models",
2024 - https://arxiv.org/abs/2404.01292.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Features
from similarity.proposals import STEPS, standing_out
from similarity.vectors.base import unit
from similarity.windows import WHOLE, Window, pool


@dataclass(frozen=True)
class Projection:
    """Numbers of the features to a unit vector.

    Attributes:
        array: Which of the features: a name of an array of `Features`.
        mean: float32 [D], subtracted first.
        matrix: float32 [D, K].
    """

    array: str
    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Project float32 [N, ...] of D numbers a row to float32 [N, K], unit norm."""
        flat = values.reshape(len(values), -1)
        return unit(np.asarray(flat - self.mean, np.float32) @ self.matrix)


@dataclass(frozen=True)
class StyleHead:
    """How a picture is drawn: some projections side by side, brought to one vector.

    Attributes:
        members: Each sees some of the features.
        joint: float32 [sum of K, S], over all members.
    """

    members: tuple[Projection, ...]
    joint: NDArray[np.float32]

    @property
    def length(self) -> int:
        """S, the length of a style vector."""
        return int(self.joint.shape[1])

    def __call__(self, features: Features) -> NDArray[np.float32]:
        """Style vectors, float32 [N, S], unit norm."""
        parts = [member(getattr(features, member.array)) for member in self.members]
        return unit(np.concatenate(parts, axis=1) @ self.joint)


@dataclass(frozen=True)
class CopyHead:
    """What a picture shows: the mean of its patch tokens, with every direction at one size.

    Attributes:
        mean: float32 [D], of such means.
        matrix: float32 [D, C], to whitened principal components.
    """

    mean: NDArray[np.float32]
    matrix: NDArray[np.float32]

    @property
    def length(self) -> int:
        """C, the length of a copy vector."""
        return int(self.matrix.shape[1])

    def __call__(self, features: Features) -> NDArray[np.float32]:
        """Copy vectors of whole views.

        Args:
            features: Of N views, with patch tokens.

        Returns:
            float32 [N, C], unit norm.

        Raises:
            ValueError: The features have no patch tokens.
        """
        return unit(self._of_windows(features, (WHOLE,))[:, 0])

    def with_parts(self, features: Features) -> NDArray[np.float32]:
        """Copy vectors of whole views, and of the parts of each that stand out.

        Args:
            features: As above.

        Returns:
            float32 [N, 1 + PARTS, C], unit norm: of the whole, and of `similarity.proposals`.

        Raises:
            ValueError: The features have no patch tokens.
        """
        parts = np.stack([standing_out(one) for one in self._of_windows(features, STEPS)])
        return np.concatenate([self(features)[:, None], unit(parts)], axis=1)

    def _of_windows(self, features: Features, windows: tuple[Window, ...]) -> NDArray[np.float32]:
        """Of W windows of every view: float32 [N, W, C], of any length."""
        if features.patch_tokens is None:
            raise ValueError("copies are found by patch tokens: the features have none")
        pooled = pool(features.patch_tokens, windows)
        return np.asarray((pooled - self.mean) @ self.matrix, np.float32)
