"""`rakkan labels`: labels for training, in and out."""

import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.database import Address, records
from cli.forgetting import forget_features
from cli.index import IndexPlace
from cli.paths import AllowMissing
from cli.tables import show_table
from cli.terminal import AsJson
from core.text import printable
from moderation.doubts import doubt_labels
from serving.settings import Settings
from storage.errors import RecordsNotFound
from training.data.manifest import records as table
from training.labels.claim import Claim, Origin
from training.labels.exporting import examples, write_claims, write_manifest
from training.labels.images import located
from training.labels.importing import Format, format_of, read_labels
from training.labels.records import recorded_claims
from training.labels.resolve import Resolution, resolve
from training.labels.store import LabelStore
from training.likeness.labels import of_enrolled, recorded_likeness, write_likeness
from training.monitoring.next_labels import Shares, next_labels
from training.monitoring.seen import seen_uploads

app = typer.Typer(no_args_is_help=True, add_completion=False)

SHOWN = 10
"""Rows left out, and disagreements, that are told."""

Since = Annotated[
    datetime | None,
    typer.Option(
        "--since", formats=["%Y-%m-%d"], metavar="DATE", help="Uploads from this day (UTC) on."
    ),
]
OfService = Annotated[
    str | None, typer.Option("--of", metavar="SERVICE", help="Uploads to this service alone.")
]
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
    every = recorded_and_imported(database)
    resolution = resolve(every)
    chosen = [one.label for one in resolution.labels]
    settings = Settings.of()
    # Those of uploads would be gone with their days.
    settings.upload_features.collect({one.sha256 for one in chosen}, settings.features)
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


@app.command("next")
def next_(
    count: Annotated[int, typer.Option("--count", min=1, help="How many images.")] = 100,
    shares: Annotated[
        tuple[float, float, float],
        typer.Option(
            "--shares", min=0, help="In which proportion: at random, uncertain, novel (30 40 30)."
        ),
    ] = (30, 40, 30),
    since: Since = None,
    service: OfService = None,
    seed: Annotated[str, typer.Option("--seed", help="Of the random ones: as 2026-W48.")] = "",
    database: Address = None,
    as_json: AsJson = False,
) -> None:
    """List the decided uploads that a person should label next."""
    if not sum(shares) > 0:
        raise typer.BadParameter("one of them must be above 0", param_hint="--shares")
    start = (since or datetime.min).replace(tzinfo=UTC)
    with records(database) as store:
        asked = next_labels(
            seen_uploads(store, start, service),
            (
                one.sha256
                for one in recorded_and_imported(database)
                if one.origin is not Origin.DECLARATION
            ),
            count,
            shares=Shares(*shares),
            seed=seed,
        )
    rows = [
        {
            "decision": one.upload.decision,
            "service": one.upload.service,
            "work": one.upload.work,
            "sha256": one.upload.sha256,
            "why": one.why.value,
            "chance": one.chance,
            "probability": one.upload.probability,
            "distance": one.upload.distance,
        }
        for one in asked
    ]
    if as_json:
        typer.echo(json.dumps({"images": rows}, indent=2))
        return
    titles = ("decision", "service", "work", "why", "probability")
    shown = [
        tuple(
            printable("" if row[name] is None else str(row[name]))
            if name != "probability"
            else f"{row[name]:.2f}"
            for name in titles
        )
        for row in rows
    ]
    show_table(titles, shown)


@app.command()
def likeness(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="CSV or Parquet to be written.")],
    index: IndexPlace,
    database: Address = None,
) -> None:
    """Write what moderators and appeals say of likeness to enrolled creators.

    Creators who are not enrolled in the index, or not any longer, are not among them.
    """
    from similarity.gallery.open import open_records  # only here: it takes long to load

    with closing(open_records(index, read_only=True)) as gallery:
        creators = {one.name for one in gallery.state().creators()}
    with records(database) as store, store.reading() as reader:
        found = of_enrolled(recorded_likeness(reader), creators)
    write_likeness(found, out)
    confirmed = sum(one.confirmed for one in found)
    typer.echo(
        f"{len(found):,} answers by people, {confirmed:,} confirmed and"
        f" {len(found) - confirmed:,} refused: {printable(str(out))}"
    )


@app.command()
def doubt(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help="That `rakkan train --suspects` wrote; of a CSV or Parquet file the column sha256"
            " counts.",
        ),
    ],
    database: Address = None,
) -> None:
    """Put labels that are likely wrong into the queue of reviews; an answer becomes the label."""
    found = {
        str(row.get("sha256") or "").lower()
        for _, row in table(file, ("sha256",), required=("sha256",))
    }
    with records(database) as store:
        done = doubt_labels(store, found - {""}, at=datetime.now(UTC))
    typer.echo(
        f"Reviews: {done.asked:,} opened; {done.before:,} labels were in doubt before;"
        f" {done.unknown:,} images are not labelled in the records."
    )


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
            digests |= reader.erased_images() | reader.forgotten().keys()
    gone = LabelStore(settings.labels).remove(digests)
    features = forget_features(settings, digests)
    from training.gate.kept_answers import KeptAnswers  # only here: it takes long to load

    KeptAnswers(settings.anchors).forget(digests)
    typer.echo(f"Forgotten: {gone:,} labels, and features of {features:,} images.")


def recorded_and_imported(database: str | None) -> list[Claim]:
    """All claims: of the records, if there are any, and of imports.

    Args:
        database: Address of the records; None for that of the settings, where there may be none.

    Raises:
        RecordsNotFound: There are none where it was said.
    """
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
