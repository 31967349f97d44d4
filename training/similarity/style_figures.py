"""How well creators are told apart, and nobody from somebody: on creators that no head has seen.

The parts are dealt in `training.similarity.trials`; the plain cosine of the last layer answers beside
every head.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models import Features
from similarity.styles.open_set import Cohort, Null, Nulls, acceptance, likeness, measure
from training.data.manifest import Row
from training.evaluation.metrics import Estimate
from training.similarity.style_fit import StyleRecipe
from training.similarity.trials import (
    FOLDS,
    SEEDS,
    Deal,
    Lessons,
    deal_folds,
    fit_lessons,
    take_deal,
)

NEAREST = 3
"""Works whose mean cosine is the plain likeness."""

JUDGED_AT = 0.01
"""Stated rate at which the cohort's optimism is measured."""

_RESAMPLES = 400

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
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

    def where(self, chosen: Numbers) -> "Answers":
        """Some of them, in an order, repeatedly if asked for."""
        return Answers(
            self.creators[chosen],
            self.known[chosen],
            self.rank[chosen],
            self.score[chosen],
            self.p_value[chosen],
        )


Figure = Callable[[Answers], float]


@dataclass(frozen=True)
class StyleFigures:
    """Figures with 95 % intervals that resample creators.

    Attributes:
        head: By name, of the style head.
        plain: Of the cosine of the last layer, in the same deals.
        optimism: How many times as often strangers were named at a stated rate of 1 %; the figures
            at stated rates are those after its correction.
        enrolled: Creators enrolled in a deal, on average.
        deals: How many.
    """

    head: Mapping[str, Estimate]
    plain: Mapping[str, Estimate]
    optimism: float
    enrolled: float
    deals: int

    def metrics(self) -> dict[str, float]:
        """Flat, for a manifest."""
        found: dict[str, float] = {}
        for whose, figures in (("", self.head), ("plain_", self.plain)):
            for name, one in figures.items():
                found |= {
                    f"{whose}{name}": round(one.value, 4),
                    f"{whose}{name}_low": round(one.low, 4),
                    f"{whose}{name}_high": round(one.high, 4),
                }
        return found


def cross_validate(
    works: Lessons, imitations: Lessons, by_ai: Features, recipe: StyleRecipe
) -> StyleFigures:
    """Judge heads on the creators that each has not seen.

    Args:
        works: Human works whose creators are named.
        imitations: Pictures by AIs in the styles of named artists: always learnt from.
        by_ai: Plain features of pictures by AIs, for the cohort.
        recipe: How heads are made.

    Raises:
        TooFewImages: Too few creators have enough works.
    """
    names, views = works.hands(), works.views
    numbers = np.unique(names.astype(str), return_inverse=True)[1].astype(np.int64)
    heads: list[Answers] = []
    plain: list[Answers] = []
    sizes: list[int] = []
    for seed in SEEDS:
        fold_of = deal_folds(names, seed)
        for fold in range(FOLDS):
            seen = fold_of != fold
            deal = take_deal(names, ~seen, np.random.default_rng([seed, fold]))
            style = fit_lessons(works, imitations, recipe, seen)
            vectors = style(views[0])
            others = np.concatenate([vectors[seen], style(by_ai)])
            people = np.concatenate([numbers[seen], np.full(len(by_ai), -1, np.int64)])
            heads.append(answer(vectors, names, deal, Cohort(others, people)))
            plain.append(answer_plainly(views[0].embedding, names, deal))
            sizes.append(len(deal.enrolled))
    judged = join(heads)
    optimism = max(1.0, round(accused(JUDGED_AT)(judged) / JUDGED_AT, 2))
    corrected = replace(judged, p_value=np.minimum(1.0, optimism * judged.p_value))
    return StyleFigures(
        head=figures(corrected),
        optimism=optimism,
        plain=figures(join(plain)),
        enrolled=float(np.mean(sizes)),
        deals=len(sizes),
    )


def answer(vectors: Floats, names: NDArray[np.object_], deal: Deal, cohort: Cohort) -> Answers:
    """Answer as the product does, but by comparing with everybody.

    Args:
        vectors: float32 [N, S], of all works of the table.
        names: object [N], their creators.
        deal: Who plays which part.
        cohort: Of other people.
    """
    asked = np.concatenate([deal.known, deal.unknown])
    strangers = cohort.styles[cohort.human]
    nearness = cohort.nearness(vectors[asked])
    of_strangers = cohort.nearness(strangers, cohort.people[cohort.human])
    like, accepted, null_like, null_accepted = ([] for _ in range(4))
    for mine in deal.enrolled.values():
        standing = measure(vectors[mine], cohort)
        like.append(likeness(vectors[asked], vectors[mine]))
        accepted.append(acceptance(like[-1], standing, nearness))
        null_like.append(likeness(strangers, vectors[mine]))
        null_accepted.append(acceptance(null_like[-1], standing, of_strangers))
    nulls = Nulls(
        Null.of(_first(np.array(null_like).T, np.array(null_accepted).T)),
        _of_enrolled(vectors, deal, cohort),
        cohort.optimism,
    )
    scores = _first(np.array(like).T, np.array(accepted).T)
    p_values = np.array([nulls.p_value(float(score)) for score in scores])
    return _answers(np.array(like).T, scores, p_values, names, deal)


def _of_enrolled(vectors: Floats, deal: Deal, cohort: Cohort) -> Null:
    """What enrolled works reach against the creators whose they are not."""
    works = np.concatenate(list(deal.enrolled.values()))
    owner = np.repeat(np.arange(len(deal.enrolled)), [len(w) for w in deal.enrolled.values()])
    nearness = cohort.nearness(vectors[works])
    like, accepted = [], []
    for number, mine in enumerate(deal.enrolled.values()):
        values = likeness(vectors[works], vectors[mine])
        accepted.append(acceptance(values, measure(vectors[mine], cohort), nearness))
        like.append(np.where(owner == number, -np.inf, values))
    return Null.of(_first(np.array(like).T, np.array(accepted).T))


def answer_plainly(embedding: Floats, names: NDArray[np.object_], deal: Deal) -> Answers:
    """Answer by the mean cosine of the nearest works alone, in the last layer."""
    asked = np.concatenate([deal.known, deal.unknown])
    like = []
    for mine in deal.enrolled.values():
        cosine = embedding[asked] @ embedding[mine].T
        like.append(np.sort(cosine, axis=1)[:, -NEAREST:].mean(axis=1))
    table = np.array(like).T
    return _answers(table, table.max(axis=1), np.full(len(asked), np.nan), names, deal)


def _first(like: Floats, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values[np.arange(len(like)), like.argmax(axis=1)], np.float64)


def _answers(
    like: Floats,
    scores: NDArray[np.float64],
    p_values: NDArray[np.float64],
    names: NDArray[np.object_],
    deal: Deal,
) -> Answers:
    column = {name: i for i, name in enumerate(deal.enrolled)}
    right = np.array([column[names[i]] for i in deal.known])
    rows = np.arange(len(right))
    before = (like[rows] > like[rows, right][:, None]).sum(axis=1)
    asked = np.concatenate([deal.known, deal.unknown])
    return Answers(
        creators=names[asked],
        known=np.arange(len(asked)) < len(right),
        rank=np.concatenate([before, np.full(len(deal.unknown), -1)]).astype(np.int64),
        score=scores.astype(np.float64),
        p_value=p_values,
    )


def join(parts: Sequence[Answers]) -> Answers:
    """The answers of several deals together."""
    return Answers(
        np.concatenate([part.creators for part in parts]),
        np.concatenate([part.known for part in parts]),
        np.concatenate([part.rank for part in parts]),
        np.concatenate([part.score for part in parts]),
        np.concatenate([part.p_value for part in parts]),
    )


def recall(at: int) -> Figure:
    """Share of the known works whose creator is among the first."""
    return lambda answers: float((answers.rank[answers.known] < at).mean())


def separation(answers: Answers) -> float:
    """Area under the curve of known against unknown, by the score of the first creator."""
    known, unknown = answers.score[answers.known], answers.score[~answers.known]
    below = np.searchsorted(np.sort(unknown), known, "left")
    at_most = np.searchsorted(np.sort(unknown), known, "right")
    return float((below + at_most).mean() / (2 * len(unknown)))


def named(at: float) -> Figure:
    """Share of known works rightly named where this share of unknown ones is wrongly named."""

    def figure(answers: Answers) -> float:
        bound = np.quantile(answers.score[~answers.known], 1 - at, method="higher")
        right = answers.known & (answers.rank == 0) & (answers.score > bound)
        return float(right.sum() / answers.known.sum())

    return figure


def accused(stated: float) -> Figure:
    """Share of the unknown works that are named at a stated rate."""
    return lambda answers: float((answers.p_value[~answers.known] <= stated).mean())


def stated_named(stated: float) -> Figure:
    """Share of the known works that are rightly named at a stated rate."""

    def figure(answers: Answers) -> float:
        right = answers.known & (answers.rank == 0) & (answers.p_value <= stated)
        return float(right.sum() / answers.known.sum())

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


def figures(answers: Answers) -> dict[str, Estimate]:
    """All figures with percentile intervals; creators are resampled, not works."""
    wanted = dict(FIGURES)
    if np.isfinite(answers.p_value).all():
        wanted |= STATED
    # A creator may be enrolled in one deal and unknown in another.
    who = np.array([f"{k} {c}" for k, c in zip(answers.known, answers.creators, strict=True)])
    unique, of = np.unique(who, return_inverse=True)
    members = [np.flatnonzero(of == i) for i in range(len(unique))]
    known = np.array([answers.known[mine[0]] for mine in members])
    rng = np.random.default_rng(0)
    drawn = []
    for _ in range(_RESAMPLES):
        picks = [rng.choice(side, len(side)) for side in map(np.flatnonzero, (known, ~known))]
        chosen = np.concatenate([members[i] for i in np.concatenate(picks)])
        resampled = answers.where(chosen)
        drawn.append([figure(resampled) for figure in wanted.values()])
    low, high = np.quantile(np.array(drawn), (0.025, 0.975), axis=0)
    return {
        name: Estimate(figure(answers), float(low[i]), float(high[i]), len(answers.known))
        for i, (name, figure) in enumerate(wanted.items())
    }


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


def mean_average_precision(vectors: Floats, names: NDArray[np.object_], deal: Deal) -> float:
    """Of the enrolled works, ranked by cosine for every known one: those of its creator.

    Args:
        vectors: float32 [N, S], unit norm.
        names: object [N], the creators.
        deal: Who plays which part.
    """
    enrolled = np.concatenate(list(deal.enrolled.values()))
    found = []
    for i in deal.known:
        order = np.argsort(-(vectors[enrolled] @ vectors[i]), kind="stable")
        right = names[enrolled][order] == names[i]
        precision = np.cumsum(right) / np.arange(1, len(right) + 1)
        found.append(float(precision[right].mean()))
    return float(np.mean(found))
