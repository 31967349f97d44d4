"""`rakkan train` and `rakkan evaluate`."""

from pathlib import Path
from typing import Annotated

import typer

from cli.paths import AllowMissing
from cli.reporting import steps
from core.extras import require_extra
from imaging.perturbations.web import Tier
from models import (
    DetectorArtefact,
    Registry,
    load_encoder,
    load_last_blocks,
    load_other_precisions,
)
from serving.opening import open_judge
from serving.settings import Settings, keep_libraries_in

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
    device: Annotated[
        str,
        typer.Option(
            "--device",
            help="Where the networks are trained: cpu, cuda, cuda:1, ... (RAKKAN_DEVICE says"
            " where images are encoded.)",
        ),
    ] = "cpu",
    quick: Annotated[
        bool,
        typer.Option(
            "--quick",
            help="One network and one deal of the groups: a first look, far sooner.",
        ),
    ] = False,
    allow_missing: AllowMissing = False,
    champion: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="MODEL",
            help="Make a challenger of this detector, in minutes, from features that are kept.",
        ),
    ] = None,
    suspects: Annotated[
        Path | None,
        typer.Option("--suspects", metavar="FILE", help="List labels that are likely wrong (CSV)."),
    ] = None,
    track: Annotated[
        str | None,
        typer.Option(
            "--track", metavar="PLACE", help="Tell MLflow: a folder, or a server's address."
        ),
    ] = None,
) -> None:
    """Train a model on labelled images."""
    for option, given in (
        ("--suspects", suspects is not None),
        ("--track", track is not None),
        ("--quick", quick),
    ):
        if similarity and given:
            raise typer.BadParameter("is of detectors: leave out --similarity", param_hint=option)
    if quick and champion is not None:
        raise typer.BadParameter("is not needed with --from, which is quick", param_hint="--quick")
    if track is not None:
        require_extra("tracking", "the tracking of experiments", "mlflow")
    if champion is not None and similarity:
        raise typer.BadParameter("is of detectors: leave out --similarity", param_hint="--from")
    settings = Settings.of()
    keep_libraries_in(settings.home)
    from training.detector import train as detector  # only here: what it needs is an extra
    from training.detector.recipe import QUICK, Recipe
    from training.retraining.retrain import RECIPE, retrain
    from training.similarity import train as similarity_heads
    from training.tracking import track as tell_mlflow

    recipe = QUICK if quick else Recipe() if champion is None else RECIPE
    encoder = load_encoder(
        settings.encoder_cache, precision=settings.precision, device=settings.device
    )
    with steps("images") as (tell, step):
        if similarity:
            similarity_heads.train_similarity(
                manifest,
                out,
                encoder=encoder,
                cache=settings.features,
                name=name,
                progress=tell,
                step=step,
            )
        elif champion is not None:
            retrain(
                manifest,
                DetectorArtefact.load(Registry(settings.models).find(champion)),
                out,
                encoder=encoder,
                cache=settings.features,
                name=name,
                progress=tell,
                step=step,
                allow_missing=allow_missing,
                suspects=suspects,
            )
        else:
            detector.train(
                manifest,
                out,
                encoder=encoder,
                cache=settings.features,
                name=name,
                progress=tell,
                step=step,
                recipe=recipe,
                device=device,
                others=load_other_precisions(settings.encoder_cache, encoder),
                start=load_last_blocks(settings.encoder_cache),
                allow_missing=allow_missing,
                suspects=suspects,
            )
    if track is not None:
        made = DetectorArtefact.load(out)
        run = tell_mlflow(made, recipe, track)
        typer.echo(f"Run of MLflow: {run}")
    if suspects is not None:
        typer.echo(f"Labels that are likely wrong: {suspects}")
    typer.echo(f"Model: {out}")
    if similarity:
        typer.echo(
            "Compare it with: rakkan models gate; put it into use with: rakkan models promote"
            f" {out}, and rakkan creators reencode."
        )
    else:
        typer.echo(f"Put it into use with: rakkan models promote {out}")


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
    settings = Settings.of()
    keep_libraries_in(settings.home)
    from training.evaluation.report import evaluate as evaluate_detector
    from training.evaluation.report import headline

    with open_judge(settings, model=model) as judge, steps("images") as (tell, step):
        found = evaluate_detector(
            manifest,
            out,
            detector=judge.detector,
            encoder=judge.encoder,
            cache=settings.features,
            splits=tuple(splits) if splits else None,
            tiers=tiers or tuple(Tier),
            baselines=baselines,
            progress=tell,
            step=step,
        )
    for line in headline(found):
        typer.echo(line)
    typer.echo(f"Report: {found.report}")
