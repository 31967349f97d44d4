"""Are creators told apart whom no head has seen, and on ground that no head has seen?

    python -m benchmarks.style_trials --data FOLDER [--held-out sources] [--out FILE]

Heads of the shipped recipe are fitted to two thirds of the creators of `train`, or of its sources,
and judged on the others: some are enrolled, some are strangers (`training.similarity.trials`). The
second is what a platform meets whose works are of a kind that nobody trained on. Works are learnt
from as they are, in one view. Intervals resample creators.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from benchmarks.styles import written
from models import load_encoder
from serving.settings import Settings
from training.data.augmentation import CLEAN
from training.data.features import FeatureTable, compute_features
from training.data.manifest import read_training_rows
from training.similarity.style_figures import cross_fit_style
from training.similarity.style_fit import RECIPE
from training.similarity.train import imitations_of, named_works
from training.similarity.trials import HeldOut, TrainingSet


def _set(table: FeatureTable) -> TrainingSet:
    return TrainingSet(table.rows, (table.features,))


def main(
    data: Data,
    held_out: Annotated[
        HeldOut, typer.Option("--held-out", help="What no head has seen.")
    ] = HeldOut.SOURCES,
    out: Out = None,
) -> None:
    """Judge, print and write."""
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache)
    rows = read_training_rows(data / "manifest.csv")
    table = compute_features(rows, encoder, settings.features, None, CLEAN)
    by_ai = table.features[table.is_ai]
    works, imitations = _set(named_works(table)), _set(imitations_of(table))
    trials = cross_fit_style(works, imitations, by_ai, RECIPE, held_out)
    correction = trials.correction()
    found = trials.figures(correction)
    shown = Table(
        "", "this recipe", "last-layer cosine", title=f"{found.trials} trials, {held_out} held out"
    )
    for name, one in found.head.items():
        shown.add_row(name, written(one), written(found.baseline.get(name)))
    console = Console()
    console.print(shown)
    console.print(f"shares at stated rates are multiplied by {correction:g}")
    write(out, {"held_out": held_out, "correction": correction, **found.metrics()})


if __name__ == "__main__":
    run(main)
