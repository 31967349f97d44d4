"""Cross-fitting: every image scored, calibrated and answered by heads that have not seen its group.

How the groups are dealt to the folds moves the figures by more than chance alone would, so they are
dealt several times, and calibration, thresholds and figures are those of all deals together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.pixels.score import combine, publish
from models.artefact.artefact import Calibration, OperatingPoints
from models.heads import NetworksHead, select
from training.data.augmentation import CLEAN, augmented, with_details
from training.data.features import FeatureTable
from training.data.splits import (
    assign_folds,
    group_keys,
    join_groups,
    near_duplicates,
    parted,
    require_no_leak,
)
from training.detector.calibrate import fit_platt, operating_point, operating_points
from training.detector.networks import fit_networks
from training.detector.recipe import Recipe, image_weights
from training.errors import TooFewImages
from training.evaluation.figures import Judged

LEARNT = (CLEAN, augmented(1), *with_details())
"""What an image is learnt from: as it is, degraded, and in detail."""

SCORED = (CLEAN, *with_details())
"""What an image is scored by, as `detector.pixels.views` orders them."""

AI_RATE, HUMAN_RATE = 0.005, 0.05
"""Stated rates of the published verdicts: of human works called `ai`, of AI pictures `human`.

The first is half of the one percent that may be accused, because on sources of a new kind more than
the stated rate is measured.
"""

DOUBT_RATE = 0.1
"""Share of human works whose first view leaves doubt: these cost three views instead of one."""

Tables = Mapping[str, FeatureTable]
"""By the name of the treatment, the same images in the same order."""


@dataclass(frozen=True)
class Answers:
    """How raw scores become answers.

    Attributes:
        doubt: Raw score of the first view above which the other views count too.
        calibration: Raw score to probability.
        points: Operating points.
    """

    doubt: float
    calibration: Calibration
    points: OperatingPoints


@dataclass(frozen=True)
class HeldOut:
    """What cross-fitting says.

    Attributes:
        judged: Every image scored by heads without its fold, once in each deal, and answered with
            thresholds that were set without its fold too.
        groups: The group of each image.
        folds: int64 [N], of the first deal.
        answers: Set on all held-out scores; those that are shipped.
    """

    judged: Judged
    groups: Sequence[str]
    folds: NDArray[np.int64]
    answers: Answers


def fit(tables: Tables, recipe: Recipe, kept: NDArray[np.int64] | None = None) -> NetworksHead:
    """Fit a head on some of the images, in all the views that are learnt from.

    Args:
        tables: Of every treatment in `LEARNT`.
        recipe: How.
        kept: int64 [M], which images; None for all.
    """
    first = tables[CLEAN.name]
    chosen = np.arange(len(first.rows)) if kept is None else kept
    return fit_networks(
        [select(tables[t.name].features, recipe.inputs) for t in LEARNT],
        chosen,
        first.is_ai[chosen],
        image_weights([first.rows[i] for i in chosen], recipe),
        recipe,
    )


def cross_validate(tables: Tables, recipe: Recipe) -> HeldOut:
    """Score, calibrate and answer every image without its fold, in every deal.

    Raises:
        TooFewImages: There are fewer groups than folds, or a fold leaves one class alone.
        LeakageError: The folds part what belongs together (a fault of this package).
    """
    table = tables[CLEAN.name]
    pairs = near_duplicates(table)
    groups = join_groups(table.rows, group_keys(table.rows), pairs)
    strata = [f"{row.label} {row.kind}" for row in table.rows]
    deals, judged = [], []
    for deal in range(recipe.deals):
        folds = assign_folds(groups, strata, recipe.folds, recipe.seed + deal)
        require_no_leak(table, folds, pairs)
        _require_both(table.is_ai, folds)
        scores = _scores(tables, groups, folds, recipe)
        judged.append(_judge(table, groups, folds, scores))
        deals.append((folds, scores))
    is_ai = np.tile(table.is_ai, recipe.deals)
    together = Judged(
        table.rows * recipe.deals,
        groups * recipe.deals,
        np.concatenate([one.scores for one in judged]),
        np.concatenate([one.probabilities for one in judged]),
        [verdict for one in judged for verdict in one.verdicts],
        repeats=recipe.deals,
    )
    answers = _answers(np.concatenate([scores for _, scores in deals]), is_ai, recipe.deals)
    return HeldOut(together, groups, deals[0][0], answers)


def _scores(
    tables: Tables, groups: Sequence[str], folds: NDArray[np.int64], recipe: Recipe
) -> NDArray[np.float64]:
    """Raw scores of every image in every view that is scored: float64 [N, V]."""
    table = tables[CLEAN.name]
    scores = np.zeros((len(table.rows), len(SCORED)))
    for held, kept in parted(table.rows, groups, folds):
        head = fit(tables, recipe, kept)
        for view, treatment in enumerate(SCORED):
            scores[held, view] = head.score(tables[treatment.name].features[held])
    return scores


def _judge(
    table: FeatureTable,
    groups: Sequence[str],
    folds: NDArray[np.int64],
    scores: NDArray[np.float64],
) -> Judged:
    """Answer every image by what the other folds' scores say."""
    final = np.zeros(len(scores))
    probabilities = np.zeros(len(scores))
    verdicts = np.empty(len(scores), object)
    for fold in np.unique(folds):
        held = folds == fold
        answers = _answers(scores[~held], table.is_ai[~held])
        ai = next(p for p in answers.points.ai if p.rate == AI_RATE)
        human = next(p for p in answers.points.human if p.rate == HUMAN_RATE)
        final[held] = [combine(views, answers.doubt) for views in scores[held]]
        probabilities[held] = [answers.calibration.probability(s) for s in final[held]]
        verdicts[held] = [publish(s, ai, human)[0] for s in final[held]]
    return Judged(table.rows, groups, final, probabilities, list(verdicts))


def _answers(scores: NDArray[np.float64], is_ai: NDArray[np.bool_], repeats: int = 1) -> Answers:
    """What raw scores of views (float64 [N, V]) mean."""
    doubt = operating_point("above", DOUBT_RATE, scores[~is_ai, 0], repeats).threshold
    final = np.array([combine(views, doubt) for views in scores])
    ai, human = final[is_ai], final[~is_ai]
    try:
        calibration = fit_platt(ai, human)
    except ValueError as error:
        raise TooFewImages(f"the head tells nothing on held-out images: {error}") from error
    points = operating_points(ai, human, ai_rate=AI_RATE, human_rate=HUMAN_RATE, repeats=repeats)
    return Answers(doubt, calibration, points)


def _require_both(is_ai: NDArray[np.bool_], folds: NDArray[np.int64]) -> None:
    for fold in np.unique(folds):
        kept = is_ai[folds != fold]
        if kept.all() or not kept.any():
            raise TooFewImages(
                "too few sources to hold some out: each label needs images of several sources, "
                "creators or generators"
            )
