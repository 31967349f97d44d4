"""Pictures compared with everybody who is enrolled: slow, obvious, and what a search is held to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from similarity.gallery.creators import Standing
from similarity.styles.boundary import Background, Boundary
from similarity.styles.imitation import imitation, reached
from similarity.styles.likeness import Body
from similarity.styles.open_set import ENROLLED, Cohort, Null, Nulls, acceptance, measure
from training.similarity.trials import Trial

Floats = NDArray[np.float32]
Values = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Compared:
    """How near Q pictures are to each of E enrolled creators.

    Attributes:
        like: float32 [Q, E], likeness.
        accepted: float64 [Q, E], acceptance scores.
        imitated: float64 [Q, E], imitation scores.
        nulls: What innocent works reach.
    """

    like: Floats
    accepted: Values
    imitated: Values
    nulls: Nulls

    @property
    def scores(self) -> Values:
        """Acceptance score of the creator who is most like each picture, float64 [Q]."""
        return first(self.like, self.accepted)

    @property
    def p_values(self) -> Values:
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
    bodies = [Body(vectors[mine]) for mine in trial.enrolled.values()]
    standings = [measure(body.works, cohort) for body in bodies]

    each = max(1, ENROLLED // len(bodies))
    works = np.concatenate([body.works[:each] for body in bodies])
    owner = np.repeat(np.arange(len(bodies)), [min(each, len(body.works)) for body in bodies])
    people = cohort.of_people
    makers = people.people.max() + 1 + owner
    background = Background(
        np.concatenate([people.styles, works]), np.concatenate([people.people, makers])
    )
    sides = _Sides.of(background, bodies)

    def like(queries: Floats) -> Floats:
        return np.stack([body.likeness(queries) for body in bodies], axis=1)

    # What enrolled works reach against the creators whose they are not.
    others = like(works)
    others[np.arange(len(works)), owner] = -np.inf
    of_asked, of_others = like(vectors[asked]), like(cohort.styles)
    density = cohort.density(vectors[asked])
    accepted_others = first(
        of_others,
        _accepted(
            of_others, standings, cohort.own_density, sides.unseen(cohort.styles, cohort.people)
        ),
    )
    of_works = _accepted(others, standings, cohort.density(works), sides.unseen(works, makers))
    by_ai = np.array([reached(body, cohort.by_ai) for body in bodies])
    of_ai = of_others[~cohort.human]
    imitated_ai = imitation(of_ai, by_ai, sides.of_uploads(cohort.by_ai))
    nulls = Nulls(
        Null.of(accepted_others[cohort.human]),
        Null.of(first(others, of_works)),
        Null.of(first(of_ai, imitated_ai)),
        cohort.correction_for(len(bodies)),
    )
    inside = sides.of_uploads(vectors[asked])
    accepted = _accepted(of_asked, standings, density, inside)
    return Compared(of_asked, accepted, imitation(of_asked, by_ai, inside), nulls)


@dataclass(frozen=True)
class _Sides:
    """On which sides of the boundaries of E creators pictures lie.

    Attributes:
        whole: Of each creator, against all others.
        halves: Of each creator, against others of even numbers, and of odd ones.
    """

    whole: Sequence[Boundary]
    halves: Sequence[tuple[Boundary, Boundary]]

    @classmethod
    def of(cls, background: Background, bodies: Sequence[Body]) -> "_Sides":
        return cls(
            [background.boundary(body) for body in bodies],
            [background.halves(body) for body in bodies],
        )

    def of_uploads(self, queries: Floats) -> Values:
        """float64 [Q, E]."""
        return np.stack([boundary(queries) for boundary in self.whole], axis=1)

    def unseen(self, queries: Floats, makers: Numbers) -> Values:
        """The same of works of the background, by boundaries that were not drawn by their makers.

        Args:
            queries: float32 [Q, S].
            makers: int64 [Q]; below 0 for those who are not in the background, and are asked about
                by either.
        """
        even, odd = (
            np.stack([pair[half](queries) for pair in self.halves], axis=1) for half in (0, 1)
        )
        return np.where((makers % 2 == 0)[:, None], odd, even)


def _accepted(
    like: Floats, standings: Sequence[Standing], density: Floats, inside: Values
) -> Values:
    """Acceptance scores of Q pictures by E creators.

    Args:
        like: float32 [Q, E], likeness; minus infinity for a creator who does not count.
        standings: Of the creators.
        density: float32 [Q].
        inside: float64 [Q, E], on which side of the creators' boundaries.

    Returns:
        float64 [Q, E].
    """
    scores = np.full(like.shape, -np.inf)
    for number, standing in enumerate(standings):
        counts = np.isfinite(like[:, number])
        others = np.delete(like[counts], number, axis=1).max(axis=1, initial=-np.inf)
        mine, side = like[counts, number], inside[counts, number]
        scores[counts, number] = acceptance(mine, standing, density[counts], others, side)
    return scores


def first(like: Floats, values: Values) -> Values:
    """Of each picture, the value of the creator who is most like it: float64 [Q]."""
    return np.asarray(values[np.arange(len(like)), like.argmax(axis=1)], np.float64)
