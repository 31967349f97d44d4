"""A first look at an upload, at half its size: which works are worth the proof.

Keypoints of the whole sketch cost more than all else that a search does. At half the size they
cost a quarter, and of works that are only somewhat like an innocent upload they nearly always
say already that nothing is copied. Three ways, by how like a work is to the upload, or a window:

| like | what is asked first |
|---|---|
| very | nothing: it is proven |
| rather | a proof at half the size that hints at a copy |
| less | whether some keypoints lie alike at half the size, and then that proof |
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from models.artefact.manifest import CopyThresholds
from similarity.copies.keypoints import LocalFeatures, extract
from similarity.copies.matching import distinct, fits, match, plausible
from similarity.copies.verification import FEW, FITS, POOR, prove

SMALL = 256
"""Longest side, in pixels, of a sketch that is not halved: too little of it would be left, and its
keypoints cost little."""

VERY = 0.7
"""Cosine of what is very like an upload: one innocent picture in thirteen has a work so like it."""

RATHER = 0.4
"""Cosine of what is rather like it. Flat drawings are very like it from here on: at half the size
next to none of their few keypoints are left."""

HINT = 0.005
"""Score at half the size that hints at a copy: a fortieth of what is shown to people."""


def deserves_proof(cosine: float, work: LocalFeatures) -> bool:
    """Whether a work is so like an upload that it is proven without a first look.

    Args:
        cosine: The highest of a window of the upload.
        work: As `unpack` gives it.
    """
    return cosine >= (RATHER if len(work.points) < POOR else VERY)


def first_look(sketch: NDArray[np.uint8]) -> LocalFeatures:
    """The keypoints of a sketch, uint8 [H, W], at half its size, unless it is small."""
    if max(sketch.shape) <= SMALL:
        return extract(sketch)
    height, width = sketch.shape
    half = max(1, width // 2), max(1, height // 2)
    return extract(np.asarray(cv2.resize(sketch, half, interpolation=cv2.INTER_AREA), np.uint8))


def hinted(
    upload: LocalFeatures, work: LocalFeatures, cosine: float, thresholds: CopyThresholds
) -> bool:
    """Whether keypoints hint at a copy that is worth the proof.

    Args:
        upload: As `first_look` gives it.
        work: As `unpack` gives it.
        cosine: As in `deserves_proof`.
        thresholds: What is weighed how.
    """
    if cosine < RATHER and not any(_lie_alike(upload, seen) for seen in (work, work.mirrored())):
        return False
    proof = prove(upload, work, thresholds)
    return proof is not None and proof.score >= HINT


def _lie_alike(upload: LocalFeatures, work: LocalFeatures) -> bool:
    """Whether as many keypoints lie alike as a proof asks for, each at a place of its own."""
    return any(
        plausible(fit.transform) and distinct(work, upload, fit.inliers) >= FEW
        for fit in fits(work, upload, match(work, upload), FITS, FEW)
    )
