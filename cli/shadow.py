"""`rakkan models shadow`: a challenger that judges live uploads and decides nothing."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.database import Address
from cli.labels import recorded_and_imported
from cli.tables import show_table
from cli.terminal import AsJson
from core.text import percent
from models import Kind, Registry
from models.artefact.golden import check_folder
from models.shadow_answers import ShadowAnswers
from serving.settings import Settings
from training.gate.shadow import ShadowFigures, shadow_figures
from training.labels.resolve import resolve


def shadow(
    challenger: Annotated[
        str | None,
        typer.Argument(metavar="[MODEL]", help="Begin: a name, or a folder that `train` wrote."),
    ] = None,
    end: Annotated[
        bool, typer.Option("--end", help="End: nothing judges beside any more.")
    ] = False,
    database: Address = None,
    as_json: AsJson = False,
) -> None:
    """Have a challenger judge live uploads beside the detector in use, or tell what it said.

    A running service begins and ends within seconds. What is published stays as it is.
    """
    settings = Settings.of()
    registry = Registry(settings.models)
    if end:
        ended = registry.end_shadow()
        typer.echo(f"Ended: {', '.join(ended) or 'there was none'}. Its answers stay.")
        return
    if challenger is not None:
        known = {entry.name for entry in registry.list()}
        asked = challenger if challenger in known else Path(challenger)
        entry = registry.begin_shadow(asked, {Kind.DETECTOR: check_folder})
        typer.echo(f"{entry.name} judges live uploads beside what is in use, and decides nothing.")
        return
    labels = {
        one.label.sha256: one.label.label for one in resolve(recorded_and_imported(database)).labels
    }
    names = {entry.artefact.sha256: entry.name for entry in registry.list()}
    found = shadow_figures(ShadowAnswers(settings.shadow), labels)
    if as_json:
        typer.echo(json.dumps({"shadows": [_document(one, names) for one in found]}, indent=2))
        return
    if not found:
        typer.echo("No challenger has judged live uploads.", err=True)
    for one in found:
        _tell(one, names)


def _tell(found: ShadowFigures, names: dict[str, str]) -> None:
    champion, challenger = (_name(one, names) for one in (found.champion, found.challenger))
    typer.echo(
        f"{challenger} beside {champion}, {found.since:%Y-%m-%d} to {found.until:%Y-%m-%d}:"
        f" {found.uploads:,} uploads."
    )
    rows = [
        ("called ai by it alone", percent(found.newly_ai.value)),
        ("called ai by the other alone", percent(found.no_longer_ai.value)),
        ("in doubt, judged by the first view", percent(found.partial.value)),
    ]
    show_table(("of all uploads", ""), rows)
    titles = ("with a label", "n", "wrong before", "wrong now", "change in points", "95 %")
    of_label = [
        (
            one.label,
            f"{one.n:,}",
            percent(one.champion),
            percent(one.challenger),
            f"{100 * one.change.value:+.2f}",
            f"{100 * one.change.low:+.2f} to {100 * one.change.high:+.2f}",
        )
        for one in found.labelled
    ]
    if of_label:
        show_table(titles, of_label)
    for digest in found.first:
        typer.echo(f"It alone calls this one ai: {digest}")


def _document(found: ShadowFigures, names: dict[str, str]) -> dict[str, Any]:
    verdicts = [
        {"champion": before, "challenger": after, "uploads": count}
        for (before, after), count in sorted(found.verdicts.items())
    ]
    return asdict(found) | {
        "champion": _name(found.champion, names),
        "challenger": _name(found.challenger, names),
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "verdicts": verdicts,
    }


def _name(sha256: str, names: dict[str, str]) -> str:
    return names.get(sha256, sha256)
