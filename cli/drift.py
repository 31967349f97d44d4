"""`rakkan drift`: is what comes in still what the detector was made on?"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.database import Address, records
from cli.labels import OfService, Since
from cli.tables import show_table
from cli.terminal import AsJson
from core.text import percent, printable
from models import DetectorArtefact, Kind, Registry
from serving.settings import Settings
from training.monitoring.drift import Week, reference_of
from training.monitoring.drift import drift as weeks_of
from training.monitoring.seen import Seen, seen_uploads


def drift(
    model: Annotated[
        str | None,
        typer.Option("--model", help="Decisions by this model alone; by default by each there is."),
    ] = None,
    since: Since = None,
    service: OfService = None,
    database: Address = None,
    as_json: AsJson = False,
) -> None:
    """Compare recorded decisions, week by week, with the detector's own held-out figures."""
    start = (since or datetime.min).replace(tzinfo=UTC)
    by_model: dict[str, list[Seen]] = defaultdict(list)
    with records(database) as store:
        for one in seen_uploads(store, start, service):
            by_model[one.model_sha256].append(one)
    found = [(name, week) for name, week in _weeks(by_model, model)]
    if as_json:
        documents = [
            asdict(week)
            | {"model": name, "monday": week.monday.isoformat(), "drifted": week.drifted}
            for name, week in found
        ]
        typer.echo(json.dumps({"weeks": documents}, indent=2))
        return
    titles = ("model", "service", "week of", "uploads", "by AI", "drift", "by chance", "unlike", "")
    rows = [
        (
            name,
            printable(week.service),
            week.monday.isoformat(),
            f"{week.uploads:,}",
            percent(week.ai_share),
            f"{week.drift:.3f}",
            f"{week.by_chance:.3f}",
            percent(week.far.value),
            "drift" if week.drifted else "",
        )
        for name, week in found
    ]
    show_table(titles, rows)


def _weeks(by_model: dict[str, list[Seen]], model: str | None) -> Iterator[tuple[str, Week]]:
    for entry in Registry(Settings.of().models).list():
        uploads = by_model.get(entry.artefact.sha256)
        if entry.kind is Kind.DETECTOR and uploads and model in (None, entry.name):
            artefact = DetectorArtefact.load(entry.artefact.folder)
            for week in weeks_of(uploads, reference_of(artefact)):
                yield entry.name, week
