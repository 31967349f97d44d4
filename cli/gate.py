"""`rakkan models gate`: may a challenger follow the model in use?"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.database import Address, records
from cli.failures import FAILED
from cli.index import some_place
from cli.paths import existing, existing_file, output_folder
from cli.reporting import progress, steps
from detector import Detector
from imaging.perturbations.web import Tier
from models import DetectorArtefact, Kind, Registry
from models.artefact.artefact import open_any
from models.artefact.gate import GateReport
from serving.opening import beside, open_judge, open_searcher
from serving.settings import Settings, keep_libraries_in
from storage import Reader
from storage.errors import RecordsNotFound

if TYPE_CHECKING:
    from training.gate.compare import Margins

Found = TypeVar("Found")


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
            help="The regression set: images that neither model was made from.",
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
        typer.Option(
            "--margin",
            help="By how much more of human works may be called ai, of strangers close: 0.005.",
        ),
    ] = None,
    ai_margin: Annotated[
        float | None,
        typer.Option(
            "--ai-margin",
            help="By how much more of AI pictures, or of imitations, may be missed: 0.05.",
        ),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            metavar="DIR",
            callback=some_place,
            help="Of a similarity model: the index that both search.",
        ),
    ] = None,
    database: Address = None,
) -> None:
    """Compare a challenger with the model in use, on people who did nothing first of all.

    Exit code 1 where it is not to be promoted.
    """
    settings = Settings.of()
    keep_libraries_in(settings.home)
    from training.gate.compare import AI_MARGIN, HUMAN_MARGIN, Margins

    margins = Margins(
        HUMAN_MARGIN if margin is None else margin, AI_MARGIN if ai_margin is None else ai_margin
    )
    of_splits = tuple(splits) if splits else None
    if open_any(challenger).manifest.kind is Kind.SIMILARITY:
        if index is None:
            raise typer.BadParameter("likeness is judged in an index", param_hint="--index")
        if tiers:
            raise typer.BadParameter("is of detectors", param_hint="--tier")
        report = _of_likeness(
            settings, challenger, manifest, out, index, of_splits, margins, database
        )
    else:
        if index is not None:
            raise typer.BadParameter("is of similarity models", param_hint="--index")
        report = _of_detectors(
            settings, challenger, manifest, out, tiers or tuple(Tier), of_splits, margins, database
        )
    _tell(report, challenger, out)


def _of_detectors(
    settings: Settings,
    challenger: Path,
    manifest: Path,
    out: Path,
    tiers: Sequence[Tier],
    splits: tuple[str, ...] | None,
    margins: "Margins",
    database: str | None,
) -> GateReport:
    from training.gate.kept_answers import KeptAnswers
    from training.gate.report import run_gate

    artefact = DetectorArtefact.load(challenger)
    appeals = _appeals(database)
    registry = Registry(settings.models)
    anchor = DetectorArtefact.load(registry.anchor(Kind.DETECTOR, artefact.manifest.encoder))
    with open_judge(settings) as judge, steps("images") as (tell, step):
        return run_gate(
            manifest,
            out,
            champion=judge.detector,
            challenger=Detector.of(artefact),
            encoder=judge.encoder,
            cache=settings.features,
            splits=splits,
            tiers=tiers,
            appeals=appeals,
            margins=margins,
            anchor=Detector.of(anchor),
            kept=KeptAnswers(settings.anchors),
            progress=tell,
            step=step,
        )


def _of_likeness(
    settings: Settings,
    challenger: Path,
    manifest: Path,
    out: Path,
    index: str,
    splits: tuple[str, ...] | None,
    margins: "Margins",
    database: str | None,
) -> GateReport:
    from similarity.artefact import SimilarityArtefact
    from training.likeness.gate import run_likeness_gate
    from training.likeness.labels import recorded_likeness

    labels = _recorded(database, recorded_likeness) or ()
    artefact = SimilarityArtefact.load(challenger)
    with open_searcher(settings, index) as searcher, progress("images") as tell:
        in_use = Registry(settings.models).in_use(Kind.SIMILARITY, searcher.judge.encoder.id)
        artefact.require(searcher.judge.encoder.id)
        with beside(searcher.similarity, artefact, index) as search:
            return run_likeness_gate(
                manifest,
                out,
                champion=(SimilarityArtefact.load(in_use), searcher.similarity),
                challenger=(artefact, search),
                encoder=searcher.judge.encoder,
                labels=labels,
                splits=splits,
                margins=margins,
                progress=tell,
            )


def _tell(report: GateReport, challenger: Path, out: Path) -> None:
    from training.gate.report import PAGE, counted

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

    def won(reader: Reader) -> frozenset[str]:
        return frozenset(
            one.sha256
            for one in recorded_claims(reader)
            if one.origin is Origin.APPEAL and one.label == "human"
        )

    return _recorded(database, won) or frozenset()


def _recorded(database: str | None, question: Callable[[Reader], Found]) -> Found | None:
    """What the records say; None where there are none, unless it was said where."""
    try:
        with records(database) as store, store.reading() as reader:
            return question(reader)
    except RecordsNotFound:
        if database is not None:
            raise
        return None
