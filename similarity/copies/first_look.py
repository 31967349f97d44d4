"""A first look at a candidate: whether it is worth the proof.

A proof compares pixels under many transforms, and costs several times as much as to find out
whether some keypoints lie alike. Of works that are only somewhat like an upload hardly any has
three that do, unless the upload holds a copy of it.
"""

from similarity.copies.anisotropic import stretched
from similarity.copies.keypoints import LocalFeatures
from similarity.copies.matching import distinct, fits, match, plausible
from similarity.copies.verification import FEW, FITS, POOR

VERY = 0.7
"""Cosine of what is very like an upload, and proven without a first look."""

RATHER = 0.4
"""Cosine of what is rather like it: keypoints may lie alike under a stretch, too. Flat drawings,
of which pixels show more than their few keypoints, are very like it from here on."""


def worth_proving(upload: LocalFeatures, work: LocalFeatures, cosine: float) -> bool:
    """Whether an upload may hold a copy of a work.

    Args:
        upload: As `extract` gives it, of the whole sketch: of half of it too little is left of a
            work that was pasted small.
        work: As `unpack` gives it.
        cosine: The highest of the upload or of a part of it.
    """
    if cosine >= (RATHER if len(work.points) < POOR else VERY):
        return True
    return any(
        _lie_alike(upload, seen, stretch=cosine >= RATHER) for seen in (work, work.mirrored())
    )


def _lie_alike(upload: LocalFeatures, work: LocalFeatures, *, stretch: bool) -> bool:
    """Whether as many keypoints lie alike as a proof asks for, each at a place of its own."""
    pairs = match(work, upload)
    likely = fits(work, upload, pairs, FITS, FEW)
    if any(
        plausible(one.transform) and distinct(work, upload, one.inliers) >= FEW for one in likely
    ):
        return True
    return stretch and stretched(work, upload, pairs) is not None
