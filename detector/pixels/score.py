"""The signal that looks at the pixels alone: the head's score, calibrated, with abstention."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.pixels.views import COUNT
from evidence.ai import Verdict
from models.artefact.artefact import Artefact, Manifest, OperatingPoint
from models.encoder.features import Features


@dataclass(frozen=True)
class PixelSignal:
    """What the pixels say: the raw score and the published answer side by side.

    Attributes:
        score: Raw score; higher is more AI-like.
        probability: Calibrated, 0 to 1.
        verdict: The published answer.
        reason: Why that answer, in one plain sentence.
        stability: 1 minus the change of the probability under mild recompression, 0 to 1; None
            where the first view left no doubt, and where the model looks at one view alone.
    """

    score: float
    probability: float
    verdict: Verdict
    reason: str
    stability: float | None = None


def in_doubt(first: Features, artefact: Artefact) -> bool:
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
        scores: float64 [N], of its views as `detector.pixels.views` orders them; N is 1, or all of them
            but the recompressed one.
        doubt: See `models.artefact.artefact.Manifest`.

    Returns:
        The score of the first view where that leaves no doubt, or else the mean of all.
    """
    first = float(scores[0])
    return first if doubt is None or first <= doubt else float(scores.mean())


def read_pixels(
    features: Features, artefact: Artefact, *, short_side: int | None = None
) -> PixelSignal:
    """Judge one image by its features.

    Args:
        features: Of the views of one image as `detector.pixels.views` orders them, made by the artefact's
            encoder: the first alone, or all. The first alone is all that is looked at where it
            leaves no doubt.
        artefact: The head, its calibration and its thresholds.
        short_side: Shorter side of the original in pixels, if known; on images smaller than any
            that the artefact was made from no verdict is published.

    Raises:
        EncoderDiffers: The features are another encoder's.
        ValueError: There is no view.
    """
    artefact.require(features.encoder)
    if len(features) not in (1, COUNT):
        raise ValueError(f"an image is judged by 1 view or by {COUNT}, not by {len(features)}")
    manifest = artefact.manifest
    scores = artefact.head.score(features).astype(np.float64)
    score = combine(scores[: COUNT - 1], manifest.doubt)
    likely = manifest.calibration.probability(score)
    verdict, reason = _published(score, manifest)
    stability = None
    if len(features) == COUNT and manifest.doubt is not None and scores[0] > manifest.doubt:
        after = float(np.mean([scores[-1], *scores[1:-1]]))
        stability = 1 - abs(likely - manifest.calibration.probability(after))
        if _published(after, manifest)[0] is not verdict:
            verdict, reason = Verdict.INCONCLUSIVE, _UNSTABLE
    if short_side is not None and short_side < manifest.smallest_side:
        verdict, reason = (
            Verdict.INCONCLUSIVE,
            f"The image is smaller ({short_side} px) than any that the model was made from "
            f"({manifest.smallest_side} px): the pixels give no verdict.",
        )
    return PixelSignal(score, likely, verdict, reason, stability)


_UNSTABLE = (
    "After mild recompression the pixels would lead to another answer: that is too unstable for a "
    "verdict."
)


def _published(score: float, manifest: Manifest) -> tuple[Verdict, str]:
    return publish(
        score,
        manifest.point("ai", manifest.ai_rate),
        manifest.point("human", manifest.human_rate),
        manifest.numerical_width,
    )


def publish(
    score: float, ai: OperatingPoint, human: OperatingPoint, width: float = 0.0
) -> tuple[Verdict, str]:
    """The answer to a raw score under two operating points, and why, in one plain sentence.

    Args:
        score: Raw.
        ai: Of the verdict `ai`.
        human: Of the verdict `human`.
        width: How far a score may lie from what another CPU would compute; nearer than this to a
            threshold neither verdict is given.
    """
    # With classes that hardly overlap the two thresholds may change places; between them both
    # verdicts would hold, so neither does.
    above, below = score > ai.threshold + width, score < human.threshold - width
    if above and not below:
        return Verdict.AI, (
            f"The pixels score above the level that {_percent(ai.measured)} of {ai.n} human works "
            f"in the calibration set reach ({_interval(ai)})."
        )
    if below and not above:
        return Verdict.HUMAN, (
            f"The pixels score below the level under which {_percent(human.measured)} of "
            f"{human.n} AI pictures in the calibration set lie ({_interval(human)})."
        )
    return Verdict.INCONCLUSIVE, (
        "The pixels score where human works and AI pictures of the calibration set overlap too "
        "much for a verdict."
    )


def _interval(point: OperatingPoint) -> str:
    return f"95 % interval {100 * point.low:.1f} to {100 * point.high:.1f} %"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
