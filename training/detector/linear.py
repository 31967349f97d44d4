"""Features to a head: logistic regression on standardised features, with weighted images."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from models.encoder.features import Features
from models.heads import LinearHead, select
from training.data.manifest import Row
from training.data.splits import parted
from training.detector.recipe import Recipe, image_weights


def fit_linear(
    features: Features, positive: NDArray[np.bool_], weights: NDArray[np.float64], recipe: Recipe
) -> LinearHead:
    """Fit a linear head.

    Args:
        features: Of N images, one view each.
        positive: bool [N], the class that shall score high.
        weights: float64 [N], see `image_weights`.
        recipe: How.
    """
    x = select(features, recipe.inputs)
    share = weights / weights.sum()
    mean = (share @ x).astype(np.float32)
    scale = np.sqrt(share @ (x - mean) ** 2).astype(np.float32)
    # A feature that does not vary tells nothing; a scale of one leaves it near zero.
    scale[scale < 1e-6] = 1.0
    model = LogisticRegression(C=recipe.c, max_iter=2000, tol=1e-5)
    model.fit((x - mean) / scale, positive, sample_weight=weights)
    return LinearHead(
        inputs=recipe.inputs,
        mean=mean,
        scale=scale,
        weight=np.asarray(model.coef_[0], np.float32),
        bias=float(model.intercept_[0]),
    )


def cross_fit_linear(
    rows: Sequence[Row],
    features: Features,
    positive: NDArray[np.bool_],
    groups: Sequence[str],
    folds: NDArray[np.int64],
    recipe: Recipe,
) -> NDArray[np.float32]:
    """Score every image by a linear head that was fitted without its fold.

    Args:
        rows: N rows.
        features: Of them.
        positive: bool [N], the class that shall score high.
        groups: The group of each, as named by `training.data.splits.group_keys`.
        folds: int64 [N].
        recipe: How.

    Returns:
        float32 [N], raw scores.
    """
    scores = np.zeros(len(rows), np.float32)
    for held, kept in parted(rows, groups, folds):
        weights = image_weights([rows[i] for i in kept], positive[kept], recipe)
        head = fit_linear(features[kept], positive[kept], weights, recipe)
        scores[held] = head.score(features[held])
    return scores
