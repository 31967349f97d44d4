"""Pictures whose AI ones have grain and whose human ones have none, with their features."""

from pathlib import Path

import numpy as np
from PIL import Image

from tests.artefacts import FakeEncoder
from training.data.features import FeatureTable, compute_features
from training.data.manifest import Row

GROUPS = 6
PER_GROUP = 3


def grainy_table(folder: Path) -> FeatureTable:
    """18 pictures of each class, by six generators and six creators."""
    rng = np.random.default_rng(0)
    rows = []
    for label, grain in (("ai", 12), ("human", 1)):
        for number in range(GROUPS * PER_GROUP):
            name = f"{label}-{number}.png"
            maker = f"{label}-maker-{number % GROUPS}"
            shades = rng.integers(100, 156, (8, 8, 3)).repeat(8, axis=0).repeat(8, axis=1)
            picture = shades + grain * rng.normal(size=shades.shape)
            Image.fromarray(picture.astype(np.uint8)).save(folder / name)
            rows.append(
                Row(
                    line=len(rows) + 2,
                    name=name,
                    path=folder / name,
                    label=label,
                    source=f"source of {maker}",
                    generator=maker if label == "ai" else "",
                    creator=maker if label == "human" else "",
                    kind=("painting", "comic")[number % 2],
                )
            )
    return compute_features(rows, FakeEncoder(), folder / "cache", tokens=True)
