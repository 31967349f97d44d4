"""What the enrolled say of each other: works that stand for those of others, and boundaries."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from similarity.gallery.creators import Creator
from similarity.gallery.gallery import State
from similarity.styles.boundary import Background, Boundary
from similarity.styles.likeness import Body, Vectors
from similarity.styles.open_set import ENROLLED, Cohort

KEPT = 4_096
"""Creators whose boundaries stay in memory."""

NOBODY: frozenset[str] = frozenset()

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sample:
    """Some works of all creators, or of some if there are many.

    Attributes:
        works: float32 [n, S], unit norm.
        makers: Who made each, n names.
    """

    works: Vectors
    makers: tuple[str, ...]

    @classmethod
    def of(cls, state: State, creators: Mapping[str, Creator]) -> "Sample":
        """At most `ENROLLED` works: the same whenever they were enrolled."""
        names = sorted(creators)
        names = names[:: max(1, -(-len(names) // ENROLLED))]
        each = max(1, ENROLLED // max(1, len(names)))
        works = {name: state.styles(name).vectors[:each] for name in names}
        makers = [name for name, some in works.items() for _ in some]
        if not makers:
            return cls(np.empty((0, 0), np.float32), ())
        return cls(np.concatenate([some for some in works.values() if len(some)]), tuple(makers))


class Boundaries:
    """Between the creators of one state and others; each is drawn when it is asked for.

    Others are the people of the cohort and a sample of those who are enrolled.

    Args:
        state: What is enrolled.
        creators: The same creators by name.
        cohort: Works of other people.
    """

    def __init__(self, state: State, creators: Mapping[str, Creator], cohort: Cohort) -> None:
        self._state = state
        self._creators = creators
        self._cohort = cohort
        self._of = lru_cache(maxsize=KEPT)(self._drawn)

    @cached_property
    def sample(self) -> Sample:
        """Of those who are enrolled."""
        return Sample.of(self._state, self._creators)

    @cached_property
    def makers(self) -> Numbers:
        """Number of who made each work of the sample, int64 [n]; none is of the cohort."""
        return np.array([self._numbers[name] for name in self.sample.makers], np.int64)

    def of(self, name: str, left_out: frozenset[str] = NOBODY) -> Boundary:
        """The boundary of a creator.

        Args:
            name: Of the creator.
            left_out: Names of others who do not count, besides collaborators.
        """
        return self._of(name, left_out.intersection(self._numbers))

    def unseen(self, name: str, queries: Vectors, makers: Numbers) -> NDArray[np.float64]:
        """On which side of the boundary of a creator works of the others themselves lie.

        A boundary is drawn by these very works, and says of them that they lie outside. So each is
        asked about by one that the works of its maker had no part in.

        Args:
            name: Of the creator.
            queries: float32 [Q, S], the works.
            makers: int64 [Q], as in `makers` and the cohort.

        Returns:
            float64 [Q].
        """
        of_even, of_odd = self._background.halves(self._body(name), self._left_out(name, NOBODY))
        return np.where(makers % 2 == 1, of_even(queries), of_odd(queries))

    def _drawn(self, name: str, left_out: frozenset[str]) -> Boundary:
        return self._background.boundary(self._body(name), self._left_out(name, left_out))

    def _body(self, name: str) -> Body:
        return Body(self._state.styles(name).vectors)

    def _left_out(self, name: str, others: frozenset[str]) -> list[int]:
        friends = self._friends.get(name, NOBODY)
        return [self._numbers[one] for one in {name, *friends, *others} if one in self._numbers]

    @cached_property
    def _numbers(self) -> Mapping[str, int]:
        """Number of each creator in the sample: above those of the people of the cohort."""
        first = int(self._cohort.people.max(initial=-1)) + 1
        return {name: first + i for i, name in enumerate(dict.fromkeys(self.sample.makers))}

    @cached_property
    def _friends(self) -> Mapping[str, frozenset[str]]:
        return collaborations(self._creators)

    @cached_property
    def _background(self) -> Background:
        people = self._cohort.of_people
        return Background(
            np.concatenate([people.styles, *([self.sample.works] if self.sample.makers else ())]),
            np.concatenate([people.people, self.makers]),
        )


def collaborations(creators: Mapping[str, Creator]) -> Mapping[str, frozenset[str]]:
    """By name: of whom either has told that they may look alike."""
    found: dict[str, set[str]] = {}
    for name, one in creators.items():
        for other in one.collaborators:
            found.setdefault(name, set()).add(other)
            found.setdefault(other, set()).add(name)
    return {name: frozenset(others) for name, others in found.items()}
