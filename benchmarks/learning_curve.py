"""What more sources bring: the detector by the share of its sources that it may learn from.

    python -m benchmarks.learning_curve --data FOLDER [--out FILE]

Every image is scored by one network that has not seen its group, as in `rakkan train --quick`, but
that may learn from a part of the other groups only, drawn at random within each class. All images
are asked about each time, so that the rows differ in what was learnt alone. Intervals are those of
the held-out figures: bootstraps over whole groups. The larger parts hold the smaller ones.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from models import load_encoder
from serving.settings import Settings
from training.data.augmentation import CLEAN
from training.data.features import compute_views
from training.data.manifest import read_training_rows
from training.data.splits import assign_folds, group_keys, join_groups, near_duplicates
from training.detector.card import figure, percent
from training.detector.cross_fit import LEARNT, answered, held_out_scores
from training.detector.recipe import QUICK
from training.evaluation.figures import detector_figures

SHARES = (0.125, 0.25, 0.5, 1.0)


def drawn(
    labels: Sequence[str], groups: Sequence[str], share: float, seed: int = 0
) -> NDArray[np.bool_]:
    """Images of a share of the groups of each class, of one at least: bool [N]."""
    rng = np.random.default_rng(seed)
    chosen: set[tuple[str, str]] = set()
    of_class = sorted(set(zip(labels, groups, strict=True)))
    for label in sorted(set(labels)):
        mine = [one for one in of_class if one[0] == label]
        count = max(1, round(share * len(mine)))
        chosen |= {mine[place] for place in rng.permutation(len(mine))[:count]}
    return np.array([one in chosen for one in zip(labels, groups, strict=True)], bool)


def main(data: Data, out: Out = None) -> None:
    """Fit and score by a part of the sources after the other."""
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    rows = read_training_rows(data / "manifest.csv")
    tables = compute_views(rows, encoder, settings.features, LEARNT)
    table = tables[CLEAN.name]
    groups = join_groups(table.rows, group_keys(table.rows), near_duplicates(table))
    strata = [f"{row.label} {row.kind}" for row in table.rows]
    folds = assign_folds(groups, strata, QUICK.folds, QUICK.seed)
    labels = [row.label for row in table.rows]
    shown = Table("groups", "images", "AUROC", "caught at 1 %", "AI called `ai`")
    found: list[dict[str, Any]] = []
    for share in SHARES:
        among = drawn(labels, groups, share)
        scores = held_out_scores(tables, groups, folds, QUICK, among=among)
        figures = detector_figures(answered(table.rows, groups, folds, scores))
        learnt = len({one for one, kept in zip(groups, among, strict=True) if kept})
        shown.add_row(
            f"{learnt} ({share:.1%})",
            str(int(among.sum())),
            figure(figures.auroc_by_group),
            percent(figures.tpr_at_1_percent_fpr),
            percent(figures.overall.ai_called_ai),
        )
        typer.echo(f"{share:.1%} of the groups: done", err=True)
        found.append(
            {
                "share": share,
                "groups": learnt,
                "images": int(among.sum()),
                "auroc": asdict(figures.auroc_by_group),
                "caught_at_1_percent": asdict(figures.tpr_at_1_percent_fpr),
                "figures": asdict(figures.overall),
            }
        )
    Console(width=140).print(shown)
    write(out, {"rows": found})


if __name__ == "__main__":
    run(main)
