"""The signal that looks at the pixels alone: the head's score, calibrated, with abstention."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.pixels.views import COUNT
from evidence.ai import Verdict
from evidence.reasons import Reason, reason
from models.artefact.detector import DetectorArtefact
from models.artefact.manifest import DetectorManifest, OperatingPoint
from models.encoder.features import Features


@dataclass(frozen=True)
class PixelScore:
    """What the score of the pixels calls for.

    Attributes:
        score: Raw score; higher is more AI-like. Unbounded.
        probability: Calibrated, 0 to 1.
        verdict: What it calls for.
        reason: Why that.
        stability: 1 minus the change of the probability under mild recompression, 0 to 1; None
            where the first view left no doubt, and where the model looks at one view alone.
        stable: The verdict survives mild recompression, as far as that was looked at.
    """

    score: float
    probability: float
    verdict: Verdict
    reason: Reason
    stability: float | None = None
    stable: bool = True


def in_doubt(first: Features, artefact: DetectorArtefact) -> bool:
    """Whether the first view of an image leaves enough doubt for its other views to be scored.

    Args:
        first: Features of the first view.
        artefact: The head, and the score from which on there is doubt.

    Raises:
        EncoderDiffers: The features are another encoder's.
    """
    artefact.require(first.encoder)
    doubt = artefact.manifest.doubt
    return doubt is not None and float(artefact.head.score(first[:1])[0]) > doubt


def combine(scores: NDArray[np.float64], doubt: float | None) -> float:
    """One raw score for an image.

    Args:
        scores: float64 [N]: of its first view alone, or of all its views as
            `detector.pixels.views` orders them but the recompressed one, and then the second
            opinion on the first, where there is a tail.
        doubt: See `models.artefact.manifest.DetectorManifest`.

    Returns:
        The score of the first view where that leaves no doubt, or else the mean of all.
    """
    first = float(scores[0])
    return first if doubt is None or first <= doubt else float(scores.mean())


def score_pixels(features: Features, artefact: DetectorArtefact) -> PixelScore:
    """Score one image by its features.

    Args:
        features: Of the views of one image as `detector.pixels.views` orders them, made by the
            artefact's encoder: the first alone, or all. The first alone is all that is looked at
            where it leaves no doubt.
        artefact: The head, its calibration and its thresholds; and its tail, for which features of
            several views must have patch tokens.

    Raises:
        EncoderDiffers: The features are another encoder's.
        ValueError: There is another number of views, or no patch tokens for a tail.
    """
    artefact.require(features.encoder)
    if len(features) not in (1, COUNT):
        raise ValueError(f"an image is judged by 1 view or by {COUNT}, not by {len(features)}")
    manifest = artefact.manifest
    scores = artefact.head.score(features).astype(np.float64)
    doubted = len(features) == COUNT and manifest.doubt is not None and scores[0] > manifest.doubt
    others = scores[1 : COUNT - 1]
    if doubted and artefact.tail is not None:
        others = np.append(others, artefact.tail.score(features[:1]))
    score = combine(np.append(scores[:1], others), manifest.doubt)
    likely = manifest.calibration.probability(score)
    verdict, why = _published(score, manifest)
    if not doubted:
        return PixelScore(score, likely, verdict, why)
    after = float(np.append(scores[-1:], others).mean())
    return PixelScore(
        score,
        likely,
        verdict,
        why,
        stability=1 - abs(likely - manifest.calibration.probability(after)),
        stable=_published(after, manifest)[0] is verdict,
    )


def _published(score: float, manifest: DetectorManifest) -> tuple[Verdict, Reason]:
    return publish(
        score,
        manifest.point("ai", manifest.ai_rate),
        manifest.point("human", manifest.human_rate),
        manifest.numerical_width,
    )


def publish(
    score: float, ai: OperatingPoint, human: OperatingPoint, width: float = 0.0
) -> tuple[Verdict, Reason]:
    """The answer to a raw score under two operating points, and why.

    Args:
        score: Raw.
        ai: Of the verdict `ai`.
        human: Of the verdict `human`.
        width: How far a score may lie from what another CPU would compute; nearer than this to a
            threshold neither verdict is given.
    """
    match _called_for(score, ai.threshold + width, human.threshold - width):
        case Verdict.AI:
            return Verdict.AI, _beyond("pixels_above", ai)
        case Verdict.HUMAN:
            return Verdict.HUMAN, _beyond("pixels_below", human)
    overlap = _called_for(score, ai.threshold, human.threshold) is Verdict.INCONCLUSIVE
    return Verdict.INCONCLUSIVE, reason("pixels_overlap" if overlap else "pixels_too_near")


def _called_for(score: float, ai: float, human: float) -> Verdict:
    # With classes that hardly overlap the two thresholds may change places; between them both
    # verdicts would hold, so neither does.
    above, below = score > ai, score < human
    if above == below:
        return Verdict.INCONCLUSIVE
    return Verdict.AI if above else Verdict.HUMAN


def _beyond(code: str, point: OperatingPoint) -> Reason:
    return reason(code, share=point.measured, n=point.n, low=point.low, high=point.high)
