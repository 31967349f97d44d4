"""How long a challenger takes from kept features, and how much memory.

    python -m benchmarks.retraining --images 100000 --out out/retraining.json

Features of the encoder's shapes are made up and put into a cache, as if as many labelled images had
been seen: whole sources and generators, classes that overlap. The images themselves do not exist.
A challenger is then made of the shipped detector in a process of its own. Told are its wall and CPU
time and the most memory that it held, beside the machine's load. 100,000 images take 12 GB on the
disk for their features in three views, and 5.5 GB more while they are learnt from.
"""

import csv
import os
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import numpy as np
import typer

from benchmarks.command import Out, run, write
from models import DetectorArtefact, Registry, load_encoder
from models.feature_store.shards import FULL, Shards, folder_name
from serving.settings import Settings
from training.data.augmentation import CLEAN
from training.detector.cross_fit import LEARNT
from training.retraining.retrain import retrain

CHAMPION = "networks-v2-int8"
LAYERS, WIDTH, EMBEDDING = 12, 768, 512


@dataclass(frozen=True)
class Measured:
    """One retraining.

    Attributes:
        images: Learnt from.
        views: Of each.
        wall_seconds: From the manifest to the artefact.
        cpu_seconds: Of all threads.
        peak_mebibytes: The most memory that the process held.
        load: Of the machine at the end, over a minute.
        auroc: Of the made-up classes, on held-out groups.
    """

    images: int
    views: int
    wall_seconds: float
    cpu_seconds: float
    peak_mebibytes: int
    load: float
    auroc: float


def make(images: int, cache: Path, manifest: Path, encoder_id: str, folders: list[str]) -> None:
    """Write a cache of made-up features, and its manifest."""
    rng = np.random.default_rng(0)
    direction = rng.normal(size=(LAYERS, WIDTH)).astype(np.float32)
    digests = [f"{i:064x}" for i in range(images)]
    is_ai = np.arange(images) % 2 == 0
    source = np.arange(images) // 2 % (images // 200)
    offsets = rng.normal(size=(images // 200 + 1, LAYERS, WIDTH)).astype(np.float32)
    noise = rng.normal(size=(4 * FULL, LAYERS, WIDTH)).astype(np.float32)
    for folder in folders:
        shards = Shards(cache / folder, encoder_id)
        shards.folder.mkdir(parents=True, exist_ok=True)
        for start in range(0, images, FULL):
            some = np.arange(start, min(start + FULL, images))
            sign = np.where(is_ai[some], 0.1, -0.1)[:, None, None].astype(np.float32)
            drawn = noise[rng.integers(0, len(noise), len(some))]
            tokens = drawn + sign * direction + 0.3 * offsets[source[some]]
            embedding = rng.normal(size=(len(some), EMBEDDING)).astype(np.float32)
            arrays = {
                "embedding": embedding / np.linalg.norm(embedding, axis=1, keepdims=True),
                "class_tokens": tokens.astype(np.float32),
                "patch_mean": np.zeros((len(some), 4, WIDTH), np.float32)[:, :1, :1],
                "patch_std": np.zeros((len(some), 4, WIDTH), np.float32)[:, :1, :1],
                "sides": np.full((len(some), 2), 1000),
                "hashes": rng.integers(0, 256, (len(some), 32)).astype(np.uint8),
                "information": np.tile([0.1, 0.5], (len(some), 1)),
            }
            arrays = {name: np.ascontiguousarray(values) for name, values in arrays.items()}
            shards.write([digests[i] for i in some], arrays, None)
    with manifest.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "source", "generator", "creator", "kind", "sha256"))
        for i, digest in enumerate(digests):
            ai = bool(is_ai[i])
            about = (f"generator {source[i]}", "") if ai else ("", f"creator {source[i]}-{i % 40}")
            label, of = ("ai", "made") if ai else ("human", "platform")
            writer.writerow((digest, label, f"{of} {source[i]}", *about, "illustration", digest))


def once(manifest: Path, cache: Path, out: Path, images: int) -> Measured:
    """Retrain in this process, and measure it."""
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    champion = DetectorArtefact.load(Registry(settings.models).find(CHAMPION))
    begun = time.monotonic()
    before = time.process_time()
    made = retrain(
        manifest,
        champion,
        out,
        encoder=encoder,
        cache=cache,
        step=lambda what: print(f"{time.monotonic() - begun:6.1f} s {what}", file=sys.stderr),
    )
    return Measured(
        images=images,
        views=len(LEARNT),
        wall_seconds=round(time.monotonic() - begun, 1),
        cpu_seconds=round(time.process_time() - before, 1),
        peak_mebibytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        load=round(os.getloadavg()[0], 2),
        auroc=made.manifest.metrics["auroc"],
    )


def main(
    out: Out,
    images: Annotated[int, typer.Option("--images", help="How many are learnt from.")] = 100_000,
    scratch: Annotated[
        Path | None, typer.Option("--scratch", help="Where the made-up features lie.")
    ] = None,
    within: Annotated[
        Path | None, typer.Option("--within", hidden=True, help="Used by itself.")
    ] = None,
) -> None:
    """Measure retraining on kept features."""
    if within is not None:
        write(out, asdict(once(within / "m.csv", within / "cache", within / "out", images)))
        return
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    with TemporaryDirectory(dir=scratch) as folder:
        place = Path(folder)
        folders = [folder_name(encoder, "" if view is CLEAN else view.name) for view in LEARNT]
        make(images, place / "cache", place / "m.csv", encoder.id, folders)
        command = [sys.executable, "-m", "benchmarks.retraining", "--within", folder]
        subprocess.run([*command, "--images", str(images), "--out", str(out)], check=True)


if __name__ == "__main__":
    run(main)
