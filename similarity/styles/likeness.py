"""How like a picture is to a body of work: the score by which creators are ranked.

The mean of two cosines: to the prototype, which is the middle of the works, and to the two nearest
works. A work counts as nearer where its siblings, the other works of its creator, come less near to
it than usual, and as less near where they come nearer: the works of a creator with one narrow style
are all near to whatever is roughly alike, and each of them would outdo the right work of a creator
who draws in many ways. Distances are scaled by those within the neighbourhood, as in local scaling.

Paper: Zelnik-Manor and Perona, "Self-tuning spectral clustering", NIPS 2004.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from similarity.vectors.base import unit

NEAREST = 2
"""Works of a creator that count beside the prototype; and siblings of a work."""

USUAL = 0.5
"""How near the nearest siblings come to a work: the one in the middle, of works of `train` by heads
that have not seen them. What holds for a work without siblings."""

NARROWNESS = 0.4
"""What a work counts less for every unit of cosine by which its siblings come nearer than usual."""

SAME = 0.9
"""Cosine from which two pictures are taken for one."""

SAMPLE = 400
"""Works of one creator that are looked at where all would be too many: evenly spaced ones."""

ROWS = 1_024
"""Works that are compared with their siblings at once."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Body:
    """The works of one creator.

    Attributes:
        works: float32 [n, S], unit norm, n above 0.
    """

    works: Vectors

    @cached_property
    def prototype(self) -> Vectors:
        """The middle of the works: float32 [S], unit norm."""
        return unit(self.works.sum(axis=0))

    @cached_property
    def narrowness(self) -> Vectors:
        """What is taken from the cosine to each work, for how near its siblings come: float32 [n].

        Siblings that are the same picture do not count: whoever enrols a work twice makes neither
        less near to what copies it.
        """
        parts = [np.empty(0, np.float32)]
        for start in range(0, len(self.works), ROWS):
            cosine = self.works[start : start + ROWS] @ self.works.T
            siblings = _nearest(np.where(cosine < SAME, cosine, -np.inf))  # nor does it itself
            counts = np.isfinite(siblings)
            total = np.where(counts, siblings, 0).sum(axis=1)
            parts.append(np.where(counts.any(axis=1), total / counts.sum(axis=1).clip(1), USUAL))
        return np.asarray(NARROWNESS * (np.concatenate(parts) - USUAL), np.float32)

    def likeness(self, queries: Vectors) -> Vectors:
        """Likeness of pictures to these works.

        Args:
            queries: float32 [Q, S], unit norm.

        Returns:
            float32 [Q], about -1 to 1.
        """
        return self.likeness_of(queries @ self.works.T, queries @ self.prototype)

    def likeness_of(self, cosine: Vectors, prototype: Vectors) -> Vectors:
        """As `likeness`, of cosines to the works, float32 [Q, n], and to the prototype, [Q]."""
        nearest = _nearest(cosine - self.narrowness).mean(axis=1)
        return np.asarray((nearest + prototype) / 2, np.float32)

    def own(self) -> Vectors:
        """Likeness of each work to the others, float32 [n], n above 1."""
        cosine = self.works @ self.works.T - self.narrowness
        np.fill_diagonal(cosine, -np.inf)
        nearest = _nearest(cosine, min(NEAREST, len(self.works) - 1)).mean(axis=1)
        prototypes = unit(self.works.sum(axis=0) - self.works)
        return np.asarray((nearest + (self.works * prototypes).sum(axis=1)) / 2, np.float32)


def evenly(count: int, most: int) -> NDArray[np.int64]:
    """At most so many of the numbers below a count, evenly spaced."""
    return np.linspace(0, count - 1, min(most, count)).astype(np.int64)


def _nearest(cosine: Vectors, most: int = NEAREST) -> Vectors:
    """The highest cosines of each row, at most so many, in no order."""
    count = min(most, cosine.shape[1])
    return np.partition(cosine, -count, axis=1)[:, -count:]
