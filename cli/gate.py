"""`rakkan models gate`: may a challenger follow the detector in use?"""

from pathlib import Path
from typing import Annotated

import typer

from cli.database import Address, records
from cli.failures import FAILED
from cli.paths import existing, existing_file, output_folder
from cli.reporting import steps
from detector import Detector
from imaging.perturbations.web import Tier
from models import DetectorArtefact, Kind, Registry
from serving.opening import open_judge
from serving.settings import Settings, keep_libraries_in
from storage.errors import RecordsNotFound


def gate(
    challenger: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", callback=existing, help="That `rakkan train` wrote."),
    ],
    manifest: Annotated[
        Path,
        typer.Argument(
            metavar="MANIFEST",
            callback=existing_file,
            help="The regression set: images that neither detector was made from.",
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", callback=output_folder, help="Folder for the report.")
    ],
    splits: Annotated[
        list[str] | None,
        typer.Option("--split", help="Use the rows of this split alone; may be repeated."),
    ] = None,
    tiers: Annotated[
        list[Tier] | None,
        typer.Option("--tier", help="What images go through; may be repeated; else all."),
    ] = None,
    margin: Annotated[
        float | None,
        typer.Option("--margin", help="By how much more of human works may be called ai: 0.005."),
    ] = None,
    ai_margin: Annotated[
        float | None,
        typer.Option("--ai-margin", help="By how much more of AI pictures may be missed: 0.05."),
    ] = None,
    database: Address = None,
) -> None:
    """Compare a challenger with the detector in use and the anchor, on human art first of all.

    Exit code 1 where it is not to be promoted.
    """
    settings = Settings.of()
    keep_libraries_in(settings.home)
    from training.gate.compare import AI_MARGIN, HUMAN_MARGIN, Margins
    from training.gate.kept_answers import KeptAnswers
    from training.gate.report import PAGE, counted, run_gate

    artefact = DetectorArtefact.load(challenger)
    appeals = _appeals(database)
    registry = Registry(settings.models)
    anchor = DetectorArtefact.load(registry.anchor(Kind.DETECTOR, artefact.manifest.encoder))
    with open_judge(settings) as judge, steps("images") as (tell, step):
        report = run_gate(
            manifest,
            out,
            champion=judge.detector,
            challenger=Detector.of(artefact),
            encoder=judge.encoder,
            cache=settings.features,
            splits=tuple(splits) if splits else None,
            tiers=tiers or tuple(Tier),
            appeals=appeals,
            margins=Margins(
                HUMAN_MARGIN if margin is None else margin,
                AI_MARGIN if ai_margin is None else ai_margin,
            ),
            anchor=Detector.of(anchor),
            kept=KeptAnswers(settings.anchors),
            progress=tell,
            step=step,
        )
    found = ", ".join(f"{count} {name}" for name, count in counted(report).items())
    typer.echo(f"{len(report.compared)} comparisons: {found.replace('_', ' ')}.")
    typer.echo(f"Report: {out / PAGE}")
    if not report.passed:
        for why in report.reasons:
            typer.echo(f"Not to be promoted: {why}.", err=True)
        raise typer.Exit(FAILED)
    typer.echo(f"Put it into use with: rakkan models promote {challenger} --gate {out}")


def _appeals(database: str | None) -> frozenset[str]:
    """Digests of the human works whose appeal was won."""
    from training.labels.claim import Origin
    from training.labels.records import recorded_claims

    try:
        with records(database) as store, store.reading() as reader:
            return frozenset(
                one.sha256
                for one in recorded_claims(reader)
                if one.origin is Origin.APPEAL and one.label == "human"
            )
    except RecordsNotFound:
        if database is not None:
            raise
        return frozenset()
