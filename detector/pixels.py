"""The signal that looks at the pixels alone: the head's score, calibrated, with abstention."""

from dataclasses import dataclass

from detector.calibration import probability
from detector.evidence import Verdict
from models.artefact import Artefact, OperatingPoint
from models.features import Features


@dataclass(frozen=True)
class PixelSignal:
    """What the pixels say: the raw score and the published answer side by side.

    Attributes:
        score: Mean raw score over the views; higher is more AI-like.
        probability: Calibrated, 0 to 1.
        verdict: The published answer.
        reason: Why that answer, in one plain sentence.
    """

    score: float
    probability: float
    verdict: Verdict
    reason: str


def read_pixels(
    features: Features, artefact: Artefact, *, short_side: int | None = None
) -> PixelSignal:
    """Judge one image by its features.

    Args:
        features: Of the N >= 1 views of one image, made by the artefact's encoder.
        artefact: The head, its calibration and its thresholds.
        short_side: Shorter side of the original in pixels, if known; on images smaller than any
            that the artefact was made from no verdict is published.

    Raises:
        EncoderDiffers: The features are another encoder's.
        ValueError: There is no view.
    """
    artefact.require(features.encoder)
    if not len(features):
        raise ValueError("an image without views cannot be judged")
    manifest = artefact.manifest
    score = float(artefact.head.score(features).astype("float64").mean())
    verdict, reason = publish(
        score,
        manifest.point("ai", manifest.ai_rate),
        manifest.point("human", manifest.human_rate),
    )
    if short_side is not None and short_side < manifest.smallest_side:
        verdict, reason = (
            Verdict.INCONCLUSIVE,
            f"The image is smaller ({short_side} px) than any that the model was made from "
            f"({manifest.smallest_side} px): no verdict is given.",
        )
    return PixelSignal(score, probability(score, manifest.calibration), verdict, reason)


def publish(score: float, ai: OperatingPoint, human: OperatingPoint) -> tuple[Verdict, str]:
    """The answer to a raw score under two operating points, and why, in one plain sentence."""
    # With classes that hardly overlap the two thresholds may change places; between them both
    # verdicts would hold, so neither does.
    above, below = score > ai.threshold, score < human.threshold
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
