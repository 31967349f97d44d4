"""Somebody or nobody: how surely a picture is near to one creator, and not just to anybody.

Likeness (`similarity.styles.likeness`) ranks creators, *acceptance* decides. It compares the
likeness with four others: with what works of a cohort of other people reach against this creator
(z-norm), with how near the cohort comes to this picture (the idea of CSLS), with how near the
creator's works come to each other, and with the next creator. And it asks on which side of the
creator's boundary the picture lies (`similarity.styles.boundary`). The weakest counts most.
Normalised scores rank worse than raw ones; raw ones accept worse.

Papers: Auckenthaler, Carey and Lloyd-Thomas, "Score normalization for text-independent speaker
verification systems", 2000; Conneau et al., "Word translation without parallel data", 2018
(CSLS) - https://arxiv.org/abs/1710.04087.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from similarity.gallery.creators import Standing
from similarity.styles.likeness import SAME, SAMPLE, Body, evenly

RIVALS = 50
"""Highest scores of the cohort against a creator, of which mean and deviation are taken."""

ENROLLED = 1_000
"""Enrolled works, at most, that stand for those of others."""

NEIGHBOURS = 20
"""Works of the cohort that are nearest to a picture."""

SPREAD = 0.05
"""What counts as one deviation of a difference between two likenesses."""

STRANGERS = np.array([(-0.7, 2.7), (0.0, 2.8), (-3.4, 1.2), (0.9, 4.6), (-0.52, 0.15)])
"""What strangers reach by each of the five comparisons: the one in the middle, and one in twenty.
Of works of creators of `train` whom no head had seen, against others of these; the first four by
likeness before it was scaled. They are scales only: what shares mean is measured for each index."""

WEIGHTS = np.array([1, 1, 1, 1, 4])
"""The boundary, which is learnt, counts as much as the four others together."""

USUAL_OWN = 4.0
"""How far the works of one creator stand out, in deviations, where one work alone cannot tell."""

LEAST_DEVIATION = 0.01

FEWEST = 3
"""Works below which nobody is accused of imitating a creator."""

STANDS_OUT = 1.0
"""Deviations above the cohort's best that the middle one of a creator's own works must reach."""

FOREIGN = 0.01
"""Share of the cohort's works that are unlike all others; what is more so cannot be compared."""

FEW = np.array([(5, 30), (10, 11), (20, 4), (40, 1)])
"""Enrolled creators, and by how much shares are multiplied where there are so few.

Others of the index's own kind say best how near innocent works come, and which boundary tells a
creator from them. Where few are enrolled, those of the cohort must do, who are of other kinds. By
`benchmarks.few_creators`: works of sources that no head had seen."""

TAIL = 0.05
"""Share of the highest null scores that an exponential tail is fitted to."""


@dataclass(frozen=True)
class Cohort:
    """Works of other people, for comparison.

    Attributes:
        styles: float32 [N, S], unit norm.
        people: int64 [N], a number for each person; below 0 for pictures by AIs.
        correction: How many times as often strangers are named as the cohort says: the head has
            seen its people, and has not seen them. Measured on creators and sources that a head had
            not seen.
    """

    styles: NDArray[np.float32]
    people: NDArray[np.int64]
    correction: float = 1.0

    @property
    def human(self) -> NDArray[np.bool_]:
        """Which works are by people, bool [N]."""
        return self.people >= 0

    @cached_property
    def of_people(self) -> "Cohort":
        """The same without the pictures by AIs."""
        if self.human.all():
            return self
        return Cohort(self.styles[self.human], self.people[self.human], self.correction)

    @cached_property
    def by_ai(self) -> NDArray[np.float32]:
        """The pictures by AIs, float32 [n, S]."""
        return self.styles[~self.human]

    @cached_property
    def least_density(self) -> float:
        """How near to other people's works nearly every work of the cohort comes; a cosine."""
        return float(np.quantile(self.of_people.own_density, FOREIGN))

    @cached_property
    def own_density(self) -> NDArray[np.float32]:
        """How near the works of others come to each work, float32 [N]."""
        return self.density(self.styles, self.people)

    def correction_for(self, creators: int) -> float:
        """The correction in an index of so many creators, more where they are few (`FEW`)."""
        enrolled, more = np.log(FEW.T)
        return self.correction * float(np.exp(np.interp(np.log(max(creators, 1)), enrolled, more)))

    def strangers(self, nearest: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Whose works can be compared: those of people none of whose works is enrolled.

        Args:
            nearest: float32 [N], cosine of the enrolled work nearest to each.

        Returns:
            bool [N].
        """
        known = self.people[nearest >= SAME]
        return ~np.isin(self.people, known[known >= 0])

    def density(
        self, queries: NDArray[np.float32], people: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """How near the nearest works by people come to pictures.

        Pictures by AIs do not count: to be like them is no excuse for an imitation.

        Args:
            queries: float32 [Q, S].
            people: int64 [Q], whose works are left out for each; None leaves nobody out.

        Returns:
            float32 [Q], mean cosine of the nearest.
        """
        others = self.of_people
        likeness = queries @ others.styles.T
        if people is not None:
            likeness[people[:, None] == others.people[None]] = -1.0
        count = min(NEIGHBOURS, likeness.shape[1])
        nearest = np.partition(likeness, -count, axis=1)[:, -count:]
        return np.asarray(nearest.mean(axis=1), np.float32)


def measure(works: NDArray[np.float32], cohort: Cohort) -> Standing:
    """How a creator's works (float32 [n, S]) stand out from the cohort."""
    works = works[evenly(len(works), SAMPLE)]
    strangers = cohort.strangers((cohort.styles @ works.T).max(axis=1))
    body = Body(works)
    reached = body.likeness(cohort.styles[strangers])
    count = min(RIVALS, len(reached))
    highest = np.partition(reached, -count)[-count:]
    mean = float(highest.mean())
    deviation = max(float(highest.std()), LEAST_DEVIATION)
    if len(works) < 2:
        return Standing(mean, deviation, None, distinct=False)
    own = float((np.median(body.own()) - mean) / deviation)
    return Standing(mean, deviation, own, distinct=len(works) >= FEWEST and own >= STANDS_OUT)


def acceptance(
    likeness: NDArray[np.float32] | float,
    standing: Standing,
    density: NDArray[np.float32] | float,
    next_likeness: NDArray[np.float32] | float,
    inside: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Acceptance score: 0 where the stranger in the middle is, 1 where one in twenty is.

    It is the soft minimum of the comparisons, so that none of them makes up for another, and none
    alone, such as a second creator who draws alike, undoes the others altogether.

    Args:
        likeness: [Q] or one, of pictures to the creator.
        standing: Of the creator.
        density: [Q] or one, of the cohort to the pictures.
        next_likeness: [Q] or one, of the pictures to whom they are nearest among the creators with
            whom this one has nothing to do; minus infinity where there is none.
        inside: [Q] or one, where the pictures lie by the creator's `Boundary`.

    Returns:
        float64 [Q], or a scalar array.
    """
    raw = np.asarray(likeness, np.float64)
    own = USUAL_OWN if standing.own is None else standing.own
    compared = np.broadcast_arrays(
        (raw - standing.mean) / standing.deviation,
        (raw - density) / SPREAD,
        (raw - (standing.mean + own * standing.deviation)) / SPREAD,
        (raw - next_likeness) / SPREAD,
        inside,
    )
    return soft_minimum(compared, STRANGERS, WEIGHTS)


def soft_minimum(
    compared: Sequence[NDArray[np.float64]],
    scales: NDArray[np.float64],
    weights: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Comparisons in one: about the least of them, each on its own scale.

    Args:
        compared: K arrays of one shape.
        scales: [K, 2], what of each counts as 0, and what as 1.
        weights: [K]; where all are equal, so is what comes of them.

    Returns:
        float64, of that shape.
    """
    weakest = [
        np.log(weight) - (one - middle) / (high - middle)
        for one, (middle, high), weight in zip(compared, scales, weights, strict=True)
    ]
    return np.asarray(np.log(weights.sum()) - np.logaddexp.reduce(weakest, axis=0))


@dataclass(frozen=True)
class Null:
    """What works of people who are not enrolled reach against this index.

    Attributes:
        scores: float64 [n], ascending: acceptance scores of their nearest creators.
    """

    scores: NDArray[np.float64]

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> "Null":
        """From n scores in any order; those that are not finite are left out."""
        return cls(np.sort(scores[np.isfinite(scores)]))

    def p_value(self, score: float) -> float:
        """Share of other people's works that score as high, as far as can be told.

        Within the tail an exponential is fitted to the excesses, so that it goes on falling
        beyond the highest score that was seen.

        Returns:
            Above 0, at most 1, falling with the score.
        """
        if len(self.scores) == 0:
            return 1.0
        start, scale = self._tail
        if score > start:
            return float(max(TAIL * np.exp(-(score - start) / scale), 1e-12))
        # Interpolated between the scores seen: no ties, and TAIL where the tail begins.
        return float(max(np.interp(score, self.scores, self._shares), TAIL))

    @cached_property
    def _tail(self) -> tuple[float, float]:
        """Where the tail begins, and the mean excess over that."""
        start = float(np.quantile(self.scores, 1 - TAIL))
        excess = self.scores[self.scores > start] - start
        return start, max(float(excess.mean()) if len(excess) else 0.0, 1e-6)

    @cached_property
    def _shares(self) -> NDArray[np.float64]:
        """Share of the scores that are as high as each, [n]."""
        return np.linspace(1.0, 0.0, len(self.scores))


@dataclass(frozen=True)
class Nulls:
    """What innocent pictures reach: works of strangers, enrolled works among others, and AIs'.

    The cohort is large, but of another collection than the index. The enrolled works are of the
    index's own kind, size and compression, and each is innocent of imitating all other creators.

    Attributes:
        strangers: Of the cohort.
        enrolled: Of enrolled works, their own creators left out.
        by_ai: Imitation scores of pictures by AIs, of the cohort.
        correction: Of the cohort, in an index of so many creators.
    """

    strangers: Null
    enrolled: Null
    by_ai: Null
    correction: float = 1.0

    def p_value(self, score: float) -> float:
        """The larger of both, so that neither accuses alone; above 0, at most 1."""
        share = self.strangers.p_value(score)
        if len(self.enrolled.scores):
            share = max(share, self.enrolled.p_value(score))
        return min(1.0, self.correction * share)

    def p_value_ai(self, score: float) -> float | None:
        """Of pictures by AIs, by an imitation score: above 0, at most 1; None if there are none.

        Nothing is corrected: heads have not learnt whose pictures these are.
        """
        return self.by_ai.p_value(score) if len(self.by_ai.scores) else None
