"""Where the works of one creator end and those of others begin: a linear classifier of each one.

Its negatives are the works of others that come nearest to the creator. From all others it is enough
to be roughly alike; it is from these that the hand must be told. Regularised least squares, both
classes weighed alike, every direction at one size: in closed form, and as good here as logistic
regression.

Papers: Malisiewicz, Gupta and Efros, "Ensemble of exemplar-SVMs for object detection and beyond",
ICCV 2011; Rifkin, Yeo and Poggio, "Regularized least-squares classification", 2003.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from similarity.styles.likeness import SAME, SAMPLE, Body, Vectors, evenly

NEGATIVES = 100
"""Works of others that a creator is told from."""

CANDIDATES = 400
"""Works nearest to a creator, of which it is looked whether they are the creator's own."""

RIDGE = 1.0
"""Of the weights, in mean squared lengths of the pictures."""

LEAST_STD = 1e-6

Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Boundary:
    """Between one creator and others.

    Attributes:
        direction: float32 [S].
        offset: Added to what a picture has along it.
    """

    direction: Vectors
    offset: float

    def __call__(self, queries: Vectors) -> NDArray[np.float64]:
        """Of pictures, float32 [Q, S]: about 1 among the creator's works, -1 among the others'."""
        return np.asarray(queries @ self.direction, np.float64) + self.offset


@dataclass(frozen=True, eq=False)
class Background:
    """Works of many people.

    Attributes:
        works: float32 [N, S], unit norm, N above 0.
        makers: int64 [N], a number for each person, 0 or more.
    """

    works: Vectors
    makers: Numbers

    def boundary(self, body: Body, left_out: Collection[int] = ()) -> Boundary:
        """Between the works of a creator and the nearest ones of others.

        Whoever has one of the creator's works among the nearest is no other.

        Args:
            body: The works of the creator.
            left_out: Numbers of others who do not count.
        """
        return self._drawn(body, self._near(body, left_out))

    def halves(self, body: Body, left_out: Collection[int] = ()) -> tuple[Boundary, Boundary]:
        """The same twice: against others of even numbers alone, and against those of odd ones.

        Works of the background itself are judged by the boundary of which their makers know
        nothing: what was drawn around a work says nothing of where it lies.
        """
        near, odd = self._near(body, left_out), self.makers % 2 == 1
        first, second = (self._drawn(body, np.where(one, near, -np.inf)) for one in (~odd, odd))
        return first, second

    def _near(self, body: Body, left_out: Collection[int]) -> Vectors:
        """How near each work comes to the creator; minus infinity if it does not count."""
        near = self.works @ body.prototype
        near[np.isin(self.makers, list(left_out))] = -np.inf
        nearest = np.argpartition(-near, min(CANDIDATES, len(near)) - 1)[:CANDIDATES]
        same = (self.works[nearest] @ body.works.T).max(axis=1) >= SAME
        near[np.isin(self.makers, self.makers[nearest[same]])] = -np.inf
        return near

    def _drawn(self, body: Body, near: Vectors) -> Boundary:
        """The boundary; where there are no others, everything lies infinitely far inside."""
        count = min(NEGATIVES, int(np.isfinite(near).sum()))
        if not count:
            return Boundary(np.zeros_like(body.prototype), np.inf)
        nearest = np.sort(np.argpartition(-near, count - 1)[:count])
        own = body.works[evenly(len(body.works), SAMPLE)]
        pictures = (np.concatenate([own, self.works[nearest]]) - self._middle) / self._scale
        found = _least_squares(pictures, np.arange(len(pictures)) < len(own))
        direction = found.direction / self._scale
        return Boundary(direction, found.offset - float(self._middle @ direction))

    @cached_property
    def _middle(self) -> Vectors:
        return np.asarray(self.works.mean(axis=0), np.float32)

    @cached_property
    def _scale(self) -> Vectors:
        return np.asarray(np.maximum(self.works.std(axis=0), LEAST_STD), np.float32)


def _least_squares(pictures: Vectors, own: NDArray[np.bool_]) -> Boundary:
    """The boundary between pictures, float32 [n, S], and others of them (bool [n], both occur)."""
    weight = np.where(own, 0.5 / own.sum(), 0.5 / (~own).sum())
    middle = (weight @ pictures).astype(np.float32)
    centred = pictures - middle
    # In as many unknowns as there are pictures, who are fewer than numbers of each.
    products = (centred @ centred.T).astype(np.float64)
    ridge = RIDGE * np.trace(products) / len(own) ** 2
    products[np.diag_indices_from(products)] += ridge / weight
    parts = np.linalg.solve(products, np.where(own, 1.0, -1.0))
    direction = centred.T @ parts.astype(np.float32)
    return Boundary(direction, -float(middle @ direction))
