"""How good a detector is: in all, by generator, by kind of art, by source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector import Detector, Verdict
from training.errors import TooFewImages
from training.features import FeatureTable
from training.manifest import Row
from training.metrics import (
    Estimate,
    ReliabilityBin,
    auroc,
    auroc_by_group,
    reliability,
    share,
    tpr_at_fpr,
)


@dataclass(frozen=True)
class Judged:
    """The answers of a detector to N images of known origin.

    Attributes:
        rows: N rows.
        groups: What belongs together, of each.
        scores: float64 [N], raw.
        probabilities: float64 [N], calibrated.
        verdicts: N published answers.
    """

    rows: Sequence[Row]
    groups: Sequence[str]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    verdicts: Sequence[Verdict]

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        """The truth, bool [N]."""
        return np.array([row.label == "ai" for row in self.rows], bool)


@dataclass(frozen=True)
class Slice:
    """The figures of some images.

    Attributes:
        name: What they have in common.
        n_ai: AI pictures among them.
        n_human: Human works among them.
        auroc: Of their AI pictures against their human works; where they have but one class,
            against all images of the other.
        humans_called_ai: Share of their human works with the verdict `ai`: the first figure.
        ai_called_ai: Share of their AI pictures with the verdict `ai`.
        ai_called_human: Share of their AI pictures with the verdict `human`.
        inconclusive: Share of all of them without a verdict.
    """

    name: str
    n_ai: int
    n_human: int
    auroc: Estimate
    humans_called_ai: Estimate | None
    ai_called_ai: Estimate | None
    ai_called_human: Estimate | None
    inconclusive: Estimate


@dataclass(frozen=True)
class Figures:
    """All figures of a detector on some images.

    Attributes:
        overall: On all of them.
        auroc_by_group: Overall, the interval resampling whole groups.
        tpr_at_1_percent_fpr: Share of AI pictures above the score that 1 % of these human works
            exceed; a property of the ranking, whatever the published thresholds.
        calibration_error: Expected calibration error, both classes weighing the same.
        reliability: Its ranges.
        by_kind: By kind of art.
        by_generator: AI pictures, against all human works.
        by_source: By source.
    """

    overall: Slice
    auroc_by_group: Estimate
    tpr_at_1_percent_fpr: Estimate
    calibration_error: float
    reliability: tuple[ReliabilityBin, ...]
    by_kind: tuple[Slice, ...]
    by_generator: tuple[Slice, ...]
    by_source: tuple[Slice, ...]


def judge(table: FeatureTable, groups: Sequence[str], detector: Detector) -> Judged:
    """Let a detector answer, exactly as it is shipped.

    Raises:
        EncoderDiffers: The features are another encoder's.
    """
    answers = [
        detector.assess(table.features[i : i + 1], short_side=int(table.short_side[i]))
        for i in range(len(table.rows))
    ]
    return Judged(
        table.rows,
        groups,
        np.array([a.pixel_score for a in answers]),
        np.array([a.probability for a in answers]),
        [a.verdict for a in answers],
    )


def figures(judged: Judged) -> Figures:
    """Compute all figures.

    Raises:
        TooFewImages: A class is missing.
    """
    is_ai = judged.is_ai
    if is_ai.all() or not is_ai.any():
        raise TooFewImages("an evaluation needs AI pictures and human works")
    positive, negative = judged.scores[is_ai], judged.scores[~is_ai]
    error, bins = reliability(judged.probabilities, is_ai)
    return Figures(
        overall=_slice("all", judged, np.ones(len(is_ai), bool)),
        auroc_by_group=auroc_by_group(judged.scores, is_ai, judged.groups),
        tpr_at_1_percent_fpr=tpr_at_fpr(positive, negative, 0.01),
        calibration_error=error,
        reliability=bins,
        by_kind=_slices(judged, lambda row: row.kind),
        by_generator=_slices(judged, lambda row: row.generator if row.label == "ai" else ""),
        by_source=_slices(judged, lambda row: row.source),
    )


def _slices(judged: Judged, key: Callable[[Row], str]) -> tuple[Slice, ...]:
    names = np.array([key(row) for row in judged.rows])
    found = [_slice(str(name), judged, names == name) for name in np.unique(names) if name]
    return tuple(sorted(found, key=lambda s: (-(s.n_ai + s.n_human), s.name)))


def _slice(name: str, judged: Judged, mask: NDArray[np.bool_]) -> Slice:
    is_ai = judged.is_ai
    ai, human = mask & is_ai, mask & ~is_ai
    called_ai = np.array([v is Verdict.AI for v in judged.verdicts], bool)
    called_human = np.array([v is Verdict.HUMAN for v in judged.verdicts], bool)

    def of(part: NDArray[np.bool_], answer: NDArray[np.bool_]) -> Estimate | None:
        return share(answer[part]) if part.any() else None

    return Slice(
        name=name,
        n_ai=int(ai.sum()),
        n_human=int(human.sum()),
        auroc=auroc(
            judged.scores[ai if ai.any() else is_ai],
            judged.scores[human if human.any() else ~is_ai],
        ),
        humans_called_ai=of(human, called_ai),
        ai_called_ai=of(ai, called_ai),
        ai_called_human=of(ai, called_human),
        inconclusive=share(~(called_ai | called_human)[mask]),
    )
