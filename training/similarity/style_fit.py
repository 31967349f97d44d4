"""Fitting the style head: what is common to a creator's works, whatever they show.

Every member is standardised, brought to its principal components, and whitened by the covariance
within creators, over all views of their works: the ways in which one person's pictures differ,
greyscale copies, crops and recompressed ones among them, then count no more than others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from models.encoder.features import Features
from similarity.heads import Projection, StyleHead
from similarity.vectors.base import unit

Floats = NDArray[np.float32]

MOST_WORKS = 20
"""Works of one creator that count; those of larger ones are weighed down to it."""

LEAST_STD = 1e-6


@dataclass(frozen=True)
class StyleRecipe:
    """How the style head is made.

    Attributes:
        members: Array of the features -> its weight in the likeness.
        components: Principal components of each member, at most.
        shrinkage: Of the covariance within creators, towards a multiple of the identity: that
            multiple in mean eigenvalues.
        length: Of the style vector.
    """

    members: Mapping[str, float]
    components: int = 900
    shrinkage: float = 1.0
    length: int = 768


RECIPE = StyleRecipe({"class_tokens": 1.0, "patch_mean": 0.7, "embedding": 0.7})


def fit_style(
    views: Sequence[Features],
    creators: NDArray[np.int64],
    background: Features,
    recipe: StyleRecipe = RECIPE,
) -> StyleHead:
    """Fit a style head.

    Args:
        views: Of the same N works, each in another treatment; the first is the plain one.
        creators: int64 [N], a number for each creator.
        background: Of any pictures; the directions in which these differ most are kept.
        recipe: How.
    """
    members = tuple(
        _member([getattr(view, array) for view in views], array, creators, recipe)
        for array in recipe.members
    )
    weights = [
        np.full(member.matrix.shape[1], weight, np.float32)
        for member, weight in zip(members, recipe.members.values(), strict=True)
    ]
    parts = [member(getattr(background, member.array)) for member in members]
    weighed = np.concatenate(parts, axis=1) * np.concatenate(weights)
    vectors = unit(weighed)
    _, directions = np.linalg.eigh((vectors.T @ vectors).astype(np.float64))
    kept = directions[:, ::-1][:, : recipe.length]
    joint = np.concatenate(weights)[:, None] * kept
    return StyleHead(members, np.ascontiguousarray(joint, np.float32))


def _member(
    views: Sequence[Floats], array: str, creators: NDArray[np.int64], recipe: StyleRecipe
) -> Projection:
    flat = [view.reshape(len(view), -1) for view in views]
    mean = flat[0].mean(axis=0)
    std = np.maximum(flat[0].std(axis=0), LEAST_STD)
    components = _principal((flat[0] - mean) / std, recipe.components)
    reduced = [((view - mean) / std) @ components for view in flat]
    within = _within(reduced, creators)
    within += recipe.shrinkage * np.trace(within) / len(within) * np.eye(len(within))
    sizes, axes = np.linalg.eigh(within)
    matrix = (components / std[:, None]) @ (axes / np.sqrt(sizes)).astype(np.float32)
    return Projection(array, mean, np.ascontiguousarray(matrix, np.float32))


def _principal(values: Floats, most: int) -> Floats:
    """The principal axes of centred rows, float32 [D, k], exactly."""
    count, width = values.shape
    solver = "covariance_eigh" if width <= count else "full"
    found = PCA(min(most, width, count - 1), svd_solver=solver).fit(values)
    return np.asarray(found.components_.T, np.float32)


def _within(views: Sequence[Floats], creators: NDArray[np.int64]) -> NDArray[np.float64]:
    """Covariance within creators who have two works or more, over all views."""
    _, of, count = np.unique(creators, return_inverse=True, return_counts=True)
    means = np.zeros((len(count), views[0].shape[1]))
    for view in views:
        np.add.at(means, of, view)
    means /= count[:, None] * len(views)
    several = count[of] >= 2
    weight = np.sqrt(np.minimum(count, MOST_WORKS) / count)[of][several, None]
    covariance = np.zeros((means.shape[1],) * 2)
    for view in views:
        off = (view[several] - means[of[several]]) * weight
        covariance += off.T @ off
    return covariance / (len(views) * max(int(several.sum()), 1))
