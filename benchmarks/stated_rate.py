"""Does the stated rate of `close` hold for strangers of new sources, once it is set by some?

    python -m benchmarks.stated_rate --data FOLDER [--rate 0.05] [--out FILE]

Heads of the shipped recipe are fitted to two thirds of the sources of `train`, and judged on the
others (`training.similarity.trials`): some creators are enrolled, some are strangers. The strangers
are dealt into two halves, several times. One half sets the rate, as `rakkan creators calibrate`
does, by one work of each; all works of the other half, and other works of the enrolled, are judged
before and after. Intervals resample creators.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from benchmarks.command import Data, Out, run, write
from models import load_encoder
from serving.settings import Settings
from training.data.augmentation import CLEAN
from training.data.features import FeatureTable, compute_features
from training.data.manifest import read_training_rows
from training.detector.conformal import TooFewWorks, conformal_point
from training.evaluation.intervals import GroupBootstrap
from training.likeness.calibrate import correction_of
from training.likeness.strangers import Stranger, sample_of
from training.similarity.style_figures import StyleAnswers, answer
from training.similarity.style_fit import RECIPE
from training.similarity.train import imitations_of, named_works
from training.similarity.trials import HeldOut, TrainingSet, unseen_grounds

DEALS = 5
"""How often the strangers of a trial are dealt into two halves."""


@dataclass(frozen=True)
class Judged:
    """Works that are judged at a stated rate, before and after it is set.

    Attributes:
        creators: Of N works.
        before: bool [N], called close at the stated rate of the shipped recipe's cohort.
        after: bool [N], at the same rate once strangers have set it.
    """

    creators: NDArray[np.object_]
    before: NDArray[np.bool_]
    after: NDArray[np.bool_]


def judged(found: StyleAnswers, rate: float, rng: np.random.Generator) -> tuple[Judged, Judged]:
    """The strangers of one half, judged by the rate that the other half sets; and the enrolled.

    Raises:
        TooFewWorks: The half is too small for the rate.
    """
    strangers = ~found.known
    names = np.unique(found.creators[strangers].astype(str))
    half = set(rng.permutation(names)[: len(names) // 2].tolist())
    setting = strangers & np.array([name in half for name in found.creators])
    sample = sample_of(
        (
            Stranger(f"{i:064x}", float(found.p_value[i]), str(found.creators[i]))
            for i in rng.permutation(np.flatnonzero(setting))
        ),
        Counter(),
    )
    correction = correction_of(conformal_point(sample.scores, rate))
    right = np.where(found.known, found.rank == 0, True)
    before = right & (found.p_value <= rate)
    after = right & (correction * found.p_value <= rate)
    return tuple(  # type: ignore[return-value]
        Judged(found.creators[mask], before[mask], after[mask])
        for mask in (strangers & ~setting, found.known)
    )


def main(
    data: Data,
    rate: Annotated[float, typer.Option("--rate", help="That is stated.")] = 0.05,
    out: Out = None,
) -> None:
    """Judge, print and write."""
    settings = Settings.of()
    encoder = load_encoder(settings.encoder_cache, precision=settings.precision)
    rows = read_training_rows(data / "manifest.csv")
    table = compute_features(rows, encoder, settings.features, None, CLEAN)
    works, imitations = _set(named_works(table)), _set(imitations_of(table))
    by_ai = table.features[table.is_ai]
    names = works.authors()
    found: dict[str, list[Judged]] = {"strangers": [], "enrolled": []}
    for ground in unseen_grounds(works, imitations, by_ai, RECIPE, HeldOut.SOURCES):
        answers = answer(ground.styles, names, ground.trial, ground.cohort)
        for number in range(DEALS):
            try:
                both = judged(answers, rate, np.random.default_rng([*ground.seed, number]))
            except TooFewWorks as error:
                typer.echo(f"{ground.seed}: {error}", err=True)
                continue
            for one, where in zip(both, found.values(), strict=True):
                where.append(one)
        typer.echo(f"{ground.seed}: {len(ground.trial.enrolled)} enrolled", err=True)
    figures = {f"{who}, {when}": _share(some, when) for who, some in found.items() for when in WHEN}
    for name, (value, low, high) in figures.items():
        typer.echo(f"{name}: {100 * value:.1f} % ({100 * low:.1f} to {100 * high:.1f})")
    write(out, {"rate": rate, "figures": figures})


WHEN = ("before", "after")


def _share(some: list[Judged], when: str) -> tuple[float, float, float]:
    creators = np.concatenate([one.creators for one in some]).astype(str).tolist()
    called = np.concatenate([getattr(one, when) for one in some])
    found = GroupBootstrap(creators).mean(called)
    return found.value, found.low, found.high


def _set(table: FeatureTable) -> TrainingSet:
    return TrainingSet(table.rows, (table.features,))


if __name__ == "__main__":
    run(main)
