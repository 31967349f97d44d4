"""How well creators are told apart, and strangers from them: on creators that no head has seen.

The parts are given in `training.similarity.trials`; the cosine of the last layer alone, the
baseline, answers beside every head.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from models import Features
from similarity.styles.open_set import Cohort
from training.data.manifest import Row
from training.evaluation.intervals import Estimate, GroupBootstrap
from training.evaluation.metrics import RankingBootstrap
from training.similarity.style_comparison import compare
from training.similarity.style_fit import StyleRecipe
from training.similarity.trials import HeldOut, TrainingSet, Trial, unseen_grounds

NEAREST = 3
"""Works whose mean cosine is the likeness of the baseline."""

CORRECTED_AT = 0.01
"""Stated rate that strangers must not exceed, on average."""

CONFIDENCE = 0.95
"""With which they do not, on sources like these."""

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class StyleAnswers:
    """What was said of N pictures.

    Attributes:
        creators: object [N], who made them.
        known: bool [N], whether that creator is enrolled.
        rank: int64 [N], how many creators were ranked before the right one; -1 if unknown.
        score: float64 [N], by which the first one is accepted.
        p_value: float64 [N], of the first one; NaN for the baseline.
    """

    creators: NDArray[np.object_]
    known: NDArray[np.bool_]
    rank: Numbers
    score: NDArray[np.float64]
    p_value: NDArray[np.float64]

    @classmethod
    def of_all(cls, trials: Sequence["StyleAnswers"]) -> "StyleAnswers":
        """The answers of several trials together."""
        names = [field.name for field in fields(cls)]
        return cls(*(np.concatenate([getattr(one, name) for one in trials]) for name in names))


@dataclass(frozen=True)
class StyleTrials:
    """What was said in several trials, before any correction.

    Attributes:
        head: By the style head.
        baseline: By the cosine of the last layer.
        sources: object [N], from which collection each picture is.
        enrolled: Creators enrolled in a trial, on average.
        trials: How many.
    """

    head: StyleAnswers
    baseline: StyleAnswers
    sources: NDArray[np.object_]
    enrolled: float
    trials: int

    def correction(self) -> float:
        """By what shares must be multiplied for strangers not to be named oftener than stated.

        At a stated rate of 1 %, on average, with a confidence of 95 %: sources are resampled, since
        works of one collection are alike, and a platform has others. At least 1.
        """
        strangers = ~self.head.known
        return correction_of(self.head.p_value[strangers], self.sources[strangers])

    def figures(self, correction: float) -> "StyleFigures":
        """Figures; those at stated rates are after a correction."""
        corrected = np.minimum(1.0, correction * self.head.p_value)
        return StyleFigures(
            head=style_figures(replace(self.head, p_value=corrected)),
            baseline=style_figures(self.baseline),
            enrolled=self.enrolled,
            trials=self.trials,
        )


def correction_of(shares: NDArray[np.float64], sources: NDArray[np.object_]) -> float:
    """As `StyleTrials.correction`, of works of strangers.

    Args:
        shares: float64 [N], told of them.
        sources: object [N], from which collection each is.
    """
    lowest = np.argsort(shares, kind="stable")[: len(shares) // 20 + 1]
    times = GroupBootstrap(sources.astype(str).tolist()).times
    # Of the resamples, how often each is named once so many of the lowest are.
    named = np.cumsum(times[:, lowest], axis=1) / times.sum(axis=1, keepdims=True)
    held = np.quantile(named, CONFIDENCE, axis=0) <= CORRECTED_AT
    first_too_many = shares[lowest[min(int(held.sum()), len(lowest) - 1)]]
    return max(1.0, float(f"{CORRECTED_AT / first_too_many:.3g}"))


@dataclass(frozen=True)
class StyleFigures:
    """Figures with 95 % intervals that resample creators.

    Attributes:
        head: By name, of the style head.
        baseline: Of the cosine of the last layer, in the same trials.
        enrolled: Creators enrolled in a trial, on average.
        trials: How many.
    """

    head: Mapping[str, Estimate]
    baseline: Mapping[str, Estimate]
    enrolled: float
    trials: int

    def metrics(self) -> dict[str, float]:
        """Flat, for a manifest."""
        found: dict[str, float] = {}
        for whose, figures in (("", self.head), ("plain_", self.baseline)):
            for name, one in figures.items():
                found |= {
                    f"{whose}{name}": round(one.value, 4),
                    f"{whose}{name}_low": round(one.low, 4),
                    f"{whose}{name}_high": round(one.high, 4),
                }
        return found


def cross_fit_style(
    works: TrainingSet,
    imitations: TrainingSet,
    by_ai: Features,
    recipe: StyleRecipe,
    held_out: HeldOut = HeldOut.CREATORS,
) -> StyleTrials:
    """Ask heads about the creators that each has not seen; see `unseen_grounds`.

    Raises:
        TooFewImages: Too few creators have enough works.
    """
    names, embedding = works.authors(), works.views[0].embedding
    source = np.array([row.source for row in works.rows], object)
    sources: list[NDArray[np.object_]] = []
    heads: list[StyleAnswers] = []
    baseline: list[StyleAnswers] = []
    sizes: list[int] = []
    for ground in unseen_grounds(works, imitations, by_ai, recipe, held_out):
        heads.append(answer(ground.styles, names, ground.trial, ground.cohort))
        baseline.append(answer_by_baseline(embedding, names, ground.trial))
        sources.append(source[ground.trial.asked])
        sizes.append(len(ground.trial.enrolled))
    return StyleTrials(
        head=StyleAnswers.of_all(heads),
        baseline=StyleAnswers.of_all(baseline),
        sources=np.concatenate(sources),
        enrolled=float(np.mean(sizes)),
        trials=len(sizes),
    )


def answer(
    vectors: Floats, names: NDArray[np.object_], trial: Trial, cohort: Cohort
) -> StyleAnswers:
    """Answer as the product does, but by comparing with everybody.

    Args:
        vectors: float32 [N, S], of all works of the table.
        names: object [N], their creators.
        trial: Who plays which part.
        cohort: Of other people.
    """
    compared = compare(vectors, trial.asked, trial, cohort)
    return answers_of(compared.like, compared.scores, compared.p_values, names, trial)


def answer_by_baseline(embedding: Floats, names: NDArray[np.object_], trial: Trial) -> StyleAnswers:
    """Answer by the mean cosine of the nearest works alone, in the last layer."""
    like = nearest_works(embedding, trial)
    return answers_of(like, like.max(axis=1), np.full(len(like), np.nan), names, trial)


def nearest_works(vectors: Floats, trial: Trial) -> Floats:
    """Mean cosine of the nearest works of each enrolled creator to each work that is asked for.

    Args:
        vectors: float32 [N, S], unit norm, of all works of the table.
        trial: Who plays which part.

    Returns:
        float32 [Q, E].
    """
    asked, like = vectors[trial.asked], []
    for mine in trial.enrolled.values():
        cosine = asked @ vectors[mine].T
        like.append(np.sort(cosine, axis=1)[:, -NEAREST:].mean(axis=1))
    return np.array(like).T


def answers_of(
    like: Floats,
    scores: NDArray[np.float64],
    p_values: NDArray[np.float64],
    names: NDArray[np.object_],
    trial: Trial,
) -> StyleAnswers:
    """What is said of the works that are asked for.

    Args:
        like: [Q, E], by which the enrolled creators are ranked.
        scores: float64 [Q], by which the first one is accepted.
        p_values: float64 [Q], of the first one; NaN where there are none.
        names: object [N], the creators of all works of the table.
        trial: Who plays which part.
    """
    column = {name: i for i, name in enumerate(trial.enrolled)}
    right = np.array([column[names[i]] for i in trial.known])
    rows = np.arange(len(right))
    before = (like[rows] > like[rows, right][:, None]).sum(axis=1)
    asked = names[trial.asked]
    return StyleAnswers(
        creators=asked,
        known=np.arange(len(asked)) < len(right),
        rank=np.concatenate([before, np.full(len(trial.unknown), -1)]).astype(np.int64),
        score=scores.astype(np.float64),
        p_value=p_values,
    )


Figure = Callable[[StyleAnswers, RankingBootstrap], Estimate]
"""One figure, its interval from resampled creators; those of known works are the positives."""


def recall(at: int) -> Figure:
    """Share of the known works whose creator is among the first."""
    return lambda answers, drawn: drawn.mean(answers.rank < at, answers.known)


def separation(answers: StyleAnswers, drawn: RankingBootstrap) -> Estimate:
    """AUROC of known against unknown works, by the score of the first creator."""
    return drawn.auroc(answers.score)


def named(at: float) -> Figure:
    """Share of known works rightly named where this share of unknown ones is wrongly named."""

    def figure(answers: StyleAnswers, drawn: RankingBootstrap) -> Estimate:
        wrong = answers.known & (answers.rank > 0)
        return drawn.tpr_at_fpr(np.where(wrong, -np.inf, answers.score), at)

    return figure


def accused(stated: float) -> Figure:
    """Share of the unknown works that are named at a stated rate."""
    return lambda answers, drawn: drawn.mean(answers.p_value <= stated, ~answers.known)


def stated_named(stated: float) -> Figure:
    """Share of the known works that are rightly named at a stated rate."""

    def figure(answers: StyleAnswers, drawn: RankingBootstrap) -> Estimate:
        right = (answers.rank == 0) & (answers.p_value <= stated)
        return drawn.mean(right, answers.known)

    return figure


FIGURES: Mapping[str, Figure] = {
    "recall_at_1": recall(1),
    "recall_at_5": recall(5),
    "open_set_auroc": separation,
    "named_at_1_percent": named(0.01),
    "named_at_0.1_percent": named(0.001),
}
STATED: Mapping[str, Figure] = {
    "accused_at_stated_5_percent": accused(0.05),
    "accused_at_stated_1_percent": accused(0.01),
    "accused_at_stated_0.1_percent": accused(0.001),
    "named_at_stated_5_percent": stated_named(0.05),
    "named_at_stated_1_percent": stated_named(0.01),
}


def style_figures(answers: StyleAnswers) -> dict[str, Estimate]:
    """All figures, their intervals from resampled creators: not works, which are alike."""
    wanted = dict(FIGURES)
    if np.isfinite(answers.p_value).all():
        wanted |= STATED
    # A creator may be enrolled in one trial and unknown in another, and is drawn in either part.
    drawn = RankingBootstrap(answers.known, answers.creators.astype(str).tolist())
    return {name: figure(answers, drawn) for name, figure in wanted.items()}


def content_against_style(vectors: Floats, rows: Sequence[Row]) -> tuple[float, int]:
    """What a likeness follows: the hand or the subject.

    For every work that has both in the table: another creator's work of the same title, and the
    same creator's works of other titles.

    Args:
        vectors: float32 [N, S], unit norm.
        rows: The works.

    Returns:
        The share in which the creator's other works are nearer, on average, than other creators'
        works of the same title; 0.5 says that both count alike. And how many works that is.
    """
    creators = np.array([row.creator for row in rows], object)
    titles = np.array([row.title.casefold() for row in rows], object)
    cosine = vectors @ vectors.T
    shares = []
    for i in range(len(rows)):
        if not creators[i] or not titles[i]:
            continue
        content = (titles == titles[i]) & (creators != creators[i])
        style = (creators == creators[i]) & (titles != titles[i])
        if content.any() and style.any():
            pairs = cosine[i][style][:, None] > cosine[i][content][None]
            shares.append(float(pairs.mean()))
    return (float(np.mean(shares)) if shares else float("nan")), len(shares)


def mean_average_precision(vectors: Floats, names: NDArray[np.object_], trial: Trial) -> float:
    """Of the enrolled works, ranked by cosine for every known one: those of its creator.

    Args:
        vectors: float32 [N, S], unit norm.
        names: object [N], the creators.
        trial: Who plays which part.
    """
    enrolled = np.concatenate(list(trial.enrolled.values()))
    return float(
        np.mean(
            [
                average_precision_score(names[enrolled] == names[i], vectors[enrolled] @ vectors[i])
                for i in trial.known
            ]
        )
    )
