"""What was measured on a model, as a person reads it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.text import percent
from models import DetectorArtefact, DetectorManifest, Precision
from models.artefact.detector import held_out_shares

Write = Callable[[float], str]


def number(value: float) -> str:
    """A figure that is no share: three decimals."""
    return f"{value:.3f}"


METRICS: dict[str, tuple[str, Write]] = {
    "humans_called_ai": ("Human works called AI", percent),
    "ai_called_ai": ("AI pictures called AI", percent),
    "ai_called_human": ("AI pictures called human", percent),
    "inconclusive": ("Inconclusive", percent),
    "auroc": ("AUROC", number),
    "calibration_error": ("Calibration error", number),
}
"""The metrics that are shown, the one that matters most first."""


@dataclass(frozen=True)
class ModelDescription:
    """What a report says about the model.

    Attributes:
        name: Of the artefact.
        encoder: Id of the encoder.
        precision: That the encoder computes in.
        figures: What was measured on the model, as (name, value) for a person.
        shares: Share of the held-out images whose probability lies in each of as many ranges of
            equal width; empty where that is not known.
        ai_from: Probability above which the pixels alone lead to the verdict `ai`.
        human_below: Probability below which they lead to the verdict `human`.
    """

    name: str
    encoder: str
    precision: str
    figures: tuple[tuple[str, str], ...] = ()
    shares: tuple[float, ...] = ()
    ai_from: float | None = None
    human_below: float | None = None

    @classmethod
    def of(cls, artefact: DetectorArtefact, precision: Precision) -> "ModelDescription":
        """Describe a model whose encoder computes in a precision.

        Raises:
            BrokenArtefact: Its held-out figures cannot be read.
        """
        manifest, shares = artefact.manifest, held_out_shares(artefact)
        likely, width = manifest.calibration.probability, manifest.numerical_width
        return cls(
            manifest.name,
            manifest.encoder,
            precision,
            figures(manifest),
            shares,
            ai_from=likely(manifest.point("ai", manifest.ai_rate).threshold + width),
            human_below=likely(manifest.point("human", manifest.human_rate).threshold - width),
        )


def figures(manifest: DetectorManifest) -> tuple[tuple[str, str], ...]:
    """What was measured on a model, as (name, value)."""
    ai = manifest.point("ai", manifest.ai_rate)
    human = manifest.point("human", manifest.human_rate)
    return (
        (
            "Verdict AI",
            f"above a score that {percent(ai.measured)} of {ai.n:,} human works reached"
            f"{_interval(ai.low, ai.high, percent)}",
        ),
        (
            "Verdict human",
            f"below a score under which {percent(human.measured)} of {human.n:,} AI pictures lay"
            f"{_interval(human.low, human.high, percent)}",
        ),
        ("Probability", "supposes that as many images are by AIs as by people"),
        ("Measured", "on images held out when the model was made:"),
        *(
            (words, _value(manifest.metrics, name, write))
            for name, (words, write) in METRICS.items()
            if name in manifest.metrics
        ),
    )


def _value(metrics: Mapping[str, float], name: str, write: Write) -> str:
    low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
    interval = "" if low is None or high is None else _interval(low, high, write)
    return write(metrics[name]) + interval


def _interval(low: float, high: float, write: Write) -> str:
    return f" (95 % interval {write(low)} to {write(high)})"
