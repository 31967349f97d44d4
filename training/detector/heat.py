"""The patch head of the heat map: logistic regression on single patch tokens.

Every patch is labelled as its image, which is all that is known. Judged on 300 collages of pictures
held out, by the AUROC of cells of the AI part against cells of the human part of the same collage:

| head | AUROC |
|---|---|
| on single patches | 0.816 |
| without the tokens that do not stand for their patch | 0.831 |
| and averaged over the neighbourhood: this one | 0.861 |
| the same on each image's mean token | 0.849 |
| the same on tokens without the mean of their position, or normalised | 0.861, 0.860 |
| the same on collages, whose patches have labels of their own (240; 480) | 0.858, 0.861 |
| the same on collages and whole images (240; 480) | 0.865, 0.867 |

The last is hardly better, and would need a thousand images more to be encoded at every training.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from detector.pixels.heat import map_patches
from models import Encoder
from models.patch_head import PatchHead, stands_for_patch
from training.data.features import FeatureTable
from training.data.splits import parted
from training.detector.calibrate import fit_platt
from training.detector.heat_evaluation import Localisation, localisation
from training.detector.recipe import Recipe, image_weights
from training.errors import TooFewImages

PATCHES = 12
"""Patches taken of each image: more change nothing, their neighbours being alike."""

C = 1e-3
"""Inverse strength of the penalty, for weights that add up to the number of all images."""

CHUNK = 256
"""Images whose tokens are in memory at once: 77 MB."""


@dataclass(frozen=True)
class HeatFit:
    """A patch head, and how well heads of its kind find AI parts of pictures held out.

    Attributes:
        head: Fitted on all images. Calibrated on the cells of the maps of images held out: of
            those where it says 4:1, four in five are of AI pictures, both being equally common.
        localisation: None if no fold holds pictures of both classes.
    """

    head: PatchHead
    localisation: Localisation | None


def fit_heat(
    table: FeatureTable,
    groups: Sequence[str],
    folds: NDArray[np.int64],
    encoder: Encoder,
    recipe: Recipe,
    *,
    collages: int = 150,
) -> HeatFit:
    """Fit, calibrate and judge a patch head.

    Args:
        table: N images with patch tokens.
        groups: The group of each, as named by `training.data.splits`.
        folds: int64 [N], 0 to the number of folds - 1.
        encoder: That of the table.
        recipe: What each image counts for, and the seed.
        collages: How many are made to judge it.

    Raises:
        TooFewImages: The maps of images held out tell nothing.
    """
    patches = sample_patches(table, recipe.seed)
    is_ai = table.is_ai
    heads = []
    for _, kept in parted(table.rows, groups, folds):
        rows = [table.rows[i] for i in kept]
        # As much weight as all images have: else the penalty, which is stronger on fewer, would
        # make these scores smaller than those of the head that is calibrated by them.
        weights = image_weights(rows, is_ai[kept], recipe) * (len(table.rows) / len(rows))
        heads.append(fit_patch_head(patches[kept], is_ai[kept], weights))
    maps = _held_out_maps(table, folds, heads)
    try:
        calibration = fit_platt(maps[is_ai], maps[~is_ai])
    except ValueError as error:
        raise TooFewImages(f"the heat map tells nothing on held-out images: {error}") from error
    head = fit_patch_head(patches, is_ai, image_weights(table.rows, is_ai, recipe))
    calibrated = PatchHead(
        weight=np.asarray(calibration.slope * head.weight, np.float32),
        bias=calibration.slope * head.bias + calibration.intercept,
    )
    found = localisation(table, groups, folds, heads, encoder, count=collages, seed=recipe.seed)
    return HeatFit(calibrated, found)


def sample_patches(table: FeatureTable, seed: int) -> NDArray[np.float16]:
    """Patch tokens at random places of each image, of those that stand for their patch.

    Returns:
        float16 [N, K, C].
    """
    rng = np.random.default_rng(seed)
    chunks = []
    for start in range(0, len(table.rows), CHUNK):
        tokens = table.patch_tokens(np.arange(start, min(start + CHUNK, len(table.rows))))
        order = rng.random(tokens.shape[:2])
        order[~stands_for_patch(tokens)] = 2.0  # behind all the others
        chosen = np.argsort(order, axis=1)[:, :PATCHES, None]
        chunks.append(np.take_along_axis(tokens, chosen, axis=1))
    return np.concatenate(chunks)


def _held_out_maps(
    table: FeatureTable, folds: NDArray[np.int64], heads: Sequence[PatchHead]
) -> NDArray[np.float32]:
    """The map of every image by the head without its fold: float32 [N, S, S]."""
    maps: dict[int, NDArray[np.float32]] = {}
    for fold, head in enumerate(heads):
        images = np.flatnonzero(folds == fold)
        for start in range(0, len(images), CHUNK):
            chunk = images[start : start + CHUNK]
            maps |= zip(chunk.tolist(), map_patches(table.patch_tokens(chunk), head), strict=True)
    return np.stack([maps[i] for i in range(len(folds))])


def fit_patch_head(
    patches: NDArray[np.float16], positive: NDArray[np.bool_], weights: NDArray[np.float64]
) -> PatchHead:
    """Fit a patch head, not yet calibrated.

    Args:
        patches: float16 [N, K, C], K patch tokens of each of N images.
        positive: bool [N], the class whose patches shall score high.
        weights: float64 [N], what each image counts for, see `image_weights`.
    """
    n, k, width = patches.shape
    x = patches.reshape(n * k, width).astype(np.float32)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale < 1e-6] = 1.0  # such a number tells nothing; its weight stays near zero
    x -= mean
    x /= scale
    model = LogisticRegression(C=C, max_iter=2000, tol=1e-4)
    model.fit(x, np.repeat(positive, k), sample_weight=np.repeat(weights, k) / k)
    weight = model.coef_[0] / scale
    return PatchHead(
        weight=np.asarray(weight, np.float32),
        bias=float(model.intercept_[0] - mean @ weight),
    )
