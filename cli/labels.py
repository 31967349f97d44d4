"""`rakkan labels`: labels for training, in and out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.database import Address, records
from cli.paths import AllowMissing
from core.text import printable
from serving.settings import Settings
from storage.errors import RecordsNotFound
from training.data.shards import forget as forget_features
from training.labels.claim import Claim
from training.labels.exporting import examples, write_claims, write_manifest
from training.labels.images import located
from training.labels.importing import Format, format_of, read_labels
from training.labels.records import recorded_claims
from training.labels.resolve import Resolution, resolve
from training.labels.store import LabelStore

app = typer.Typer(no_args_is_help=True, add_completion=False)

SHOWN = 10
"""Rows left out, and disagreements, that are told."""

FormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="By default as the name says: a folder, or its suffix."),
]


@app.callback()
def labels() -> None:
    """Labels for training: what people say of how images were made."""


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, help="A file of labels, or a folder per class."
        ),
    ],
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who says so, where the file does not tell.")
    ],
    format_: FormatOption = None,
    images: Annotated[
        Path | None,
        typer.Option(
            "--images",
            metavar="DIR",
            file_okay=False,
            exists=True,
            help="Where relative paths begin; by default beside the file.",
        ),
    ] = None,
    certainty: Annotated[
        float,
        typer.Option(
            "--certainty", min=0.01, max=1.0, help="How sure, where the file does not tell."
        ),
    ] = 1.0,
    source: Annotated[
        str,
        typer.Option("--source", help="Where the images come from, where the file does not tell."),
    ] = "",
    allow_missing: AllowMissing = False,
) -> None:
    """Keep labels from elsewhere: CSV, Parquet, Label Studio's JSON, or a folder per class."""
    read = read_labels(
        file,
        by=by,
        at=datetime.now(UTC),
        format_=format_,
        images=images,
        certainty=certainty,
        source=source,
        allow_missing=allow_missing,
    )
    new = LabelStore(Settings.of().labels).add(read.claims)
    typer.echo(f"{len(read.claims):,} labels read, {new:,} of them new.")
    if read.repeated:
        typer.echo(f"Said twice: {read.repeated:,}.")
    _tell("No image, left out", list(read.missing))


@app.command()
def export(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="File or folder to be written.")],
    claims: Annotated[
        bool,
        typer.Option("--claims", help="Whatever anybody said, instead of one label per image."),
    ] = False,
    format_: FormatOption = None,
    images: Annotated[
        list[Path] | None,
        typer.Option(
            "--images",
            metavar="DIR",
            file_okay=False,
            exists=True,
            help="Look here for images, by their content; may be repeated.",
        ),
    ] = None,
    newest: Annotated[
        float,
        typer.Option(
            "--newest", min=0.0, max=0.9, help="Part of the images that is for the split dev."
        ),
    ] = 0.1,
    held_out: Annotated[
        list[str] | None,
        typer.Option("--hold-out", metavar="GENERATOR", help="All for dev; may be repeated."),
    ] = None,
    replay: Annotated[
        Path | None,
        typer.Option(
            "--replay",
            metavar="MANIFEST",
            exists=True,
            dir_okay=False,
            help="Old data to be learnt from again, so that nothing old is forgotten.",
        ),
    ] = None,
    database: Address = None,
) -> None:
    """Write the labels: as a manifest to train on, or for other tools.

    A CSV or Parquet file is a manifest, one label per image with its split; with --claims, and
    for Label Studio, it is whatever anybody said.
    """
    kind = format_ or format_of(out)
    every = _claims(database)
    resolution = resolve(every)
    chosen = [one.label for one in resolution.labels]
    if claims or kind in (Format.LABEL_STUDIO, Format.LABEL_STUDIO_MIN):
        write_claims(every, out, kind)
    elif kind is Format.FOLDER:
        write_claims(located(chosen, images or ()), out, kind)
    else:
        here = tuple(located(chosen, images or ()))
        found = examples(here, newest=newest, held_out=held_out or (), replay=replay)
        write_manifest(found, out)
        gone = sum(not one.label.path for one in found)
        if gone:
            typer.echo(f"Images that are gone, by their digests: {gone:,}.")
    typer.echo(f"{len(every):,} labels by people, of {len(chosen):,} images: {printable(str(out))}")
    _tell_disagreements(resolution)


@app.command()
def forget(
    images: Annotated[
        list[str] | None,
        typer.Argument(metavar="SHA256...", help="Digests of the images' files."),
    ] = None,
    erased: Annotated[
        bool, typer.Option("--erased", help="Those of accounts that were erased from the records.")
    ] = False,
    database: Address = None,
) -> None:
    """Let withdrawn or erased works leave the store, with their labels and kept features."""
    settings = Settings.of()
    digests = {one.lower() for one in images or ()}
    if erased:
        with records(database) as store, store.reading() as reader:
            digests |= reader.erased_images()
    gone = LabelStore(settings.labels).remove(digests)
    features = forget_features(settings.features, digests)
    typer.echo(f"Forgotten: {gone:,} labels, and features of {features:,} images.")


def _claims(database: str | None) -> list[Claim]:
    """All claims: of the records, if there are any, and of imports."""
    imported = list(LabelStore(Settings.of().labels))
    try:
        with records(database) as store, store.reading() as reader:
            return [*recorded_claims(reader), *imported]
    except RecordsNotFound:
        if database is not None:
            raise
        return imported


def _tell_disagreements(found: Resolution) -> None:
    without = [one for one in found.disagreements if one.label is None]
    if found.disagreements:
        typer.echo(
            f"People disagree about {len(found.disagreements):,}, {len(without):,} unresolved."
        )
    _tell("Without a label", [f"{one.sha256}: {one.sentence}" for one in without])


def _tell(what: str, rows: list[str]) -> None:
    for row in rows[:SHOWN]:
        typer.echo(f"{what}: {printable(row, 300)}")
    if len(rows) > SHOWN:
        typer.echo(f"{what}: {len(rows) - SHOWN:,} more")
