"""A regression set of images that a champion has not seen, and what a challenger may learn from.

    RAKKAN_DATA=... python -m benchmarks.regression_set --out set.csv
    rakkan train set.csv --from networks-v2-int8 --out out/half
    rakkan models gate out/half set.csv --split gate --tier clean --tier web --out out/gate

A challenger that learnt from all images cannot be judged on them, however good it looks there. So
of the images of the split `train` that the champion was not made from, about half are kept apart,
by whole sources, in a split `gate` that neither learns from. What is judged then is the recipe and
the new data, by a challenger that has all but these. The other images, and those that the champion
knows, are `train`.
"""

import csv
import hashlib
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.command import Data, run
from models import DetectorArtefact, Registry
from models.artefact.detector import load_seen
from serving.settings import Settings
from training.data.manifest import in_split, read_manifest

COLUMNS = ("path", "label", "source", "generator", "creator", "kind", "pair_group")


def main(
    data: Data,
    out: Annotated[Path, typer.Option("--out", help="Manifest to be written.")],
    champion: Annotated[
        str, typer.Option("--champion", help="Whose images are no part of the set.")
    ] = "networks-v2-int8",
) -> None:
    """Write the manifest."""
    seen = load_seen(DetectorArtefact.load(Registry(Settings.of().models).find(champion)))
    counts: Counter[str] = Counter()
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, "split"))
        for row in in_split(read_manifest(data / "manifest.csv"), "train"):
            known = hashlib.sha256(row.path.read_bytes()).hexdigest()[:16] in seen
            drawn = hashlib.sha256(f"{row.label} {row.source}".encode()).digest()[0] < 128
            split = "gate" if drawn and not known else "train"
            writer.writerow((*(getattr(row, name) for name in COLUMNS), split))
            counts[f"{split} {row.label}"] += 1
    typer.echo(", ".join(f"{name}: {count:,}" for name, count in sorted(counts.items())))


if __name__ == "__main__":
    run(main)
