"""Fitting the copy head: which directions of the mean patch token are noise, and which content.

Whitening is what makes it work: unwhitened means hardly find the source of a collage's quarter.
"""

import numpy as np
from sklearn.decomposition import PCA

from similarity.heads import CopyHead
from similarity.windows import WHOLE, Window, pool
from training.data.features import FeatureTable

LENGTH = 384
"""Of a copy vector."""

LEARNT: tuple[Window, ...] = (WHOLE, (0, 7, 0, 7), (7, 14, 7, 14), (3, 11, 3, 11))
"""The whole, two opposite quarters and the centre of every picture."""

_BATCH = 256


def fit_copy(table: FeatureTable, length: int = LENGTH) -> CopyHead:
    """Fit a copy head to pictures of every kind.

    Args:
        table: The pictures, with their patch tokens.
        length: Of a copy vector.
    """
    pooled = np.concatenate(
        [
            pool(table.patch_tokens(np.arange(start, min(start + _BATCH, len(table.rows)))), LEARNT)
            for start in range(0, len(table.rows), _BATCH)
        ]
    )
    flat = pooled.reshape(-1, pooled.shape[-1]).astype(np.float64)
    most = min(length, *flat.shape)
    found = PCA(most, svd_solver="covariance_eigh").fit(flat)
    variances = np.maximum(found.explained_variance_, found.explained_variance_[0] * 1e-9)
    matrix = found.components_.T / np.sqrt(variances)
    return CopyHead(found.mean_.astype(np.float32), np.ascontiguousarray(matrix, np.float32))
