"""Features to a head: logistic regression on standardised features, with weighted images."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.errors import MissingExtra
from models.features import Features
from models.heads import LinearHead, select
from training.errors import TooFewImages
from training.manifest import Row


@dataclass(frozen=True)
class Recipe:
    """How a head is made. The defaults are what served best on held-out groups.

    Attributes:
        inputs: Arrays of `Features` that the head reads.
        c: Inverse strength of the penalty, for weights that add up to the number of images.
        cap: Images of one source or creator count for no more than this many.
        kind_power: How much each kind of a class counts: its number of images to this power (1: as
            it is; 0: all kinds the same).
        folds: Folds of the cross-fitting.
        seed: Of everything random.
    """

    inputs: tuple[str, ...] = ("class_tokens",)
    c: float = 1e-3
    cap: int = 60
    kind_power: float = 0.5
    folds: int = 5
    seed: int = 0


def image_weights(rows: Sequence[Row], recipe: Recipe) -> NDArray[np.float64]:
    """What each image counts for in the fit.

    Both classes count the same, the kinds of a class by the recipe, and no source or creator for
    more than the cap: otherwise the detector learns the largest collections instead of the
    difference.

    Returns:
        float64 [N], positive, adding up to N.

    Raises:
        TooFewImages: A class is missing.
    """
    if len({row.label for row in rows}) < 2:
        raise TooFewImages("training needs AI pictures and human works")
    # A source of many creators counts by creator, an AI source as a whole.
    owners = [(row.label, row.source, row.creator) for row in rows]
    sizes = Counter(owners)
    weights = np.array([min(1.0, recipe.cap / sizes[owner]) for owner in owners])
    weights = _rescale(weights, [(row.label, row.kind) for row in rows], recipe.kind_power)
    weights = _rescale(weights, [row.label for row in rows], 0.0)
    return np.asarray(weights * len(rows) / weights.sum())


def _rescale(
    weights: NDArray[np.float64], keys: Sequence[object], power: float
) -> NDArray[np.float64]:
    """Give every key a total weight of its present total to a power."""
    names = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    index = np.array([names[key] for key in keys])
    totals = np.bincount(index, weights)
    return np.asarray(weights * totals[index] ** (power - 1))


def fit_head(
    features: Features, is_ai: NDArray[np.bool_], weights: NDArray[np.float64], recipe: Recipe
) -> LinearHead:
    """Fit a linear head.

    Args:
        features: Of N images, one view each.
        is_ai: bool [N].
        weights: float64 [N], see `image_weights`.
        recipe: How.

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression  # an extra, and slow to load
    except ImportError as error:
        raise MissingExtra("training needs scikit-learn: pip install 'rakkan[train]'") from error
    x = select(features, recipe.inputs)
    share = weights / weights.sum()
    mean = (share @ x).astype(np.float32)
    scale = np.sqrt(share @ (x - mean) ** 2).astype(np.float32)
    # A feature that does not vary tells nothing; a scale of one leaves it near zero.
    scale[scale < 1e-6] = 1.0
    model = LogisticRegression(C=recipe.c, max_iter=2000, tol=1e-5)
    model.fit((x - mean) / scale, is_ai, sample_weight=weights)
    return LinearHead(
        inputs=recipe.inputs,
        mean=mean,
        scale=scale,
        weight=np.asarray(model.coef_[0], np.float32),
        bias=float(model.intercept_[0]),
    )


def cross_fit(
    rows: Sequence[Row],
    features: Features,
    groups: Sequence[str],
    folds: NDArray[np.int64],
    recipe: Recipe,
) -> NDArray[np.float32]:
    """Score every image by a head that was fitted without its fold.

    Where a generator is held out, its pictures in sources that mix generators are left out of the
    fit too, so that the scores are those of an unseen generator.

    Args:
        rows: N rows.
        features: Of them.
        groups: The group of each, as named by `training.splits.group_keys`.
        folds: int64 [N].
        recipe: How.

    Returns:
        float32 [N], raw scores.
    """
    scores = np.zeros(len(rows), np.float32)
    is_ai = np.array([row.label == "ai" for row in rows])
    for fold in np.unique(folds):
        held = folds == fold
        names = {group for group, out in zip(groups, held, strict=True) if out}
        kept = ~held & [f"generator {row.generator}" not in names for row in rows]
        head = fit_head(
            features[kept],
            is_ai[kept],
            image_weights([row for row, use in zip(rows, kept, strict=True) if use], recipe),
            recipe,
        )
        scores[held] = head.score(features[held])
    return scores
