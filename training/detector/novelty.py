"""Features to distances from the training set, with the distance that is too far."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from detector.pixels.novelty import NoveltyModel, tokens_of, unexplained
from models.artefact.manifest import NoveltyThreshold
from models.encoder.features import Features
from training.detector.calibrate import operating_point
from training.evaluation.intervals import Estimate, share

RATE = 0.01
"""Stated share of human works that are called far."""

DIRECTIONS = 128
BLOCKS = 4
"""Blocks that are read, evenly spaced: with all twelve the file would be three times as large, and
as good."""


@dataclass(frozen=True)
class FittedNovelty:
    """Distances from a training set.

    Attributes:
        model: To be saved with the artefact.
        distances: float64 [N], of every image from the training images outside its fold.
        far: Share of held-out images that are far, by label (`ai`, `human`).
    """

    model: NoveltyModel
    distances: NDArray[np.float64]
    far: dict[str, Estimate]


@dataclass(frozen=True)
class _Directions:
    mean: NDArray[np.float32]
    scale: NDArray[np.float32]
    directions: NDArray[np.float16]

    def distances(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        return unexplained((x - self.mean) / self.scale, self.directions.astype(np.float32))


def fit_novelty(
    features: Features,
    is_ai: NDArray[np.bool_],
    folds: NDArray[np.int64],
    *,
    rate: float = RATE,
    seed: int = 0,
) -> FittedNovelty:
    """Find the directions of the training images, and the distance that human works rarely have.

    Args:
        features: Of N images, one global view each.
        is_ai: bool [N]; the threshold is set on human works.
        folds: int64 [N], at least two of them; distances are of images to the other folds.
        rate: Stated share of human works beyond the threshold.
        seed: Of the approximate decomposition.

    Raises:
        ValueError: A label is missing.
    """
    layers = features.class_tokens.shape[1]
    blocks = tuple(sorted({round(layers * (i + 1) / BLOCKS) - 1 for i in range(BLOCKS)} - {-1}))
    x = tokens_of(features, blocks)
    distances = np.zeros(len(x))
    for fold in np.unique(folds):
        held = folds == fold
        distances[held] = _fit(x[~held], seed).distances(x[held])
    far = operating_point("above", rate, distances[~is_ai])
    whole = _fit(x, seed)
    threshold = NoveltyThreshold(blocks=blocks, far=far)
    return FittedNovelty(
        NoveltyModel(features.encoder, threshold, whole.mean, whole.scale, whole.directions),
        distances,
        {
            "ai": share(distances[is_ai] > far.threshold),
            "human": share(distances[~is_ai] > far.threshold),
        },
    )


def _fit(x: NDArray[np.float32], seed: int) -> _Directions:
    mean, scale = x.mean(axis=0), x.std(axis=0)
    # A feature that does not vary tells how far an image is as soon as it does.
    scale[scale < 1e-3] = 1e-3
    # A small set has fewer directions than numbers to fit them by.
    count = max(1, min(DIRECTIONS, len(x) // 4, x.shape[1] // 4))
    pca = PCA(count, svd_solver="randomized", random_state=seed).fit((x - mean) / scale)
    return _Directions(mean, scale, pca.components_.astype(np.float16))
