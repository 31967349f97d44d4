"""A first look at an upload, at half its size: which works are worth the proof.

Keypoints of the whole sketch cost more than all else that a search does. At half the size they
cost a quarter, and of works that are only somewhat like an innocent upload they nearly always
say already that nothing is copied.
"""

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from models.artefact.manifest import CopyThresholds
from similarity.copies.keypoints import LocalFeatures, extract
from similarity.copies.matching import distinct, fits, match, plausible
from similarity.copies.verification import prove

SMALL = 320
"""Longest side, in pixels, of a sketch that is not halved: too little of it would be left, and its
keypoints cost little."""

LEAST_INLIERS = 3
"""Matches at places of their own that agree on a transform; fewer hint at nothing. Of copies that
the whole sketch proves, those seen here have that many; of other works one in twenty."""

HINT = 0.01
"""Score at half the size that hints at a copy: a twentieth of what is shown to people."""


def worth_proving(
    sketch: NDArray[np.uint8], works: Mapping[int, LocalFeatures], thresholds: CopyThresholds
) -> list[int]:
    """Choose the works of which an upload may hold copies.

    Args:
        sketch: uint8 [H, W], the upload, as `imaging.sketch` gives it.
        works: By id, as `unpack` gives them.
        thresholds: What is weighed how.

    Returns:
        Their ids, in the order of the works.
    """
    if not works:
        return []
    upload = extract(_halved(sketch) if max(sketch.shape) > SMALL else sketch)
    return [id_ for id_, work in works.items() if _hinted(upload, work, thresholds)]


def _halved(sketch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = sketch.shape
    half = max(1, width // 2), max(1, height // 2)
    return np.asarray(cv2.resize(sketch, half, interpolation=cv2.INTER_AREA), np.uint8)


def _hinted(upload: LocalFeatures, work: LocalFeatures, thresholds: CopyThresholds) -> bool:
    if not any(_matched(upload, seen) for seen in (work, work.mirrored())):
        return False
    proof = prove(upload, work, thresholds)
    return proof is not None and proof.score >= HINT


def _matched(upload: LocalFeatures, work: LocalFeatures) -> bool:
    return any(
        plausible(fit.transform) and distinct(work, upload, fit.inliers) >= LEAST_INLIERS
        for fit in fits(work, upload, match(work, upload), 2)
    )
