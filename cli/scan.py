"""`rakkan scan`: an archive to a table and a report."""

import os
from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.failures import FAILED
from cli.index import Account, OptionalIndexPlace
from cli.paths import STANDARD_INPUT, absolute, existing_file, output_folder, scannable
from cli.policies import Service, find_policy
from cli.reporting import steps
from cli.terminal import log
from cli.trust import TrustAnchors
from core.text import duration, printable
from evidence.wording.catalogue import say
from imaging import Limits
from labelling.wording import action_word
from models import ON_CPU, Precision
from models.encoder.devices import known_device
from scan import Progress, Rules, Summary, TableFormat
from scan import scan as run_scan
from scan.cluster.engine import Cluster
from scan.cluster.work import open_alike
from serving.judge import Judge
from serving.opening import open_judge
from serving.sources.source import Source

MANY = 10_000
"""Images from which on the table and the report take long enough to be told."""


class Engine(StrEnum):
    """What runs the scan."""

    LOCAL = "local"
    RAY = "ray"


def _device(name: str | None) -> str | None:
    try:
        return None if name is None else known_device(name)
    except ValueError as error:
        raise typer.BadParameter(f"{error}, and not {printable(str(name))}") from error


def scan(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            callback=output_folder,
            help="Folder for the table and the report.",
        ),
    ],
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            callback=lambda places: scannable(places or []),
            help="Images, folders, and archives (.zip, .tar, .tar.gz, .tar.bz2, .tar.xz, .parquet);"
            " addresses of these (s3://..., https://...); shard-{000..009}.tar for several; - for"
            " a list on standard input.",
        ),
    ] = None,
    from_list: Annotated[
        list[Path] | None,
        typer.Option(
            "--from-list",
            metavar="FILE",
            callback=lambda paths: [existing_file(path) for path in paths or []],
            help="A file that names what to scan, a path or address a line; may be repeated.",
        ),
    ] = None,
    include: Annotated[
        list[str] | None,
        typer.Option(
            "--include",
            metavar="GLOB",
            help="Only paths like this, as '*.png'; * stands for / too; may be repeated.",
        ),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude",
            metavar="GLOB",
            help="No paths like this, nor what lies below them; may be repeated.",
        ),
    ] = None,
    column: Annotated[
        str | None,
        typer.Option("--column", help="Of Parquet files that holds the images' bytes."),
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Name of the model; by default the one in use.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=100_000,
            help="Threads that decode, or judges of a cluster; by default one for each CPU.",
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the scan that is in the folder.")
    ] = False,
    limit_pixels: Annotated[
        int | None,
        typer.Option("--limit-pixels", min=1, help="Refuse images with more pixels than this."),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(
            "--device",
            metavar="DEVICE",
            callback=_device,
            help="Where the encoder computes: cpu, or a GPU (cuda, cuda:1, ...), which needs the"
            " extra torch.",
        ),
    ] = None,
    trust_anchors: TrustAnchors = None,
    index: OptionalIndexPlace = None,
    account: Account = None,
    service: Service = None,
    table: Annotated[
        TableFormat,
        typer.Option(
            "--format", help="Of the table; jsonl holds the whole judgement of each image."
        ),
    ] = TableFormat.PARQUET,
    engine: Annotated[
        Engine, typer.Option("--engine", help="What runs the scan: this process, or a cluster.")
    ] = Engine.LOCAL,
    ray_address: Annotated[
        str | None,
        typer.Option(
            "--ray-address",
            metavar="ADDRESS",
            help="Of the cluster; by default one of this machine, for as long as the scan runs.",
        ),
    ] = None,
) -> None:
    """Scan an archive: every image gets a row in a table, and a place in a report.

    An image that cannot be judged is a row with an error, and no failure of the scan. That there
    was no image at all is one.
    """
    source = _source(paths or [], from_list or [], include or [], exclude or [], column)
    rules = None if service is None else Rules.of_today(find_policy(service), account)
    if ray_address is not None and engine is not Engine.RAY:
        raise typer.BadParameter("it needs --engine ray", param_hint="--ray-address")
    opening = partial(
        open_judge,
        model=model,
        index=absolute(index),
        trust_anchors=None if trust_anchors is None else trust_anchors.absolute(),
        device=device,
        limits=Limits() if limit_pixels is None else Limits(pixels=limit_pixels),
        # A JPEG is not decoded again for its watermark: that would cost more than all the rest.
        decode_again=False,
    )
    judge = opening()
    try:
        with judge, steps("files") as (tell, step):
            done = 0

            def report(now: Progress) -> None:
                nonlocal done
                done = now.done
                tell(now.done, now.total, new=now.new)

            def begin(name: str) -> None:
                if done >= MANY:
                    step(name)

            summary = run_scan(
                source,
                out,
                judge,
                account=account,
                rules=rules,
                table=table,
                workers=workers or os.cpu_count() or 1,
                engine=_cluster(judge, opening, ray_address, workers)
                if engine is Engine.RAY
                else None,
                resume=resume,
                progress=report,
                step=begin,
            )
    except KeyboardInterrupt:
        log.warning(
            f"Interrupted. What was done is kept in {out}: run the same command with --resume"
            " to go on."
        )
        raise
    typer.echo(_told(summary, searched=index is not None))
    if rules is not None and not rules.policy.acts:
        log.warning(say("policy_in_shadow"))
    if not summary.counts.images:
        log.warning(f"No image was found in {printable(source.name)}.")
        raise typer.Exit(FAILED)


def _cluster(
    judge: Judge, opening: Callable[..., Judge], address: str | None, workers: int | None
) -> Cluster:
    """The cluster that was asked for, whose machines judge as this one does.

    Raises:
        BadParameter: They cannot: they compute on CPUs.
    """
    if Precision(judge.made_by.precision) not in ON_CPU:
        raise typer.BadParameter(
            f"a cluster computes on CPUs, and none in {judge.made_by.precision}, as this GPU does:"
            " take --device cpu",
            param_hint="--engine",
        )
    return Cluster(partial(open_alike, opening, judge.made_by.precision), address, workers)


def _source(
    paths: Sequence[str],
    lists: Sequence[Path],
    include: Sequence[str],
    exclude: Sequence[str],
    column: str | None,
) -> Source:
    """What is scanned, as the command was given it.

    Raises:
        BadParameter: Nothing is.
    """
    named = [*(path for path in paths if path == str(STANDARD_INPUT)), *map(str, lists)]
    places = tuple(path for path in paths if path != str(STANDARD_INPUT))
    if not places and not named:
        raise typer.BadParameter("name what to scan: a path, an address, or --from-list FILE")
    return Source(places, tuple(named), tuple(include), tuple(exclude), column)


def _told(summary: Summary, *, searched: bool) -> str:
    counts = summary.counts
    judged = counts.images - counts.errors
    rate = f" ({judged / counts.seconds:.1f} images / s)" if judged and counts.seconds else ""
    alike = (
        f"{counts.similar:,} (copies: {counts.copies:,}, close in style: {counts.close:,},"
        f" to compare: {counts.review:,})"
    )
    asked = ", ".join(
        f"{action_word(action).lower()}: {count:,}" for action, count in summary.actions
    )
    lines = {
        "Images": f"{counts.images:,} ({counts.ai:,} AI, {counts.inconclusive:,} inconclusive,"
        f" {counts.human:,} human; errors: {counts.errors:,})",
        **({"Alike": alike} if searched else {}),
        **({"Policy": asked} if asked else {}),
        "Skipped": f"{counts.skipped:,} (other files)",
        "Time": f"{duration(counts.seconds)}{rate}",
        "Table": printable(str(summary.results)),
        "Report": printable(str(summary.report)),
    }
    return "\n".join(f"{name + ':':9}{value}" for name, value in lines.items())
