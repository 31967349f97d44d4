"""Are creators told apart, and strangers left alone? The shipped heads on creators never seen.

    python -m benchmarks.styles --manifest MANIFEST [--split dev] [--out FILE]

Trials enrol three quarters of the creators with most of their works, ask for the rest of these, and
for works of the other creators; the last layer's cosine answers beside. Intervals resample
creators: few creators give wide ones.
"""

import argparse
import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import platformdirs
from rich.console import Console
from rich.table import Table

from models import load_encoder
from similarity.artefact import artefact_for
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


def main() -> None:
    """Judge, print and write."""
    home = Path(os.environ.get("RAKKAN_HOME") or platformdirs.user_data_path("rakkan"))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--split", default="dev")
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()

    encoder = load_encoder(home / "encoder")
    artefact = artefact_for(encoder.id)
    rows = in_split(read_manifest(arguments.manifest), arguments.split)
    works = named_works(compute_features(rows, encoder, home / "features"))
    names = np.array([row.creator for row in works.rows], object)
    everybody = np.ones(len(names), bool)
    trials = [
        draw_trial(names, everybody, np.random.default_rng(seed))
        for seed in range(arguments.trials)
    ]
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

    table = Table("", *columns, title=f"{arguments.split}: {len(set(names))} creators")
    for name in next(iter(columns.values())):
        table.add_row(name, *(_written(found, name) for found in columns.values()))
    console = Console()
    console.print(table)
    console.print(f"hand_over_subject: over {compared} works that share a title with another's.")
    if arguments.out is not None:
        document = {
            column: {
                name: vars(one) if isinstance(one, Estimate) else one for name, one in f.items()
            }
            for column, f in columns.items()
        }
        arguments.out.write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def _written(found: Mapping[str, Estimate | float], name: str) -> str:
    one = found.get(name)
    if isinstance(one, Estimate):
        return f"{one.value:.3f} [{one.low:.3f}, {one.high:.3f}]"
    return "" if one is None else f"{one:.3f}"


if __name__ == "__main__":
    main()
