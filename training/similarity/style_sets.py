"""Sets of works by one account, judged as one: by a vote, and as the product judges a series.

Paper: Moayeri et al., "Rethinking artistic copyright infringements in the era of text-to-image
generative models", 2024 (ArtSavant) - https://arxiv.org/abs/2404.08030.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evidence.reasons import Reason
from evidence.similarity import CreatorMatch, CreatorVerdict, SimilarityEvidence
from similarity.search import TOP
from similarity.series import as_series
from training.similarity.style_comparison import Compared
from training.similarity.style_figures import StyleAnswers
from training.similarity.trials import Trial

SIZES = (1, 3, 5)
"""Works of a set."""

DRAWN = 8
"""Sets of each size that are drawn from an account."""

Values = NDArray[np.float64]
Numbers = NDArray[np.int64]
Names = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Named:
    """An enrolled creator whom a set is said to be by.

    Attributes:
        column: Which of the enrolled.
        score: By which it is accepted.
        p_value: NaN where there is none.
    """

    column: int
    score: float
    p_value: float = float("nan")


def voted(firsts: Numbers, scores: Values) -> tuple[Named, ...]:
    """Whom more than half of the works of a set name, if there is such a one.

    After ArtSavant, which lets the works of a set vote. A set is as sure as the least sure of the
    votes that make the majority: at any threshold it is named if a majority of its works are.

    Args:
        firsts: int64 [k], the enrolled creator whom each work names.
        scores: float64 [k], how surely.
    """
    majority = len(firsts) // 2 + 1
    [(column, votes)] = Counter(firsts.tolist()).most_common(1)
    if votes < majority:
        return ()
    return (Named(column, float(np.sort(scores[firsts == column])[-majority])),)


def series(images: Sequence[SimilarityEvidence]) -> tuple[Named, ...]:
    """What the product says of a series (`rakkan similar --as-one`), best first."""
    told = as_series(images, top=TOP).creators
    return tuple(Named(one.creator_id, one.score, one.p_value) for one in told)


def searched(compared: Compared) -> list[SimilarityEvidence]:
    """What a search would say of each picture: of the nearest creators, whose ids are columns."""
    found = []
    for like, accepted in zip(compared.like, compared.accepted, strict=True):
        matches, surest = [], np.inf
        for column in np.argsort(-like, kind="stable")[:TOP].tolist():
            # As the product has it: who is less like the picture cannot be the surer one.
            surest = min(surest, float(accepted[column]))
            matches.append(
                CreatorMatch(
                    creator=str(column),
                    likeness=float(like[column]),
                    score=surest,
                    p_value=compared.nulls.p_value(surest),
                    verdict=CreatorVerdict.NONE,
                    references=0,
                    works=(),
                    reason=Reason("style_near", ""),
                    creator_id=column,
                )
            )
        found.append(SimilarityEvidence((), tuple(matches), ""))
    return found


def draw_sets(creators: Names, size: int, rng: np.random.Generator) -> list[Numbers]:
    """Sets of works of one account, of accounts that have enough works for every size.

    Args:
        creators: object [Q], of the works that are asked for.
        size: Works of a set.
        rng: Draws them, without replacement within a set.
    """
    accounts = [np.flatnonzero(creators == name) for name in dict.fromkeys(creators)]
    return [
        rng.permutation(works)[:size]
        for works in accounts
        if len(works) >= max(SIZES)
        for _ in range(DRAWN)
    ]


def answers_of_sets(
    sets: Sequence[Numbers],
    named: Sequence[tuple[Named, ...]],
    creators: Names,
    trial: Trial,
) -> StyleAnswers:
    """What is said of sets; who is not named is ranked behind everybody.

    Args:
        sets: Places of their works among those that are asked for.
        named: Of each, best first.
        creators: object [Q], of the works that are asked for.
        trial: Who plays which part.
    """
    column = {name: i for i, name in enumerate(trial.enrolled)}
    makers = creators[[int(works[0]) for works in sets]]
    ranks, firsts = [], []
    for maker, found in zip(makers, named, strict=True):
        order = [one.column for one in found]
        right = column.get(maker)
        ranks.append(-1 if right is None else [*order, right].index(right))
        if right is not None and right not in order:
            ranks[-1] = len(column)
        firsts.append(found[0] if found else Named(-1, -np.inf, 1.0))
    return StyleAnswers(
        creators=makers,
        known=np.isin(makers.astype(str), list(column)),
        rank=np.array(ranks, np.int64),
        score=np.array([one.score for one in firsts]),
        p_value=np.array([one.p_value for one in firsts]),
    )
