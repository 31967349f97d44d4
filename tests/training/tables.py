"""Tables of features that no image was encoded for."""

import numpy as np

from models.encoder.features import Features
from training.data.features import FeatureTable
from training.data.manifest import Row


def made_table(
    rows: tuple[Row, ...], features: Features, hashes: np.ndarray | None = None
) -> FeatureTable:
    """Images of 300 x 300 pixels, all with something to see, and by default all of one hash."""
    n = len(rows)
    return FeatureTable(
        rows=rows,
        features=features,
        sha256=tuple(f"{i:064x}" for i in range(n)),
        sides=np.full((n, 2), 300),
        hashes=np.zeros((n, 32), np.uint8) if hashes is None else hashes,
        information=np.tile([0.1, 0.5], (n, 1)),
        unreadable=(),
    )
