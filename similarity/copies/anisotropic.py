"""Transforms that stretch: a work pasted into a box of another shape, as in many collages.

A stretched keypoint has another size and direction than before, so that a single match does not
give the transform. Two do if the work was stretched along its sides and not turned: all pairs of
matches are tried.
"""

import numpy as np
from numpy.typing import NDArray

from similarity.copies.keypoints import LocalFeatures
from similarity.copies.matching import (
    LARGEST_SCALE,
    TIGHT,
    Fit,
    Transform,
    distinct,
    fitted_affine,
    moved,
    plausible,
)

STRETCH = 3.2
"""The most by which one direction is stretched against another."""

_TRIED = 48
"""Most matches, the most distinct ones of those that are not turned."""

_VOTES = 4
"""Matches that agree on a transform, the two that gave it included; fewer are chance."""

_APART = 0.04
"""Matches that are nearer in x or y say too little of the scale along it; in diagonals."""

_LOOSE = 0.02
"""How far a keypoint may lie from where the transform of two matches puts it, in diagonals."""

_SIZES = np.log(1.8)
_ANGLES = np.cos(np.radians(25))
"""How much the sizes and directions of keypoints may differ from those of the transform."""

_TURNED = np.cos(np.radians(50))
"""How far directions may differ: stretching alone turns them by up to 32 degrees."""

_ROUNDS = 3


def stretched(work: LocalFeatures, upload: LocalFeatures, pairs: NDArray[np.int64]) -> Fit | None:
    """Find the stretching transform on which most matches agree.

    Args:
        work: Keypoints of the work.
        upload: Keypoints of the upload.
        pairs: int64 [m, 2], their matches, the most distinct first.
    """
    angles = upload.angles[pairs[:, 1]] - work.angles[pairs[:, 0]]
    pairs = pairs[np.flatnonzero(np.cos(angles) > _TURNED)[:_TRIED]]
    if len(pairs) < _VOTES:
        return None
    a, b = pairs.T
    sizes = np.log(upload.sizes[b] / work.sizes[a]).astype(np.float64)
    diagonal = float(np.hypot(work.width, work.height))
    source, target = work.points[a].astype(np.float64), upload.points[b].astype(np.float64)
    agree, scale = _votes(source, target, sizes, diagonal)
    agree &= _facing(scale, work.angles[a], upload.angles[b])
    inliers = agree[agree.sum(axis=1).argmax()] if len(agree) else np.zeros(len(a), np.bool_)
    transform: Transform | None = None
    for _ in range(_ROUNDS):
        fitted = _fitted(source[inliers], target[inliers])
        if fitted is None:
            break
        transform = fitted
        size = float(np.sqrt(np.linalg.det(transform[:, :2])))
        error = np.linalg.norm(moved(transform, source) - target, axis=1) / size
        inliers = error < max(TIGHT * diagonal, 1.5 / size)
        inliers &= np.abs(sizes - np.log(size)) < _SIZES
    if transform is None or distinct(work, upload, pairs[inliers]) < _VOTES:
        return None
    return Fit(transform, pairs[inliers])


def _votes(
    source: NDArray[np.float64],
    target: NDArray[np.float64],
    sizes: NDArray[np.float64],
    diagonal: float,
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """What every two matches say, where that is possible and enough others say the same.

    Args:
        source: float64 [n, 2], places in the work.
        target: float64 [n, 2], in the upload.
        sizes: float64 [n], logarithm of how many times larger the upload's keypoint is.
        diagonal: Of the work.

    Returns:
        bool [p, n], which matches agree with the p-th transform; float64 [p, 2], its scales.
    """
    i, j = np.triu_indices(len(source), 1)
    apart = source[j] - source[i]
    apart[np.abs(apart) < _APART * diagonal] = np.inf
    # Scales along x and y; negative ones, of a mirrored work, fall out as too small.
    scales = np.log(np.maximum((target[j] - target[i]) / apart, 1e-9))
    size, half = scales.mean(axis=1), np.abs(scales[:, 0] - scales[:, 1]) / 2
    fair = (half < np.log(STRETCH) / 2) & (np.abs(size) + half < np.log(LARGEST_SCALE))
    fair &= np.abs(sizes[i] - size) < _SIZES
    fair &= np.abs(sizes[j] - size) < _SIZES
    i, size, scale = i[fair], size[fair, None], np.exp(scales[fair])
    agree = np.abs(sizes - size) < _SIZES
    for axis in (0, 1):
        factor = scale[:, axis, None]
        offset = target[i, axis, None] - factor * source[i, axis, None]
        error = np.abs(factor * source[:, axis] + offset - target[:, axis])
        agree &= error < _LOOSE * diagonal * factor
    likely = agree.sum(axis=1) >= _VOTES
    return agree[likely], scale[likely]


def _facing(
    scale: NDArray[np.float64], angles: NDArray[np.float32], seen: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Whether keypoints [n] face where a stretched gradient does: bool [p, n]."""
    # A gradient is the steeper along an axis the more that is compressed.
    x, y = np.cos(angles) / scale[:, :1], np.sin(angles) / scale[:, 1:]
    return np.asarray(x * np.cos(seen) + y * np.sin(seen) > _ANGLES * np.hypot(x, y), np.bool_)


def _fitted(source: NDArray[np.float64], target: NDArray[np.float64]) -> Transform | None:
    """An affine transform, or of few points one along the sides, if a copy can be stretched so."""
    affine = fitted_affine(source, target, STRETCH)
    if affine is not None or len(source) < 3:
        return affine
    middle = source.mean(axis=0)
    spread = ((source - middle) ** 2).sum(axis=0)
    if (spread <= 0).any():
        return None
    scale = ((source - middle) * target).sum(axis=0) / spread
    transform = np.column_stack([np.diag(scale), target.mean(axis=0) - scale * middle])
    return transform if (scale > 0).all() and plausible(transform, STRETCH) else None
