"""`rakkan train` and `rakkan evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.reporting import progress
from imaging.perturbations.web import Tier
from models import load_encoder
from serving.opening import open_judge
from serving.settings import Settings

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
    similarity: Annotated[
        bool,
        typer.Option(
            "--similarity",
            help="Train what finds copies and styles, on the works whose creators are named.",
        ),
    ] = False,
) -> None:
    """Train a model on labelled images."""
    import training  # only here: what it needs beyond serving is an extra

    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    make = training.train_similarity if similarity else training.train
    with progress("images") as tell:
        make(
            manifest,
            out,
            encoder=encoder,
            cache=settings.features,
            name=name,
            progress=tell,
            step=_say,
        )
    typer.echo(f"Model: {out}")
    if similarity:
        typer.echo(f"Put it into use by copying it to {settings.models}, and enrol works anew.")
    else:
        typer.echo(f"Put it into use with: rakkan models promote {out}")


def _say(step: str) -> None:
    typer.echo(f"{step[:1].upper()}{step[1:]} ...", err=True)


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
    tiers: Annotated[
        list[Tier] | None,
        typer.Option(
            "--tier", help="Report images that have been through this; may be repeated; else all."
        ),
    ] = None,
    baselines: Annotated[
        bool,
        typer.Option(
            help="Fit the baselines on the split train, which needs the features of its images."
        ),
    ] = True,
) -> None:
    """Judge labelled images, and say how well the model did by generator and kind of art."""
    import training

    settings = Settings.of()
    with open_judge(settings, model=model) as judge, progress("images") as tell:
        training.evaluate(
            manifest,
            out,
            detector=judge.detector,
            encoder=judge.encoder,
            cache=settings.features,
            splits=tuple(splits) if splits else None,
            tiers=tiers or tuple(Tier),
            baselines=baselines,
            progress=tell,
        )
    typer.echo(f"Report: {out / 'report.html'}")
