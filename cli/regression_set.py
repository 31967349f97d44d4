"""`rakkan models regression-set`: images kept apart, by which every gate judges."""

from pathlib import Path
from typing import Annotated

import typer

from cli.paths import existing_file, writable_as
from models import DetectorArtefact, Kind, Registry
from models.artefact.detector import load_seen
from serving.opening import fitting_encoder
from serving.settings import Settings
from training.data.manifest import read_manifest
from training.gate.compare import HUMAN_MARGIN
from training.gate.regression_set import (
    GATE,
    chance_of_proof,
    counted,
    digest_of,
    draw,
    works_for,
    write_set,
)

OFTEN = 0.9
"""Chance of a proof for which it is said how many works it takes."""


def regression_set(
    manifest: Annotated[
        Path,
        typer.Argument(
            metavar="MANIFEST", callback=existing_file, help="All that you have labels of."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="OUT.csv",
            dir_okay=False,
            callback=writable_as("the manifest is CSV", ".csv"),
            help="Manifest to be written: the same rows, with the splits train and gate.",
        ),
    ],
    share: Annotated[
        float, typer.Option("--share", min=0.01, max=0.99, help="Of the groups kept apart: 0.5.")
    ] = 0.5,
    standing: Annotated[
        Path | None,
        typer.Option(
            "--standing",
            metavar="SET.csv",
            exists=True,
            dir_okay=False,
            help="The set that stood before: what was kept apart stays so.",
        ),
    ] = None,
    margin: Annotated[
        float, typer.Option("--margin", min=0.0, max=1.0, help="Of the gate: 0.005.")
    ] = HUMAN_MARGIN,
) -> None:
    """Keep images apart for the gate, whole creators and sources, and say what they can prove."""
    settings = Settings.of()
    registry = Registry(settings.models)

    def in_use(encoder: str) -> tuple[DetectorArtefact, DetectorArtefact]:
        champion = registry.in_use(Kind.DETECTOR, encoder)
        anchor = registry.anchor(Kind.DETECTOR, encoder)
        return DetectorArtefact.load(champion), DetectorArtefact.load(anchor)

    _, _, (champion, anchor) = fitting_encoder(settings, in_use)
    rows = read_manifest(manifest)
    digests = [digest_of(row) for row in rows]
    before = () if standing is None else read_manifest(standing)
    splits = draw(
        rows,
        digests,
        known=load_seen(champion) | load_seen(anchor),
        standing={digest_of(row) for row in before if row.split == GATE},
        share=share,
    )
    write_set(rows, digests, splits, out)
    found, rate = counted(rows, splits), champion.manifest.ai_rate
    works = found[GATE, "human"]
    for split in sorted({split for split, _ in found}):
        typer.echo(
            f"{split}: {found[split, 'human']:,} human works, {found[split, 'ai']:,} AI pictures"
        )
    typer.echo(
        f"A challenger as good as {champion.name}, which states {100 * rate:g} %, is proven to be"
        f" no worse by these works in about {100 * chance_of_proof(works, rate, margin):.0f} of"
        f" 100 cases; for {100 * OFTEN:.0f} it takes {works_for(OFTEN, rate, margin):,}."
    )
