"""Pictures compared with everybody who is enrolled: slow, obvious, and what a search is held to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from similarity.gallery.creators import Standing
from similarity.styles.likeness import Body
from similarity.styles.open_set import Cohort, Null, Nulls, acceptance, measure
from training.similarity.trials import Trial

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Compared:
    """How near Q pictures are to each of E enrolled creators.

    Attributes:
        like: float32 [Q, E], likeness.
        accepted: float64 [Q, E], acceptance scores.
        nulls: What innocent works reach.
    """

    like: Floats
    accepted: NDArray[np.float64]
    nulls: Nulls

    @property
    def scores(self) -> NDArray[np.float64]:
        """Acceptance score of the creator who is most like each picture, float64 [Q]."""
        return first(self.like, self.accepted)

    @property
    def p_values(self) -> NDArray[np.float64]:
        """Of these scores, float64 [Q]."""
        return np.array([self.nulls.p_value(float(score)) for score in self.scores])


def compare(vectors: Floats, asked: Numbers, trial: Trial, cohort: Cohort) -> Compared:
    """Compare pictures with all enrolled creators.

    Args:
        vectors: float32 [N, S], of all works of the table.
        asked: int64 [Q], places of the pictures.
        trial: Who is enrolled.
        cohort: Of other people.
    """
    density = cohort.density(vectors[asked])
    enrolled = list(trial.enrolled.values())
    works = np.concatenate(enrolled)
    owner = np.repeat(np.arange(len(enrolled)), [len(mine) for mine in enrolled])
    of_works = cohort.density(vectors[works])
    standings = [measure(vectors[mine], cohort) for mine in enrolled]

    bodies = [Body(vectors[mine]) for mine in enrolled]

    def like(queries: Floats) -> Floats:
        return np.stack([body.likeness(queries) for body in bodies], axis=1)

    # What enrolled works reach against the creators whose they are not.
    others = like(vectors[works])
    others[np.arange(len(works)), owner] = -np.inf
    of_asked, of_others = like(vectors[asked]), like(cohort.styles)
    reached = first(of_others, _accepted(of_others, standings, cohort.own_density))
    nulls = Nulls(
        Null.of(reached[cohort.human]),
        Null.of(first(others, _accepted(others, standings, of_works))),
        Null.of(reached[~cohort.human]),
        cohort.correction,
    )
    return Compared(of_asked, _accepted(of_asked, standings, density), nulls)


def _accepted(like: Floats, standings: Sequence[Standing], density: Floats) -> NDArray[np.float64]:
    """Acceptance scores of Q pictures by E creators.

    Args:
        like: float32 [Q, E], likeness; minus infinity for a creator who does not count.
        standings: Of the creators.
        density: float32 [Q].

    Returns:
        float64 [Q, E].
    """
    scores = np.full(like.shape, -np.inf)
    for number, standing in enumerate(standings):
        counts = np.isfinite(like[:, number])
        others = np.delete(like[counts], number, axis=1).max(axis=1, initial=-np.inf)
        mine = like[counts, number]
        scores[counts, number] = acceptance(mine, standing, density[counts], others)
    return scores


def first(like: Floats, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each picture, the value of the creator who is most like it: float64 [Q]."""
    return np.asarray(values[np.arange(len(like)), like.argmax(axis=1)], np.float64)
