"""Make what ships of the encoder for integer arithmetic.

    python -m training.int8_calibration MANIFEST --cache FOLDER --out FOLDER

Runs the float encoder over images of the manifest's `train` split and records, for each layer
whose input gets a fixed scale, the smallest and the largest value of each channel.
"""

import hashlib
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from safetensors.numpy import save

from core.errors import RakkanError
from core.files import published, write_whole
from imaging import decode_for_view, global_view
from models.artefact.artefact import CARD
from models.artefact.manifest import CalibrationFacts, EncoderManifest, code_version, now
from models.artefact.writing import check_new, seal
from models.encoder.channel_ranges import channel_ranges
from models.encoder.features import Views
from models.encoder.int8 import CALIBRATION
from models.encoder.spec import FOLDER, SPEC, SPEC_FILE
from models.encoder.weights import load_weights
from training.data.manifest import TRAIN, read_training_rows
from training.errors import TooFewImages

SEED = 0


def sample(manifest: Path, images: int) -> tuple[Views, list[Path]]:
    """Views of randomly chosen training images, and their files.

    Args:
        manifest: See `training.data.manifest.read_manifest`.
        images: How many.

    Raises:
        TooFewImages: The manifest has fewer training images.
        TrainingError: It is not valid.
    """
    rows = read_training_rows(manifest)
    if len(rows) < images:
        raise TooFewImages(f"{manifest} has {len(rows)} training images, fewer than {images}")
    names = [row.name for row in rows]
    files = {row.name: row.path for row in rows}
    chosen = sorted(np.random.default_rng(SEED).choice(names, images, replace=False).tolist())
    paths = [files[name] for name in chosen]
    size = SPEC.size
    views = [global_view(decode_for_view(path.read_bytes(), size), size) for path in paths]
    return np.stack(views), paths


def main(
    manifest: Annotated[Path, typer.Argument(help="CSV or Parquet with paths and splits.")],
    cache: Annotated[Path, typer.Option("--cache", help="Folder of the fetched encoder.")],
    out: Annotated[Path, typer.Option("--out", help="Folder to write.")],
    images: Annotated[int, typer.Option("--images", help="How many images are run.")] = 256,
) -> None:
    """Write the calibration, its spec, its card and its manifest."""
    try:
        check_new(out)
        views, _ = sample(manifest, images)
        tensors = load_weights(cache)
    except RakkanError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    record = EncoderManifest(
        name=SPEC.architecture,
        created=now(),
        made_by=code_version(),
        encoder=SPEC.float_id,
        licence=SPEC.licence,
        calibration=CalibrationFacts(
            images=images,
            split=TRAIN,
            seed=SEED,
            views_sha256=hashlib.sha256(views.tobytes()).hexdigest(),
        ),
    )
    with published(out) as folder:
        write_whole(folder / CALIBRATION, save(channel_ranges(tensors, views)))
        for name in (SPEC_FILE, CARD):
            write_whole(folder / name, (FOLDER / name).read_bytes())
        seal(folder, record)


if __name__ == "__main__":
    typer.run(main)
