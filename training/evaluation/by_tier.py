"""A detector and its baselines side by side, on the same images as they are and degraded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from imaging.perturbations.web import Tier
from training.data.manifest import Row
from training.evaluation.baselines import Baseline
from training.evaluation.figures import (
    ACCUSED,
    Answers,
    Figures,
    Ranking,
    detector_figures,
    generator_of,
    kind_of,
    rank,
    slices,
    source_of,
)
from training.evaluation.intervals import Estimate
from training.evaluation.metrics import RankingBootstrap, threshold_at


@dataclass(frozen=True)
class BaselineFigures:
    """How well a baseline orders the images of one tier.

    Attributes:
        name: Of the baseline.
        title: For people.
        about: What it is.
        auroc: On all images, the interval resampling whole groups.
        gain: By how much the detector's AUROC exceeds it, paired, resampling whole groups.
        tpr_at_1_percent_fpr: As in `Figures`.
        overall: On all images, at the baseline's own clean threshold.
        by_kind: By kind of art.
        by_generator: AI pictures, against all human works.
        by_source: By source.
    """

    name: str
    title: str
    about: str
    auroc: Estimate
    gain: Estimate
    tpr_at_1_percent_fpr: Estimate
    overall: Ranking
    by_kind: tuple[Ranking, ...]
    by_generator: tuple[Ranking, ...]
    by_source: tuple[Ranking, ...]


@dataclass(frozen=True)
class TierFigures:
    """A detector and its baselines on the images of one tier.

    Attributes:
        tier: What the images have been through.
        detector: The detector's figures; `accused` and `caught` are at the threshold that 1 % of
            the clean human works exceed.
        auroc_lost: By how much its AUROC on clean images exceeds that of this tier, paired,
            resampling whole groups.
        baselines: In the order in which they were given.
    """

    tier: Tier
    detector: Figures
    auroc_lost: Estimate
    baselines: tuple[BaselineFigures, ...]


def compare(answers: Mapping[Tier, Answers], baselines: Sequence[Baseline]) -> list[TierFigures]:
    """All figures, tier by tier.

    Args:
        answers: The detector's answers to the same N images in every tier, `CLEAN` among them.
        baselines: Their scores of the same images.

    Raises:
        TooFewImages: A class is missing.
    """
    clean = answers[Tier.CLEAN]
    own = detector_figures(clean)
    bootstrap = RankingBootstrap(clean.is_ai, clean.groups)
    return [
        TierFigures(
            tier,
            own if tier is Tier.CLEAN else detector_figures(given, own.threshold),
            bootstrap.auroc_gain(clean.scores, given.scores),
            tuple(_baseline(b, tier, given, bootstrap) for b in baselines),
        )
        for tier, given in answers.items()
    ]


def _baseline(
    baseline: Baseline, tier: Tier, answers: Answers, bootstrap: RankingBootstrap
) -> BaselineFigures:
    scores, is_ai = baseline.scores[tier], answers.is_ai
    threshold = threshold_at(baseline.scores[Tier.CLEAN][~is_ai], ACCUSED)
    everything: NDArray[np.bool_] = np.ones(len(is_ai), bool)

    def by(key: Callable[[Row], str]) -> tuple[Ranking, ...]:
        return tuple(ranking for ranking, _ in slices(answers.rows, scores, threshold, key))

    return BaselineFigures(
        name=baseline.name,
        title=baseline.title,
        about=baseline.about,
        auroc=bootstrap.auroc(scores),
        gain=bootstrap.auroc_gain(answers.scores, scores),
        tpr_at_1_percent_fpr=bootstrap.tpr_at_fpr(scores, ACCUSED),
        overall=rank("all", scores, is_ai, everything, threshold),
        by_kind=by(kind_of),
        by_generator=by(generator_of),
        by_source=by(source_of),
    )
