"""Whether an upload holds a copy of a work, shown by the pixels: where, and how surely.

Keypoints propose transforms, all of them are checked against the pictures themselves, and a
logistic regression over what was found says how probable a copy is. Its weights, and the scores
from which a copy is proven, stand in the similarity model's manifest.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason, reason
from evidence.similarity import Quad
from models.artefact.manifest import CopyThresholds, ProofWeights
from similarity.copies.anisotropic import STRETCH, stretched
from similarity.copies.keypoints import LocalFeatures
from similarity.copies.matching import (
    SLIGHT_STRETCH,
    Fit,
    Transform,
    distinct,
    fits,
    inverse,
    match,
    moved,
    plausible,
)
from similarity.copies.pixel_agreement import GRID, Agreement, compare, figure, improved

_MANY = 40
"""Inliers beyond which more of them prove no more."""

_ENOUGH_SHOWN = 0.4
"""Part of the work from which its agreement counts in full: of less, there is less to disagree."""

FITS = 2
"""Transforms that are checked, by the votes of the keypoints."""

FEW = 3
"""A transform with fewer inliers is checked only for works with fewer keypoints than `POOR`."""

POOR = 80
"""Keypoints of a work below which it is a flat drawing, which has few to prove it by."""

_ENOUGH, _SETTLED = 12, 0.6
"""Inliers, and agreement, from which the keypoints need no help."""

_TELLING, _SPOTS = 5, 8
"""Inliers, and windows that show anything, from which a figure is looked at without its ground."""

_SAME = 0.6
"""Correlation of a window from which it shows the same."""

_STRUCTURE = 4.0
"""Standard deviation, in grey levels, of a window that shows anything."""

_STRAY = 0.2
"""A patch of windows that is smaller than this part of the largest one is chance."""

_CERTAIN = 0.75
"""Agreement from which, with twice as many inliers, nothing better is looked for. Half of a
picture that is nearly symmetrical agrees with its mirror image too, but not as well."""

_HOPELESS, _PERFECT = 0.35, 0.97
"""Agreement between which a transform with few inliers is worth improving."""

_LEAST_OVERLAP = 0.08
"""A transform by which the upload shows less of the work says nothing."""

_LONGER = 0.12
"""How much the aspect ratios of whole copies may differ (natural logarithm)."""


@dataclass(frozen=True)
class Signals:
    """What was found, before it is judged.

    Attributes:
        inliers: Matched keypoints that agree with the transform, at places of their own.
        share_of_work: Part of the work's keypoints, of those that the upload shows, that match.
        agreement: Mean correlation of the windows, 0 to 1.
        best: What four fifths do not exceed.
        local_agreement: Mean correlation around the inliers.
        extent: Part of the work that the inliers span.
        overlap: Part of the work that the upload shows.
    """

    inliers: int
    share_of_work: float
    agreement: float
    best: float
    local_agreement: float
    extent: float
    overlap: float


NOTHING = Signals(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""Where no transform is even plausible."""


@dataclass(frozen=True)
class Proof:
    """A copy, and what shows it.

    Attributes:
        score: How probable, 0 to 1.
        inliers: How many keypoints agree on the transform.
        in_upload: Where the copied part lies in the upload.
        in_work: Where it lies in the work.
        mirrored: Whether the copy is mirrored.
        reason: What shows it.
        signals: What was found.
    """

    score: float
    inliers: int
    in_upload: Quad
    in_work: Quad
    mirrored: bool
    reason: Reason
    signals: Signals


@dataclass(frozen=True)
class _Candidate:
    transform: Transform
    inliers: NDArray[np.int64]
    count: int
    agreement: Agreement
    work: LocalFeatures
    mirrored: bool

    @property
    def merit(self) -> float:
        seen = self.agreement.mean() * self.agreement.overlap**0.25
        return float(seen + 0.04 * min(self.count, 15))

    @property
    def settled(self) -> bool:
        return self.count >= _ENOUGH and self.agreement.mean() > _SETTLED

    @property
    def certain(self) -> bool:
        return self.count >= 2 * _ENOUGH and self.agreement.mean() > _CERTAIN


def prove(upload: LocalFeatures, work: LocalFeatures, thresholds: CopyThresholds) -> Proof | None:
    """Look for a copy of a work, or of a part of it, in an upload, as it is and mirrored.

    Args:
        upload: As `extract` gives it, with its sketch.
        work: As `extract` or `unpack` gives it.
        thresholds: What is weighed how, and what is proof.

    Returns:
        The best evidence of a copy, however weak; None if no transform is even plausible.
    """
    found = _best(upload, work)
    if found is None:
        return None
    signals = _signals(found, upload)
    score = probability(signals, thresholds.proof)
    bare = _figure_alone(found, upload) if score < thresholds.proven else None
    if bare is not None:
        seen = _signals(bare, upload)
        if (probable := probability(seen, thresholds.proof)) > score:
            found, signals, score = bare, seen, probable
    in_upload, in_work = _regions(found, upload)
    return Proof(
        score=score,
        inliers=found.count,
        in_upload=in_upload,
        in_work=in_work,
        mirrored=found.mirrored,
        reason=_reason(found, signals, proven=score >= thresholds.proven),
        signals=signals,
    )


def _best(upload: LocalFeatures, work: LocalFeatures) -> _Candidate | None:
    best: _Candidate | None = None
    for mirrored in (False, True):
        seen = work.mirrored() if mirrored else work
        for candidate in _candidates(upload, seen, mirrored):
            if best is None or candidate.merit > best.merit:
                best = candidate
        if best is not None and best.certain:
            return best
    if best is None or best.settled or not _HOPELESS < best.agreement.mean() < _PERFECT:
        return best
    transform = improved(best.work, upload, best.transform)
    stretch = SLIGHT_STRETCH if plausible(best.transform) else STRETCH
    if transform is None or not plausible(transform, stretch):
        return best
    agreement = compare(best.work, upload, transform)
    if agreement.mean() < best.agreement.mean():
        return best
    return _Candidate(transform, best.inliers, best.count, agreement, best.work, best.mirrored)


def _figure_alone(found: _Candidate, upload: LocalFeatures) -> _Candidate | None:
    """The same transform, checked by what stands on the work's plain ground alone.

    Art on transparency is shown on another ground than it was enrolled on, and stickers are cut out
    and pasted over pictures. Many keypoints must tell of the transform: figures have less to
    disagree by.
    """
    part = figure(found.work) if found.count >= _TELLING else None
    if part is None:
        return None
    agreement = compare(found.work, upload, found.transform, part)
    if (agreement.weight > _STRUCTURE).sum() < _SPOTS:
        return None
    return replace(found, agreement=agreement)


def _candidates(upload: LocalFeatures, work: LocalFeatures, mirrored: bool) -> list[_Candidate]:
    """What the keypoints tell of, checked; if that is not much, rarer transforms too."""

    def checked(fit: Fit) -> _Candidate:
        count = distinct(work, upload, fit.inliers)
        agreement = compare(work, upload, fit.transform)
        return _Candidate(fit.transform, fit.inliers, count, agreement, work, mirrored)

    pairs = match(work, upload)
    few = FEW if len(work.points) >= POOR else 1
    candidates = [
        checked(fit)
        for fit in fits(work, upload, pairs, FITS, few)
        if plausible(fit.transform) and len(fit.inliers) >= few
    ]
    if not any(candidate.settled for candidate in candidates):
        others = (stretched(work, upload, pairs), _whole(work, upload))
        candidates += [checked(fit) for fit in others if fit is not None]
    return [c for c in candidates if c.agreement.overlap >= _LEAST_OVERLAP]


def _whole(work: LocalFeatures, upload: LocalFeatures) -> Fit | None:
    """The quarter turn by which the whole work is most like the whole upload.

    Flat drawings have too few keypoints to tell, but are mostly copied whole.
    """
    best: tuple[float, int] | None = None
    for turns in range(4):
        width, height = (work.width, work.height) if turns % 2 == 0 else (work.height, work.width)
        if abs(np.log(upload.width / upload.height * height / width)) > _LONGER:
            continue
        likeness = abs(float((work.edges * np.rot90(upload.edges, -turns)).sum()))
        if best is None or likeness > best[0]:
            best = likeness, turns
    if best is None:
        return None
    right, bottom = work.width - 0.5, work.height - 0.5
    corners = [(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)]
    right, bottom = upload.width - 0.5, upload.height - 0.5
    onto = [(-0.5, -0.5), (right, -0.5), (right, bottom), (-0.5, bottom)]
    # `turns` counter-clockwise: what was top left is then bottom left, bottom right, top right.
    turned = onto[-best[1] :] + onto[: -best[1]] if best[1] else onto
    transform = cv2.getAffineTransform(
        np.array(corners[:3], np.float32), np.array(turned[:3], np.float32)
    )
    return Fit(np.asarray(transform, np.float64), np.zeros((0, 2), np.int64))


def _signals(found: _Candidate, upload: LocalFeatures) -> Signals:
    work, agreement = found.work, found.agreement
    a = work.points[found.inliers[:, 0]]
    near = _around(a, work)
    extent = float(cv2.contourArea(cv2.convexHull(a))) if len(a) >= 3 else 0.0
    visible = _inside(moved(found.transform, work.points), upload)
    return Signals(
        inliers=found.count,
        share_of_work=found.count / max(visible, 1),
        agreement=agreement.mean(),
        best=agreement.quantile(0.8),
        local_agreement=agreement.mean(near),
        extent=extent / (work.width * work.height),
        overlap=agreement.overlap,
    )


def _inside(points: NDArray[np.float64], picture: LocalFeatures) -> int:
    within = (points >= -0.5) & (points <= (picture.width - 0.5, picture.height - 0.5))
    return int(within.all(axis=1).sum())


def _around(points: NDArray[np.float32], work: LocalFeatures) -> NDArray[np.bool_]:
    """The windows of the box around points, bool [GRID, GRID]."""
    near = np.zeros((GRID, GRID), np.bool_)
    if len(points):
        low, high = _box(points, work)
        left, top = np.floor(low * GRID).astype(int)
        right, bottom = np.ceil(high * GRID).astype(int)
        near[top:bottom, left:right] = True
    return near


def _box(
    points: NDArray[np.floating], picture: LocalFeatures
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    parts = (points + 0.5) / (picture.width, picture.height)
    return np.clip(parts.min(axis=0), 0, 1), np.clip(parts.max(axis=0), 0, 1)


def _regions(found: _Candidate, upload: LocalFeatures) -> tuple[Quad, Quad]:
    """Where the copied part lies: what looks the same, and the inliers."""
    work = found.work
    rows, columns = np.nonzero(_same(found))
    cells = np.column_stack([columns, rows]).astype(np.float64)
    size = np.array([work.width, work.height])
    seen = np.concatenate([cells, cells + 1]) / GRID * size - 0.5
    seen = np.concatenate([seen, work.points[found.inliers[:, 0]]])
    if not len(seen):
        seen = np.array([(-0.5, -0.5), size - 0.5])
    limits = (-0.5, -0.5), (upload.width - 0.5, upload.height - 0.5)
    corners = _corners(seen)
    onto = np.clip(moved(found.transform, corners), *limits)
    # Back from the upload: the same part, upright there.
    there = moved(inverse(found.transform), _corners(onto))
    if found.mirrored:
        there[:, 0] = work.width - 1 - there[:, 0]
        onto = onto[[1, 0, 3, 2]]
    return _quad(onto, upload), _quad(there, work)


def _same(found: _Candidate) -> NDArray[np.bool_]:
    """The windows that show the same, bool [GRID, GRID], without stray ones that happen to."""
    same = (found.agreement.correlation > _SAME) & (found.agreement.weight > _STRUCTURE)
    count, patches = cv2.connectedComponents(same.astype(np.uint8), connectivity=8)
    sizes = np.bincount(patches.ravel(), minlength=count)
    sizes[0] = 0
    return np.asarray(sizes[patches] > _STRAY * sizes.max(), np.bool_)


def _corners(points: NDArray[np.floating]) -> NDArray[np.float64]:
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float64)


def _quad(points: NDArray[np.float64], picture: LocalFeatures) -> Quad:
    parts = np.clip((points + 0.5) / (picture.width, picture.height), 0, 1)
    a, b, c, d = ((float(x), float(y)) for x, y in parts)
    return a, b, c, d


def probability(signals: Signals, weights: ProofWeights) -> float:
    """How probable a copy is: 0 to 1."""
    found = terms(signals)
    logit = weights.bias + sum(weights.weights[name] * value for name, value in found.items())
    return float(1 / (1 + np.exp(-logit)))


def terms(signals: Signals) -> dict[str, float]:
    """What the regression weighs, each 0 to 1; more of any speaks for a copy."""
    found = np.log1p(min(signals.inliers, _MANY)) / np.log1p(_MANY)
    shown = min(signals.overlap / _ENOUGH_SHOWN, 1)
    return {
        "agrees fully": shown * signals.agreement**4,
        "agrees somewhere": shown * signals.best,
        "part that agrees": float(np.sqrt(signals.extent)) * signals.local_agreement**2,
        "matches": float(found * np.sqrt(min(signals.share_of_work, 1))),
    }


def _reason(found: _Candidate, signals: Signals, *, proven: bool) -> Reason:
    ending = "" if proven else "_unproven"
    mirrored = "mirrored" if found.mirrored else None
    if found.count < FEW:
        return reason(
            f"copy_laid_over{ending}", agreement=float(signals.agreement), mirrored=mirrored
        )
    return reason(
        f"copy_points{ending}",
        points=found.count,
        shown=None if signals.overlap > 0.9 else float(signals.overlap),
        agreement=float(signals.local_agreement),
        mirrored=mirrored,
    )
