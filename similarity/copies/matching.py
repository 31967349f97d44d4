"""Which keypoints of two pictures correspond, and which transform that tells of.

Every match of two SIFT keypoints gives a whole similarity transform (place, scale and direction),
so that none need be drawn at random: all are tried, and the answer is always the same one.

Paper: Philbin et al., "Object retrieval with large vocabularies and fast spatial matching",
CVPR 2007.
"""

from dataclasses import dataclass
from math import hypot

import numpy as np
from numpy.typing import NDArray

from similarity.copies.keypoints import LocalFeatures

Transform = NDArray[np.float64]
"""float64 [2, 3]: (x, y, 1) in pixels of the work's sketch to pixels of the upload's."""

LARGEST_SCALE = 8.0
"""A copy is at most so many times larger or smaller."""

_RATIO = 0.9
"""A match is nearer than this part of the distance to the third nearest keypoint. Two are
tried, because drawings repeat themselves: a frame has two corners that look alike."""

_MATCHES = 150
"""Most matches that are tried, the most distinct ones."""

_LOOSE, TIGHT = 0.03, 0.012
"""How far a keypoint may lie from where a transform puts it, in diagonals of the work: by the
transform of a single match, and by one that is fitted to many."""

_SIZES = np.log(1.6)
_ANGLES = np.cos(np.radians(25))
"""How much the sizes and directions of keypoints may differ from those of the transform."""

SLIGHT_STRETCH = 1.5
"""The most by which one direction is stretched against another, where that is not looked for:
`similarity.copies.anisotropic` does so."""

_ROUNDS = 4
_AFFINE = 6
"""Inliers from which an affine transform is fitted; others need only two."""


@dataclass(frozen=True)
class Fit:
    """A transform, and the matches that agree with it.

    Attributes:
        transform: From the work to the upload.
        inliers: int64 [k, 2], indices of keypoints of the work and of the upload.
    """

    transform: Transform
    inliers: NDArray[np.int64]


def match(work: LocalFeatures, upload: LocalFeatures) -> NDArray[np.int64]:
    """Pair keypoints that look alike.

    Returns:
        int64 [m, 2], indices of keypoints of the work and of the upload, the most distinct first.
    """
    if not len(work.points) or len(upload.points) < 3:
        return np.zeros((0, 2), np.int64)
    likeness = work.descriptors @ upload.descriptors.T
    rows = np.arange(len(likeness))
    nearest, distances = [], []
    for _ in range(3):
        best = likeness.argmax(axis=1)
        nearest.append(best)
        distances.append(np.sqrt(np.maximum(2 - 2 * likeness[rows, best], 1e-6)))
        likeness[rows, best] = -1
    ratio = np.concatenate([distances[0] / distances[2], distances[1] / distances[2]])
    pairs = np.stack([np.tile(rows, 2), np.concatenate(nearest[:2])], axis=1)
    order = np.argsort(ratio, kind="stable")[:_MATCHES]
    return pairs[order[ratio[order] < _RATIO]]


def fits(
    work: LocalFeatures,
    upload: LocalFeatures,
    pairs: NDArray[np.int64],
    most: int,
    least: int = 1,
) -> list[Fit]:
    """Find the transforms on which most matches agree.

    Args:
        work: Keypoints of the work.
        upload: Keypoints of the upload.
        pairs: int64 [m, 2], their matches.
        most: How many transforms; no two are told of by the same matches.
        least: Matches that must agree on one, 1 or more.

    Returns:
        The one with most votes first.
    """
    if not len(pairs):
        return []
    a, b = pairs.T
    source = work.points[a].astype(np.float64) @ (1, 1j)
    target = upload.points[b].astype(np.float64) @ (1, 1j)
    sizes = (upload.sizes[b] / work.sizes[a]).astype(np.float64)
    turns = np.exp(1j * (upload.angles[b] - work.angles[a]).astype(np.float64))
    diagonal = float(np.hypot(work.width, work.height))
    factor = sizes * turns
    offset = target - factor * source
    # Row i: which matches agree with the transform of match i. Places are compared last, since few
    # matches agree on size and direction.
    agree = _agreeing(np.log(sizes), turns)
    one, other = np.nonzero(agree)
    error = np.abs(factor[one] * source[other] + offset[one] - target[other])
    agree[one, other] = error < _LOOSE * diagonal * sizes[one]
    votes = agree.sum(axis=1)
    found: list[Fit] = []
    for _ in range(most):
        i = int(votes.argmax())
        if votes[i] < least:
            break
        transform = _similarity(factor[i], offset[i])
        inliers = agree[i]
        for _ in range(_ROUNDS):
            fitted = _fitted(source[inliers], target[inliers])
            if fitted is None:
                break
            transform = fitted
            scale, turn = _scale_and_turn(transform)
            error = np.abs(_moved(transform, source) - target) / scale
            inliers = (error < max(TIGHT * diagonal, 1.5 / scale)) & _alike(
                scale, turn, sizes, turns
            )
        found.append(Fit(transform, pairs[inliers]))
        votes[agree[i]] = 0
    return found


def distinct(work: LocalFeatures, upload: LocalFeatures, inliers: NDArray[np.int64]) -> int:
    """Count matches at places of their own, in both pictures: SIFT finds some places twice."""
    if not len(inliers):
        return 0
    counts = []
    for features, index in zip((work, upload), inliers.T, strict=True):
        places = np.rint(features.points[index]).astype(np.int64)
        counts.append(len(np.unique(places @ (features.width + 2, 1))))
    return min(counts)


def moved(transform: Transform, points: NDArray[np.floating]) -> NDArray[np.float64]:
    """Carry points [n, 2] over."""
    return np.asarray(points @ transform[:, :2].T + transform[:, 2], np.float64)


def fitted_affine(
    source: NDArray[np.float64], target: NDArray[np.float64], stretch: float = SLIGHT_STRETCH
) -> Transform | None:
    """The least-squares affine transform of points [n, 2].

    Args:
        source: In the work.
        target: In the upload.
        stretch: As for `plausible`.

    Returns:
        None if there are too few points, or no copy can be transformed so.
    """
    if len(source) < _AFFINE:
        return None
    solved, *_ = np.linalg.lstsq(np.column_stack([source, np.ones(len(source))]), target)
    transform = np.asarray(solved.T, np.float64)
    return transform if plausible(transform, stretch) else None


def inverse(transform: Transform) -> Transform:
    """From the upload back to the work."""
    back = np.linalg.inv(transform[:, :2])
    return np.column_stack([back, -back @ transform[:, 2]])


def plausible(transform: Transform, stretch: float = SLIGHT_STRETCH) -> bool:
    """Whether a copy can be transformed so: neither mirrored, nor extreme, nor sheared.

    Args:
        transform: From the work to the upload.
        stretch: The most by which it may stretch one direction against another.
    """
    (a, b, _), (c, d, _) = transform.tolist()
    area = a * d - b * c
    if area <= 0:
        return False
    # The singular values of a 2 x 2 matrix, in closed form.
    total, between = hypot(a + d, b - c), hypot(a - d, b + c)
    largest, smallest = (total + between) / 2, (total - between) / 2
    return bool(
        largest < LARGEST_SCALE and smallest > 1 / LARGEST_SCALE and largest < stretch * smallest
    )


def _agreeing(sizes: NDArray[np.float64], turns: NDArray[np.complex128]) -> NDArray[np.bool_]:
    """Which matches agree on size (a logarithm) and direction: bool [m, m], few of them."""
    agree = np.abs(sizes[:, None] - sizes) < _SIZES
    agree &= np.outer(turns.real, turns.real) + np.outer(turns.imag, turns.imag) > _ANGLES
    agree &= (np.abs(sizes) < np.log(LARGEST_SCALE))[:, None]
    return np.asarray(agree, np.bool_)


def _alike(
    size: NDArray[np.float64] | float,
    turn: NDArray[np.complex128] | complex,
    sizes: NDArray[np.float64],
    turns: NDArray[np.complex128],
) -> NDArray[np.bool_]:
    near = np.abs(np.log(sizes / size)) < _SIZES
    return np.asarray(near & ((np.conj(turn) * turns).real > _ANGLES), np.bool_)


def _similarity(factor: complex, offset: complex) -> Transform:
    return np.array(
        [
            [factor.real, -factor.imag, offset.real],
            [factor.imag, factor.real, offset.imag],
        ]
    )


def _fitted(source: NDArray[np.complex128], target: NDArray[np.complex128]) -> Transform | None:
    """The least-squares transform of three points or more, if a copy can be transformed so."""
    if len(source) < 3:
        return None
    affine = fitted_affine(_plane(source), _plane(target)) if len(source) >= _AFFINE else None
    if affine is not None:
        return affine
    middle, onto = complex(source.mean()), complex(target.mean())
    centred = source - middle
    spread = float(np.vdot(centred, centred).real)
    if spread <= 0:
        return None
    factor = complex(np.vdot(centred, target - onto)) / spread
    similarity = _similarity(factor, onto - factor * middle)
    return similarity if plausible(similarity) else None


def _scale_and_turn(transform: Transform) -> tuple[float, complex]:
    (a, b, _), (c, d, _) = transform
    turn = complex(a + d, c - b)
    return float(np.sqrt(a * d - b * c)), turn / abs(turn)


def _moved(transform: Transform, points: NDArray[np.complex128]) -> NDArray[np.complex128]:
    x, y = moved(transform, _plane(points)).T
    return np.asarray(x + 1j * y, np.complex128)


def _plane(points: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.column_stack([points.real, points.imag])
