"""Are creators told apart, and strangers left alone? The shipped heads on creators never seen.

    python -m benchmarks.styles --data FOLDER [--split dev] [--out FILE]

Trials enrol three quarters of the creators with most of their works, ask for the rest of these, and
for works of the other creators; the last layer's cosine answers beside. Intervals resample
creators: few creators give wide ones.
"""

from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from models import Kind, Registry, load_encoder
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from training.data.features import compute_features
from training.data.manifest import in_split, read_manifest
from training.evaluation.intervals import Estimate
from training.similarity.style_figures import (
    StyleAnswers,
    answer,
    answer_by_baseline,
    content_against_style,
    mean_average_precision,
    style_figures,
)
from training.similarity.train import named_works
from training.similarity.trials import draw_trial


def written(one: Estimate | float | None) -> str:
    """A figure, with its interval if it has one; nothing if there is none."""
    if isinstance(one, Estimate):
        return f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"
    return "" if one is None else f"{one:.3f}"


def main(
    data: Data,
    split: Annotated[str, typer.Option("--split", help="Whose creators are asked for.")] = "dev",
    number: Annotated[int, typer.Option("--trials", min=1, help="How many trials.")] = 20,
    out: Out = None,
) -> None:
    """Judge, print and write."""
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache)
    registry = Registry(settings.models)
    artefact = SimilarityArtefact.load(registry.in_use(Kind.SIMILARITY, encoder.id))
    rows = in_split(read_manifest(data / "manifest.csv"), split)
    works = named_works(compute_features(rows, encoder, settings.features))
    names = np.array([row.creator for row in works.rows], object)
    everybody = np.ones(len(names), bool)
    trials = [draw_trial(names, everybody, np.random.default_rng(seed)) for seed in range(number)]
    cohort = artefact.heads.cohort
    ours, plain = artefact.heads.style(works.features), works.features.embedding
    columns: dict[str, dict[str, Estimate | float]] = {
        artefact.manifest.name: {
            **style_figures(
                StyleAnswers.of_all([answer(ours, names, trial, cohort) for trial in trials])
            )
        },
        "last-layer cosine": {
            **style_figures(
                StyleAnswers.of_all([answer_by_baseline(plain, names, trial) for trial in trials])
            )
        },
    }
    for found, vectors in zip(columns.values(), (ours, plain), strict=True):
        precision = [mean_average_precision(vectors, names, trial) for trial in trials]
        found["mean_average_precision"] = float(np.mean(precision))
        found["hand_over_subject"], compared = content_against_style(vectors, works.rows)

    table = Table("", *columns, title=f"{split}: {len(set(names))} creators")
    for name in next(iter(columns.values())):
        table.add_row(name, *(written(found.get(name)) for found in columns.values()))
    console = Console()
    console.print(table)
    console.print(f"hand_over_subject: over {compared} works that share a title with another's.")
    write(
        out,
        {
            column: {
                name: vars(one) if isinstance(one, Estimate) else one for name, one in f.items()
            }
            for column, f in columns.items()
        },
    )


if __name__ == "__main__":
    run(main)
