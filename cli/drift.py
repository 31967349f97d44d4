"""`rakkan drift`: is what comes in still what the detector was made on?"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.database import Address, records
from cli.labels import OfService, Since
from cli.tables import show_table
from cli.terminal import AsJson
from core.files import write_whole
from core.text import percent, printable
from models import DetectorArtefact, Kind, Registry
from serving.settings import Settings
from training.monitoring.alarms import clusters, odd_and_sure
from training.monitoring.drift import Week, reference_of
from training.monitoring.drift import drift as weeks_of
from training.monitoring.metrics import write_metrics
from training.monitoring.page import PAGE, Alarm, drift_page
from training.monitoring.seen import Seen, seen_uploads


def drift(
    model: Annotated[
        str | None,
        typer.Option("--model", help="Decisions by this model alone; by default by each there is."),
    ] = None,
    since: Since = None,
    service: OfService = None,
    days: Annotated[
        int, typer.Option("--days", min=1, help="Days in which new groups are looked for.")
    ] = 7,
    out: Annotated[
        Path | None,
        typer.Option("--out", file_okay=False, help="Folder for the same as a page."),
    ] = None,
    metrics: Annotated[
        Path | None,
        typer.Option("--metrics", metavar="FILE", help="For Prometheus' node exporter: NAME.prom."),
    ] = None,
    database: Address = None,
    as_json: AsJson = False,
) -> None:
    """Compare recorded decisions, week by week, with the detector's own held-out figures.

    Groups of odd uploads that look alike and are new are told besides: perhaps a new generator.
    """
    settings = Settings.of()
    start = (since or datetime.min).replace(tzinfo=UTC)
    recent = datetime.now(UTC) - timedelta(days=days)
    by_model: dict[str, list[Seen]] = defaultdict(list)
    with records(database) as store:
        for one in seen_uploads(store, start, service):
            by_model[one.model_sha256].append(one)
    judged = _judged(settings, by_model, model)
    weeks = [
        (artefact.name, week)
        for artefact, uploads in judged
        for week in weeks_of(uploads, reference_of(artefact))
    ]
    alarms = [
        alarm
        for artefact, uploads in judged
        for alarm in _alarms(settings, artefact, uploads, recent)
    ]
    if metrics is not None:
        of_models = Counter({artefact.name: 0 for artefact, _ in judged})
        of_models.update(alarm.model for alarm in alarms)
        write_metrics(metrics, weeks, of_models)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / PAGE, drift_page(weeks, alarms, recent.date()).encode())
    if as_json:
        typer.echo(json.dumps(_document(weeks, alarms), indent=2))
        return
    _show(weeks)
    for alarm in alarms:
        found = alarm.cluster
        typer.echo(
            f"{alarm.model}: {found.recent} uploads from {found.accounts} accounts look alike,"
            f" unlike most, with a mean probability of {percent(found.probability)}:"
            f" {', '.join(printable(one.work or one.sha256) for one in alarm.uploads[:3])}, ..."
        )
    if out is not None:
        typer.echo(f"Page: {out / PAGE}")


def _judged(
    settings: Settings, by_model: Mapping[str, list[Seen]], model: str | None
) -> list[tuple[DetectorArtefact, list[Seen]]]:
    """The detectors that there are, with the uploads that each judged."""
    return [
        (DetectorArtefact.load(entry.artefact.folder), by_model[entry.artefact.sha256])
        for entry in Registry(settings.models).list()
        if entry.kind is Kind.DETECTOR
        and entry.artefact.sha256 in by_model
        and model in (None, entry.name)
    ]


def _alarms(
    settings: Settings, artefact: DetectorArtefact, uploads: Sequence[Seen], recent: datetime
) -> Iterator[Alarm]:
    odd = odd_and_sure(uploads, recent)
    by_digest = {one.sha256: one for one in odd}
    encoder = artefact.manifest.encoder
    features = settings.upload_features.read(by_digest, encoder, "class_tokens")
    for one in clusters(odd, features, recent):
        if one.alarm:
            yield Alarm(artefact.name, one, tuple(by_digest[digest] for digest in one.examples))


def _document(weeks: Sequence[tuple[str, Week]], alarms: Sequence[Alarm]) -> dict[str, Any]:
    return {
        "weeks": [
            asdict(week)
            | {"model": name, "monday": week.monday.isoformat(), "drifted": week.drifted}
            for name, week in weeks
        ],
        "alarms": [
            asdict(one.cluster)
            | {"model": one.model, "decisions": [upload.decision for upload in one.uploads]}
            for one in alarms
        ],
    }


def _show(weeks: Sequence[tuple[str, Week]]) -> None:
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
        for name, week in weeks
    ]
    show_table(titles, rows)
