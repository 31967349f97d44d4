"""Kept features, for commands that forget them."""

from pathlib import Path

import numpy as np

from models.encoder.features import ARRAYS
from models.feature_store.shards import Shards


def keep_features(folder: Path, *digests: str) -> Path:
    """Write a shard of images, by the hex digests of their files; says where it is."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.ones((len(digests), 3), np.float32) for name in ARRAYS}
    return folder / Shards(folder, "fake:1").write(digests, arrays, None)
