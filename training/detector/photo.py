"""Features to the photo head, and its figures.

What it learns from: images labelled as photographs, by cameras and by AI, against works by people.
AI pictures of other kinds are left out: many look like photographs whatever their prompt asked
for, and nobody has said which (with AI anime among the others, fewer photographs were found).
Renders are learnt as works, since people make them, but set no threshold: the photorealistic ones
look like photographs, and have a figure of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.artefact.manifest import PhotoThresholds
from models.encoder.features import Features
from models.heads import Head
from training.data.manifest import Row
from training.detector.calibrate import fit_platt, operating_point
from training.detector.linear import cross_fit_linear, fit_linear
from training.detector.recipe import Recipe, image_weights
from training.evaluation.intervals import Estimate, share
from training.evaluation.metrics import auroc

PHOTO = "photo"
"""The kind of photographs in a manifest."""

PHOTO_LIKE = frozenset({"render", "other", ""})
"""Kinds of human works that may look like photographs, or that do not say: they set no threshold.
Of them, only renders are learnt from."""

RATE = 0.01
"""Stated rate of both answers: of art called a photograph, of photographs called none."""

RECIPE = Recipe(inputs=("embedding",), c=3e-3)
"""The embedding says what an image is, whatever was done to it: of 200 photographs that went
through a filter (posterised, blurred, ...) it found 75 %, and 61 % with the blocks' class tokens
beside it. Degraded copies in the fit added 1 % there and cost 3 % of the others."""


@dataclass(frozen=True)
class PhotoFigures:
    """What the photo head is worth, every image scored without its group.

    Attributes:
        auroc: Photographs against art.
        found: Share of photographs that are called so, by label (`ai`, `human`).
        hinted: Share of human works called photographs, by kind, renders among them.
    """

    auroc: Estimate
    found: dict[str, Estimate]
    hinted: dict[str, Estimate]


@dataclass(frozen=True)
class FittedPhoto:
    """A photo head, not yet saved.

    Attributes:
        head: Fitted on all images that are learnt from.
        thresholds: From scores of every image by a head without its fold.
        figures: What it is worth.
    """

    head: Head
    thresholds: PhotoThresholds
    figures: PhotoFigures


def is_learnt(row: Row) -> bool:
    """Whether an image's kind says well enough what it is."""
    return row.kind == PHOTO or (row.label == "human" and row.kind not in {"other", ""})


def fit_photo(
    rows: Sequence[Row],
    features: Features,
    groups: Sequence[str],
    folds: NDArray[np.int64],
    recipe: Recipe = RECIPE,
) -> FittedPhoto | None:
    """Fit the photo head, calibrated on scores by heads that had not seen the image's fold.

    Args:
        rows: N rows.
        features: Of them, one view each.
        groups: The group of each, as named by `training.data.splits.group_keys`.
        folds: int64 [N]; folds part no group.
        recipe: How.

    Returns:
        None where there are too few photographs or other works to hold some out, or where what is
        learnt of them does not tell those held out.
    """
    learnt = np.array([is_learnt(row) for row in rows])
    kept = [row for row, use in zip(rows, learnt, strict=True) if use]
    kinds, folds = np.array([row.kind for row in kept]), folds[learnt]
    is_photo = kinds == PHOTO
    is_art = ~np.isin(kinds, [PHOTO, *PHOTO_LIKE])
    for mine in (is_photo, is_art):
        if len(set(folds[mine])) < 2:
            return None
    names = [group for group, use in zip(groups, learnt, strict=True) if use]
    seen = features[learnt]
    scores = cross_fit_linear(kept, seen, is_photo, names, folds, recipe).astype(np.float64)
    photos, art = scores[is_photo], scores[is_art]
    try:
        calibration = fit_platt(photos, art)
    except ValueError:
        return None
    thresholds = PhotoThresholds(
        calibration=calibration,
        photo=operating_point("above", RATE, art),
        not_photo=operating_point("below", RATE, photos),
    )
    above = scores > thresholds.photo.threshold
    is_ai = np.array([row.label == "ai" for row in kept])
    figures = PhotoFigures(
        auroc=auroc(photos, art),
        found={
            label: share(above[mine])
            for label, mine in (("ai", is_photo & is_ai), ("human", is_photo & ~is_ai))
            if mine.any()
        },
        hinted={str(k): share(above[kinds == k]) for k in np.unique(kinds[~is_photo])},
    )
    head = fit_linear(seen, is_photo, image_weights(kept, is_photo, recipe), recipe)
    return FittedPhoto(head, thresholds, figures)
