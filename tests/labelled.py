"""A small manifest of made images that a head can tell apart, in groups that can be held out."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

GROUPS = 6
PER_GROUP = 5


def write_images(folder: Path, *, splits: tuple[str, ...] = ("train",)) -> Path:
    """Images by 6 "generators" (fine grain) and 6 "creators" (smooth); returns the manifest."""
    rng = np.random.default_rng(0)
    rows = []
    for split in splits:
        for label in ("ai", "human"):
            for group in range(GROUPS):
                for number in range(PER_GROUP):
                    cells = rng.integers(40, 216, (8, 8, 3)).astype(np.uint8)
                    picture = np.asarray(Image.fromarray(cells).resize((160, 160)), np.float64)
                    # Two images overlap: a head that never errs would leave nothing to calibrate.
                    grain = {"ai": 12.0, "human": 4.0}[label] + 3 * rng.normal()
                    picture += max(grain, 0.5) * rng.normal(size=picture.shape)
                    name = f"{split}/{label}-{group}-{number}.png"
                    (folder / split).mkdir(parents=True, exist_ok=True)
                    Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(folder / name)
                    rows.append(
                        {
                            "path": name,
                            "label": label,
                            "split": split,
                            "source": f"{label}-source-{group}",
                            "generator": f"generator-{group}" if label == "ai" else "",
                            "creator": f"creator-{group}" if label == "human" else "",
                            "kind": ("painting", "comic")[group % 2],
                        }
                    )
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder / "manifest.csv"
