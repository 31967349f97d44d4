"""Whether two pictures look the same, place by place, where a transform lays one on the other.

Matched keypoints alone do not prove a copy: a shared frame, caption or logo matches too. Both
pictures are compared at 64 x 64 pixels of the work, in windows, by their normalised correlation:
light, contrast and (by the absolute value) inversion do not matter.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.ground import plain_ground
from similarity.copies.keypoints import PICTURE, LocalFeatures
from similarity.copies.matching import Transform

GRID = 16
"""Windows are compared at 16 x 16 places."""

_WINDOW = 9
"""Side of a window in pixels of the small picture."""

_NOISE = 15.0
"""Variance (grey levels squared) that counts as no structure."""

_FARTHEST = 0.35
"""A transform that has to be changed by more than this was wrong."""

_LEAST_OF_FIGURE = 25
"""Pixels of a figure in a window from which the window says anything."""

_LEAST_FIGURE = 60
"""Pixels of a figure in the small picture from which it can be told."""

_LEAST_GROUND = 0.1
"""Part of the small picture that a ground takes up, at least."""

_STEP = PICTURE // GRID


@dataclass(frozen=True)
class Agreement:
    """How alike the pictures are, at GRID x GRID places of the work.

    Attributes:
        correlation: float32 [GRID, GRID], 0 to 1, of the windows.
        weight: float32 [GRID, GRID], how much structure there is (standard deviation, in grey
            levels, of the picture that has more); 0 where the upload does not show the place.
            Of a part of the work: less where a window holds less of it.
        overlap: Part of the work that the upload shows, 0 to 1.
    """

    correlation: NDArray[np.float32]
    weight: NDArray[np.float32]
    overlap: float

    def mean(self, within: NDArray[np.bool_] | None = None) -> float:
        """The mean correlation by weight; 0 where there is no structure at all."""
        weight = self.weight if within is None else self.weight * within
        total = float(weight.sum())
        return float((self.correlation * weight).sum()) / total if total > 0 else 0.0

    def quantile(self, part: float) -> float:
        """The correlation that this part of the weight does not exceed."""
        values, weights = self.correlation.ravel(), self.weight.ravel()
        order = np.argsort(values, kind="stable")
        summed = np.cumsum(weights[order])
        if summed[-1] <= 0:
            return 0.0
        at = int(np.searchsorted(summed, part * summed[-1]))
        return float(values[order[min(at, len(order) - 1)]])


def compare(
    work: LocalFeatures,
    upload: LocalFeatures,
    transform: Transform,
    part: NDArray[np.bool_] | None = None,
) -> Agreement:
    """Compare the pictures where a transform lays the upload on the work.

    Args:
        work: With a picture of 64 x 64 pixels, or larger.
        upload: With its sketch.
        transform: From the work to the upload.
        part: bool [64, 64], of the work's small picture: what is looked at; None for all of it.
            The `overlap` is then of this part.
    """
    own = work.small
    other, shown = _warped(upload, transform @ to_sketch(work))
    mask = (shown if part is None else shown & part).astype(np.float32)
    count = _sums(mask)
    some = np.maximum(count, 1)
    mean, mean_other = _sums(own * mask) / some, _sums(other * mask) / some
    variance = np.maximum(_sums(own * own * mask) / some - mean**2, 0)
    variance_other = np.maximum(_sums(other * other * mask) / some - mean_other**2, 0)
    shared = _sums(own * other * mask) / some - mean * mean_other
    correlation = np.abs(shared) / np.sqrt((variance + _NOISE) * (variance_other + _NOISE))
    weight = np.sqrt(np.maximum(variance, variance_other))
    if part is None:
        weight *= count > _WINDOW**2 / 2
    else:
        weight *= np.sqrt(count) / _WINDOW * (count > _LEAST_OF_FIGURE)
    return Agreement(
        correlation=np.minimum(correlation, 1).astype(np.float32),
        weight=weight.astype(np.float32),
        overlap=float(mask.mean() if part is None else mask.sum() / max(part.sum(), 1)),
    )


def figure(work: LocalFeatures) -> NDArray[np.bool_] | None:
    """What of a work stands on a plain ground, and goes with it to another one.

    Returns:
        bool [64, 64], of the small picture, without the outermost pixels of the figure, in which
        the ground shows; None where there is no such ground, or next to nothing on it.
    """
    ground = plain_ground(work.small.astype(np.uint8))
    if ground is None:
        return None
    inner = cv2.erode((~ground).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return inner if inner.sum() >= _LEAST_FIGURE and ground.mean() > _LEAST_GROUND else None


def improved(work: LocalFeatures, upload: LocalFeatures, transform: Transform) -> Transform | None:
    """Move a transform so that the pictures agree better; None if that does not succeed.

    Paper: Evangelidis and Psarakis, "Parametric image alignment using enhanced correlation
    coefficient maximization", PAMI 2008.
    """
    step = to_sketch(work)
    other, shown = _warped(upload, transform @ step)
    own = work.small.astype(np.uint8)
    change = np.eye(2, 3, dtype=np.float32)
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 20, 1e-3)
    try:
        _, found = cv2.findTransformECC(
            own,
            np.clip(other, 0, 255).astype(np.uint8),
            change,
            cv2.MOTION_AFFINE,
            stop,
            shown.astype(np.uint8),
            5,
        )
    except cv2.error:  # it does not converge, or nothing overlaps
        return None
    if np.abs(found[:, :2] - np.eye(2)).max() > _FARTHEST:
        return None
    square = np.vstack([found.astype(np.float64), (0, 0, 1)])
    return np.asarray(transform @ step @ square @ np.linalg.inv(step), np.float64)


def to_sketch(features: LocalFeatures) -> NDArray[np.float64]:
    """From pixels of the small picture to those of the sketch, float64 [3, 3]."""
    x, y = features.width / PICTURE, features.height / PICTURE
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2], [0, 0, 1]])


def _warped(
    upload: LocalFeatures, transform: Transform
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The upload seen from the small picture of the work, and where it shows anything."""
    step = float(np.sqrt(max(abs(np.linalg.det(transform[:, :2])), 1e-9)))
    level = int(np.clip(round(np.log2(step)), 0, len(upload.levels) - 1))
    picture = upload.levels[level]
    height, width = picture.shape
    x, y = width / upload.width, height / upload.height
    onto = np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]])
    whole = onto @ np.vstack([transform, (0, 0, 1)])
    other = cv2.warpAffine(
        picture,
        whole,
        (PICTURE, PICTURE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    along = np.arange(PICTURE)
    across = whole[:, 0, None, None] * along + whole[:, 1, None, None] * along[:, None]
    u, v = across + whole[:, 2, None, None]
    shown = (u >= -0.5) & (v >= -0.5) & (u <= width - 0.5) & (v <= height - 0.5)
    return other.astype(np.float32), shown


def _sums(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sums over the windows around the GRID x GRID places."""
    window = (_WINDOW, _WINDOW)
    summed = cv2.boxFilter(
        values, cv2.CV_32F, window, normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray(summed[_STEP // 2 :: _STEP, _STEP // 2 :: _STEP], np.float32)
