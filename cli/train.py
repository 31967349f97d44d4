"""`rakkan train` and `rakkan evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.opening import open_model
from cli.reporting import progress
from cli.settings import Settings
from models import load_encoder

ManifestFile = Annotated[
    Path,
    typer.Argument(
        metavar="MANIFEST",
        exists=True,
        dir_okay=False,
        help="CSV or Parquet with the columns path and label (ai or human).",
    ),
]


def train(
    manifest: ManifestFile,
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder for the model.")],
    name: Annotated[
        str | None, typer.Option("--name", help="Name of the model; by default made up.")
    ] = None,
) -> None:
    """Train a model on labelled images."""
    import training  # only here: what it needs beyond serving is an extra

    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    with progress("images") as tell:
        training.train(
            manifest, out, encoder=encoder, cache=settings.features, name=name, progress=tell
        )
    typer.echo(f"Model: {out}\nPut it into use with: rakkan models promote {out}")


def evaluate(
    manifest: ManifestFile,
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder for the figures.")],
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the model; by default the one in use.")
    ] = None,
    splits: Annotated[
        list[str] | None,
        typer.Option("--split", help="Use the rows of this split alone; may be repeated."),
    ] = None,
) -> None:
    """Judge labelled images, and say how well the model did by generator and kind of art."""
    import training

    settings = Settings.of()
    opened = open_model(settings, model)
    with progress("images") as tell:
        training.evaluate(
            manifest,
            out,
            detector=opened.detector,
            encoder=opened.encoder,
            cache=settings.features,
            splits=tuple(splits) if splits else None,
            progress=tell,
        )
    typer.echo(f"Report: {out / 'report.html'}")
