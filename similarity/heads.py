"""Heads: features of the encoder to the vectors that are searched.

Both are linear. What a creator's works have in common stands out when the ways in which they
differ among themselves are scaled to one size first: within-class covariance normalisation.

Papers: Hatch, Kajarekar and Stolcke, "Within-class covariance normalization for SVM-based speaker
recognition", Interspeech 2006; Somepalli et al., "Measuring style similarity in diffusion models",
2024 - https://arxiv.org/abs/2404.01292.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.encoder.features import Features
from similarity.vectors.base import unit

Window = tuple[int, int, int, int]
"""A part of a view: from row to row, from column to column, in fourteenths of the side.

Fourteen because the patches of a common encoder stand so many a side; for those of any other grid
the nearest edges between patches are taken (`cells`).
"""

UNITS = 14

WHOLE: Window = (0, UNITS, 0, UNITS)
_QUARTERS: tuple[Window, ...] = tuple(
    (top, top + 7, left, left + 7) for top, left in ((0, 0), (0, 7), (7, 0), (7, 7))
)
_CENTRE: Window = (3, 11, 3, 11)
_NINTHS: tuple[Window, ...] = tuple(
    (top, top + 5, left, left + 5) for top in (0, 4, 9) for left in (0, 4, 9)
)
WINDOWS: tuple[Window, ...] = (WHOLE, *_QUARTERS, _CENTRE, *_NINTHS)
"""Of an upload, each of which may hold a work: the whole first, then the larger ones."""


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

    def __call__(
        self, features: Features, windows: tuple[Window, ...] = (WHOLE,)
    ) -> NDArray[np.float32]:
        """Copy vectors of parts of every view.

        Args:
            features: With patch tokens.
            windows: W parts of the view.

        Returns:
            float32 [N, W, C], unit norm.

        Raises:
            ValueError: The features have no patch tokens.
        """
        if features.patch_tokens is None:
            raise ValueError("copies are found by patch tokens: the features have none")
        pooled = pool(features.patch_tokens, windows)
        return unit(np.asarray(pooled - self.mean, np.float32) @ self.matrix)


def pool(tokens: NDArray[np.float16], windows: tuple[Window, ...]) -> NDArray[np.float32]:
    """Mean of the patch tokens in windows.

    Args:
        tokens: float16 [N, G * G, D], row by row.
        windows: W windows.

    Returns:
        float32 [N, W, D].
    """
    shares = _shares(windows, math.isqrt(tokens.shape[1]))
    return np.asarray(shares @ tokens.astype(np.float32), np.float32)


@lru_cache
def _shares(windows: tuple[Window, ...], grid: int) -> NDArray[np.float32]:
    """What every patch contributes to the mean of every window: float32 [W, grid * grid]."""
    shares = np.zeros((len(windows), grid, grid), np.float32)
    for share, window in zip(shares, windows, strict=True):
        top, bottom, left, right = cells(window, grid)
        share[top:bottom, left:right] = 1 / ((bottom - top) * (right - left))
    return shares.reshape(len(windows), -1)


def cells(window: Window, grid: int) -> Window:
    """First and last row, first and last column of the patches in a window, half open.

    Args:
        window: In fourteenths of the side.
        grid: Patches along a side of the view.
    """

    def between(start: int, end: int) -> tuple[int, int]:
        first, last = (round(edge * grid / UNITS) for edge in (start, end))
        first = min(first, grid - 1)
        return first, max(last, first + 1)

    return (*between(*window[:2]), *between(*window[2:]))
