"""Cross-fitting: every image scored, calibrated and answered by heads that have not seen its group.

How the groups are assigned to the folds moves the figures by more than chance alone would, so they
are assigned several times, and calibration, thresholds and figures are those of all of these
repeats together.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.extras import require_extra
from detector.pixels.score import combine, publish
from models.artefact.manifest import Calibration, OperatingPoints
from models.heads import NetworksHead, select
from models.tail import Tail
from training.data.augmentation import CLEAN, augmented, with_details
from training.data.features import FeatureTable
from training.data.manifest import Row
from training.data.splits import (
    assign_folds,
    group_keys,
    join_groups,
    near_duplicates,
    parted,
    require_no_leak,
)
from training.detector.calibrate import fit_platt, operating_point, operating_points
from training.detector.recipe import Recipe, image_weights, in_use
from training.errors import TooFewImages
from training.evaluation.figures import Answers

LEARNT = (CLEAN, augmented(1), augmented(2), *with_details())
"""What an image is learnt from: as it is, degraded in two ways, and in detail."""

TAIL_LEARNT = (CLEAN, augmented(1))
"""What a tail is tuned on; each view's patch tokens take 300 kB an image on the disk."""

SCORED = (CLEAN, *with_details())
"""What an image is scored by, as `detector.pixels.views` orders them; then comes the tail."""

AI_RATE, HUMAN_RATE = 0.005, 0.05
"""Stated rates of the published verdicts: of human works called `ai`, of AI pictures `human`.

The first is half of the one percent that may be accused, because on sources of a new kind more than
the stated rate is measured.
"""

DOUBT_RATE = 0.1
"""Share of human works whose first view leaves doubt: these cost three views instead of one."""

Tables = Mapping[str, FeatureTable]
"""By the name of the treatment, the same images in the same order."""

Tune = Callable[[NDArray[np.int64]], Tail]
"""Tunes a tail on some of the images, int64 [M]."""


@dataclass(frozen=True)
class ScoreCalibration:
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
        answers: To every image by heads without its fold, once in each repeat, with thresholds that
            were set without its fold too.
        groups: The group of each image.
        folds: int64 [N], of the first repeat.
        calibration: Set on all held-out scores; what is shipped.
        of_tail: float64 [N], what tails said of each image that they had not seen, over all
            repeats on average; None without tails.
    """

    answers: Answers
    groups: Sequence[str]
    folds: NDArray[np.int64]
    calibration: ScoreCalibration
    of_tail: NDArray[np.float64] | None = None


def fit_head(
    tables: Tables,
    recipe: Recipe,
    kept: NDArray[np.int64] | None = None,
    *,
    device: str = "cpu",
) -> NetworksHead:
    """Fit a head on some of the images, in all the views that are learnt from.

    Args:
        tables: Of every treatment in `LEARNT`.
        recipe: How.
        kept: int64 [M], which images; None for all.
        device: Where torch trains.

    Raises:
        MissingExtra: torch is not installed.
    """
    require_extra("train", "training networks", "torch")
    from training.detector.networks import fit_networks  # only here: torch is slow to load

    first = tables[CLEAN.name]
    chosen = np.arange(len(first.rows)) if kept is None else kept
    is_ai = first.is_ai[chosen]
    # Filled one by one: all views twice would not fit into the memory of a small machine.
    views = np.empty((len(LEARNT), *select(first.features, recipe.inputs).shape), np.float32)
    for view, treatment in zip(views, LEARNT, strict=True):
        view[:] = select(tables[treatment.name].features, recipe.inputs)
    return fit_networks(
        views,
        chosen,
        is_ai,
        image_weights([first.rows[i] for i in chosen], is_ai, recipe),
        recipe,
        device,
    )


def cross_fit(
    tables: Tables, recipe: Recipe, *, device: str = "cpu", tune: Tune | None = None
) -> HeldOut:
    """Score, calibrate and answer every image without its fold, in every repeat.

    Args:
        tables: Of every treatment in `LEARNT`.
        recipe: How heads are made.
        device: Where torch trains.
        tune: Makes tails, for a detector that has one; the first table must have stored tokens.

    Raises:
        TooFewImages: There are fewer groups than folds, or a fold leaves one class alone.
        LeakageError: The folds part what belongs together (a fault of this package).
    """
    table = tables[CLEAN.name]
    pairs = near_duplicates(table)
    groups = join_groups(table.rows, group_keys(table.rows), pairs)
    strata = [f"{row.label} {row.kind}" for row in table.rows]
    repeats: list[tuple[NDArray[np.int64], NDArray[np.float64], Answers]] = []
    for repeat in range(recipe.repeats):
        folds = assign_folds(groups, strata, recipe.folds, recipe.seed + repeat)
        require_no_leak(table, folds, pairs)
        _require_both(table.is_ai, folds)
        scores = held_out_scores(tables, groups, folds, recipe, device=device, tune=tune)
        repeats.append((folds, scores, answered(table.rows, groups, folds, scores)))
    parts = [answers for _, _, answers in repeats]
    together = Answers(
        table.rows * recipe.repeats,
        groups * recipe.repeats,
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        [verdict for part in parts for verdict in part.verdicts],
        repeats=recipe.repeats,
    )
    scores = np.concatenate([scores for _, scores, _ in repeats])
    calibration = calibrated(together.rows, scores, recipe.repeats)
    of_tail = None
    if tune is not None:
        of_tail = np.mean([scores[:, -1] for _, scores, _ in repeats], axis=0)
    return HeldOut(together, groups, repeats[0][0], calibration, of_tail)


def held_out_scores(
    tables: Tables,
    groups: Sequence[str],
    folds: NDArray[np.int64],
    recipe: Recipe,
    *,
    among: NDArray[np.bool_] | None = None,
    device: str = "cpu",
    tune: Tune | None = None,
) -> NDArray[np.float64]:
    """Raw scores of every image by a head, and a tail, that have not seen its fold.

    Args:
        tables: Of every treatment in `LEARNT`.
        groups: The group of each image.
        folds: int64 [N].
        recipe: How heads are made.
        among: bool [N], which images may be learnt from; None for all.
        device: Where torch trains.
        tune: See `cross_fit`.

    Returns:
        float64 [N, V], as `answered` reads them.
    """
    table = tables[CLEAN.name]
    scores = np.zeros((len(table.rows), len(SCORED) + (tune is not None)))
    for held, others in parted(table.rows, groups, folds):
        kept = others if among is None else others[among[others]]
        head = fit_head(tables, recipe, kept, device=device)
        for view, treatment in enumerate(SCORED):
            scores[held, view] = head.score(tables[treatment.name].features[held])
        if tune is not None:
            scores[held, -1] = score_tail(tune(kept), table, held)
    return scores


def score_tail(tail: Tail, table: FeatureTable, images: NDArray[np.int64]) -> NDArray[np.float64]:
    """What a tail says of some images (int64 [n]) of a table with stored tokens: float64 [n]."""
    return np.array([float(tail.score(table.image(i))[0]) for i in images.tolist()])


def answered(
    rows: Sequence[Row],
    groups: Sequence[str],
    folds: NDArray[np.int64],
    scores: NDArray[np.float64],
) -> Answers:
    """Answer every image by what the other folds' scores say.

    Args:
        rows: N rows.
        groups: The group of each.
        folds: int64 [N].
        scores: float64 [N, V], raw, of each image in the views that are scored, by a head that has
            not seen its fold; the last by a tail that has not, where there are tails.
    """
    final = np.zeros(len(scores))
    probabilities = np.zeros(len(scores))
    verdicts = np.empty(len(scores), object)
    for fold in np.unique(folds):
        held = folds == fold
        others = calibrated([rows[i] for i in np.flatnonzero(~held).tolist()], scores[~held])
        ai = next(p for p in others.points.ai if p.rate == AI_RATE)
        human = next(p for p in others.points.human if p.rate == HUMAN_RATE)
        final[held] = [combine(views, others.doubt) for views in scores[held]]
        probabilities[held] = [others.calibration.probability(s) for s in final[held]]
        verdicts[held] = [publish(s, ai, human)[0] for s in final[held]]
    return Answers(rows, groups, final, probabilities, list(verdicts))


def calibrated(
    rows: Sequence[Row], scores: NDArray[np.float64], repeats: int = 1
) -> ScoreCalibration:
    """What raw scores mean, by the images that `in_use` names.

    Args:
        rows: N rows.
        scores: float64 [N, V]; see `answered`.
        repeats: How often each image is among them.

    Raises:
        TooFewImages: The scores tell nothing, or a class is missing.
    """
    counted = in_use(rows)
    scores = scores[counted]
    is_ai = np.array([row.label == "ai" for row in rows], bool)[counted]
    if not is_ai.any():
        raise TooFewImages("thresholds need pictures by generators that are still in use")
    doubt = operating_point("above", DOUBT_RATE, scores[~is_ai, 0], repeats).threshold
    final = np.array([combine(views, doubt) for views in scores])
    ai, human = final[is_ai], final[~is_ai]
    try:
        calibration = fit_platt(ai, human)
    except ValueError as error:
        raise TooFewImages(f"the head tells nothing on held-out images: {error}") from error
    points = operating_points(ai, human, ai_rate=AI_RATE, human_rate=HUMAN_RATE, repeats=repeats)
    return ScoreCalibration(doubt, calibration, points)


def _require_both(is_ai: NDArray[np.bool_], folds: NDArray[np.int64]) -> None:
    for fold in np.unique(folds):
        kept = is_ai[folds != fold]
        if kept.all() or not kept.any():
            raise TooFewImages(
                "too few sources to hold some out: each label needs images of several sources, "
                "creators or generators"
            )
