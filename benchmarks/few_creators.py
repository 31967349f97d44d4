"""Does the stated rate of `close` hold in an index of few creators?

    python -m benchmarks.few_creators --data FOLDER [--held-out sources] [--out FILE]

Heads of the shipped recipe are fitted to two thirds of the sources (or of the creators) of `train`,
and asked about the others (`training.similarity.trials`). Of those who would be enrolled in a trial
only some are. `needed` is by how much more shares would have to be multiplied for strangers to be
named no oftener than stated, with a confidence of 95 %, resampling sources: 1 where the rate holds.
"""

from collections import defaultdict
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from models import Kind, Registry, load_encoder
from serving.settings import Settings
from similarity.artefact import SimilarityArtefact
from training.data.augmentation import CLEAN
from training.data.features import FeatureTable, compute_features
from training.data.manifest import read_training_rows
from training.similarity.style_figures import StyleAnswers, answer, correction_of
from training.similarity.style_fit import RECIPE
from training.similarity.train import imitations_of, named_works
from training.similarity.trials import HeldOut, TrainingSet, Trial, unseen_grounds

SIZES = (3, 5, 10, 20, 40)
"""Creators that are enrolled."""

STATED = 0.01


def among_few(
    trial: Trial, names: NDArray[np.object_], count: int, rng: np.random.Generator
) -> Trial:
    """The same trial with so few of those who are enrolled in it."""
    kept = rng.permutation(list(trial.enrolled))[:count].tolist()
    known = trial.known[np.isin(names[trial.known].astype(str), kept)]
    return Trial({name: trial.enrolled[name] for name in kept}, known, trial.unknown)


def main(
    data: Data,
    held_out: Annotated[
        HeldOut, typer.Option("--held-out", help="What heads have not seen.")
    ] = HeldOut.SOURCES,
    out: Out = None,
) -> None:
    """Ask, print and write."""
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache)
    shipped = Registry(settings.models).in_use(Kind.SIMILARITY, encoder.id)
    correction = SimilarityArtefact.load(shipped).manifest.cohort_correction
    rows = read_training_rows(data / "manifest.csv")
    table = compute_features(rows, encoder, settings.features, None, CLEAN)
    works, imitations = _set(named_works(table)), _set(imitations_of(table))
    names = works.authors()
    source = np.array([row.source for row in works.rows], object)
    answers: dict[int, list[StyleAnswers]] = defaultdict(list)
    sources: dict[int, list[NDArray[np.object_]]] = defaultdict(list)
    for ground in unseen_grounds(works, imitations, table.features[table.is_ai], RECIPE, held_out):
        for size in SIZES:
            rng = np.random.default_rng([*ground.seed, size])
            trial = among_few(ground.trial, names, size, rng)
            answers[size].append(answer(ground.styles, names, trial, ground.cohort))
            sources[size].append(source[trial.asked])
        typer.echo(f"{ground.seed}", err=True)
    found: dict[str, dict[str, float]] = {}
    shown = Table("enrolled", "strangers close", "own works close", "needed", title=held_out)
    for size in SIZES:
        all_ = StyleAnswers.of_all(answers[size])
        shares, from_ = correction * all_.p_value, np.concatenate(sources[size])
        close = shares <= STATED
        needed = correction_of(shares[~all_.known], from_[~all_.known])
        own = close[all_.known] & (all_.rank[all_.known] == 0)
        row = found[str(size)] = {
            "strangers": float(close[~all_.known].mean()),
            "own": float(own.mean()),
            "needed": needed,
        }
        shown.add_row(
            str(size), f"{row['strangers']:.2%}", f"{row['own']:.1%}", f"{row['needed']:.2f}"
        )
    Console().print(shown)
    write(out, found)


def _set(table: FeatureTable) -> TrainingSet:
    return TrainingSet(table.rows, (table.features,))


if __name__ == "__main__":
    run(main)
