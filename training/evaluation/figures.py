"""How good a detector is: in all, by generator, by kind of art, by source."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evidence import Verdict
from training.data.manifest import Row
from training.errors import TooFewImages
from training.evaluation.intervals import Estimate, share
from training.evaluation.metrics import (
    RankingBootstrap,
    ReliabilityBin,
    auroc,
    reliability,
    threshold_at,
)

ACCUSED = 0.01
"""The share of human works that may be accused where rankings are compared."""


@dataclass(frozen=True)
class Answers:
    """The answers of a detector to N images of known origin.

    Attributes:
        rows: N rows.
        groups: What belongs together, of each.
        scores: float64 [N], raw.
        probabilities: float64 [N], calibrated.
        verdicts: N published answers.
        repeats: How often each image is among them, judged by different heads; intervals are those
            of the images.
    """

    rows: Sequence[Row]
    groups: Sequence[str]
    scores: NDArray[np.float64]
    probabilities: NDArray[np.float64]
    verdicts: Sequence[Verdict]
    repeats: int = 1

    @property
    def is_ai(self) -> NDArray[np.bool_]:
        """The truth, bool [N]."""
        return np.array([row.label == "ai" for row in self.rows], bool)

    def of(self, images: NDArray[np.int64]) -> "Answers":
        """Those to some of the images: int64 [M], positions."""
        return replace(
            self,
            rows=[self.rows[i] for i in images],
            groups=[self.groups[i] for i in images],
            scores=self.scores[images],
            probabilities=self.probabilities[images],
            verdicts=[self.verdicts[i] for i in images],
        )


@dataclass(frozen=True)
class Ranking:
    """How raw scores order some images, whatever is published of them.

    Attributes:
        name: What the images have in common.
        n_ai: AI pictures among them.
        n_human: Human works among them.
        auroc: Of their AI pictures against their human works; where they have but one class,
            against all images of the other.
        accused: Share of their human works above the threshold.
        caught: Share of their AI pictures above the threshold, which is the one that 1 % of all
            human works exceed (of all clean ones, where tiers are compared).
    """

    name: str
    n_ai: int
    n_human: int
    auroc: Estimate
    accused: Estimate | None
    caught: Estimate | None


@dataclass(frozen=True)
class Slice(Ranking):
    """The figures of a detector on some images: how it orders them, and its verdicts.

    Attributes:
        humans_called_ai: Share of their human works with the verdict `ai`: the first figure.
        ai_called_ai: Share of their AI pictures with the verdict `ai`.
        ai_called_human: Share of their AI pictures with the verdict `human`.
        humans_inconclusive: Share of their human works without a verdict: artists left waiting.
        inconclusive: Share of all of them without a verdict.
    """

    humans_called_ai: Estimate | None
    ai_called_ai: Estimate | None
    ai_called_human: Estimate | None
    humans_inconclusive: Estimate | None
    inconclusive: Estimate


@dataclass(frozen=True)
class Figures:
    """All figures of a detector on some images.

    Attributes:
        overall: On all of them.
        auroc_by_group: Overall, the interval resampling whole groups.
        tpr_at_1_percent_fpr: Share of AI pictures above the score that 1 % of these human works
            exceed, the interval resampling whole groups; a property of the ranking, whatever the
            published thresholds.
        threshold: The raw score behind `accused` and `caught`.
        calibration_error: Expected calibration error, both classes weighing the same.
        reliability: Its ranges.
        by_kind: By kind of art.
        by_generator: AI pictures, against all human works.
        by_source: By source.
    """

    overall: Slice
    auroc_by_group: Estimate
    tpr_at_1_percent_fpr: Estimate
    threshold: float
    calibration_error: float
    reliability: tuple[ReliabilityBin, ...]
    by_kind: tuple[Slice, ...]
    by_generator: tuple[Slice, ...]
    by_source: tuple[Slice, ...]


def detector_figures(answers: Answers, threshold: float | None = None) -> Figures:
    """Compute all figures.

    Args:
        answers: The answers.
        threshold: Raw score behind `accused` and `caught`; None for the one that 1 % of these
            human works exceed.

    Raises:
        TooFewImages: A class is missing.
    """
    is_ai = answers.is_ai
    if is_ai.all() or not is_ai.any():
        raise TooFewImages("an evaluation needs AI pictures and human works")
    if threshold is None:
        threshold = threshold_at(answers.scores[~is_ai], ACCUSED)
    bootstrap = RankingBootstrap(is_ai, answers.groups)
    error, bins = reliability(answers.probabilities, is_ai)

    def slice_of(ranking: Ranking, mask: NDArray[np.bool_]) -> Slice:
        return _slice(ranking, mask, answers)

    def by(key: Callable[[Row], str]) -> tuple[Slice, ...]:
        parts = slices(answers.rows, answers.scores, threshold, key, answers.repeats)
        return tuple(slice_of(ranking, mask) for ranking, mask in parts)

    everything = np.ones(len(is_ai), bool)
    return Figures(
        overall=slice_of(
            rank("all", answers.scores, is_ai, everything, threshold, answers.repeats), everything
        ),
        auroc_by_group=bootstrap.auroc(answers.scores),
        tpr_at_1_percent_fpr=bootstrap.tpr_at_fpr(answers.scores, ACCUSED),
        threshold=threshold,
        calibration_error=error,
        reliability=bins,
        by_kind=by(kind_of),
        by_generator=by(generator_of),
        by_source=by(source_of),
    )


def kind_of(row: Row) -> str:
    """What a row counts for by kind of art; empty for none."""
    return row.kind


def generator_of(row: Row) -> str:
    """What a row counts for by generator; empty for human works."""
    return row.generator if row.label == "ai" else ""


def source_of(row: Row) -> str:
    """What a row counts for by source."""
    return row.source


def slices(
    rows: Sequence[Row],
    scores: NDArray[np.float64],
    threshold: float,
    key: Callable[[Row], str],
    repeats: int = 1,
) -> list[tuple[Ranking, NDArray[np.bool_]]]:
    """How scores order the images of each key, most images first; those of no key left out.

    Returns:
        Each with which of the images are its own, bool [N].
    """
    is_ai = np.array([row.label == "ai" for row in rows], bool)
    names = np.array([key(row) for row in rows])
    found = [
        (rank(str(name), scores, is_ai, names == name, threshold, repeats), names == name)
        for name in np.unique(names)
        if name
    ]
    return sorted(found, key=lambda part: (-part[1].sum(), part[0].name))


def rank(
    name: str,
    scores: NDArray[np.float64],
    is_ai: NDArray[np.bool_],
    mask: NDArray[np.bool_],
    threshold: float,
    repeats: int = 1,
) -> Ranking:
    """How scores order the images where the mask is true (all of float64, bool, bool [N])."""
    ai, human = mask & is_ai, mask & ~is_ai
    above = scores > threshold
    return Ranking(
        name=name,
        n_ai=int(ai.sum()) // repeats,
        n_human=int(human.sum()) // repeats,
        auroc=auroc(
            scores[ai if ai.any() else is_ai],
            scores[human if human.any() else ~is_ai],
            repeats,
        ),
        accused=_share(above, human, repeats),
        caught=_share(above, ai, repeats),
    )


def _slice(ranking: Ranking, mask: NDArray[np.bool_], answers: Answers) -> Slice:
    ai, human = mask & answers.is_ai, mask & ~answers.is_ai
    called_ai = np.array([v is Verdict.AI for v in answers.verdicts], bool)
    called_human = np.array([v is Verdict.HUMAN for v in answers.verdicts], bool)
    return Slice(
        **vars(ranking),
        humans_called_ai=_share(called_ai, human, answers.repeats),
        ai_called_ai=_share(called_ai, ai, answers.repeats),
        ai_called_human=_share(called_human, ai, answers.repeats),
        humans_inconclusive=_share(~(called_ai | called_human), human, answers.repeats),
        inconclusive=share(~(called_ai | called_human)[mask], answers.repeats),
    )


def _share(answer: NDArray[np.bool_], of: NDArray[np.bool_], repeats: int) -> Estimate | None:
    return share(answer[of], repeats) if of.any() else None
