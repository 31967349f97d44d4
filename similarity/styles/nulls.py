"""What innocent works reach against an index: the scale on which uploads are judged.

Two creators of whom enrolled works are the same say nothing of each other, as collaborators do not:
one of them reposts the other's works, or is the other under a second name, and none of that may
excuse a third who imitates either.

Everything follows from one state of the index and the cohort. Every work is compared with every
creator, so that nothing depends on how the works are laid out for searches, or in which order they
came.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from similarity.gallery.creators import Creator
from similarity.gallery.gallery import CreatorStyles, State
from similarity.styles.enrolled import Boundaries, collaborations
from similarity.styles.imitation import imitation, reached
from similarity.styles.likeness import SAME, Body
from similarity.styles.open_set import (
    Cohort,
    Null,
    Nulls,
    acceptance,
)

AT_ONCE = 1_024
"""Works that all are compared with at once."""

NEAREST = 20
"""Creators nearest to a picture, of whom the first is accepted or not, by the lead over another."""

KEPT = "nulls-6"
"""Under which name a gallery keeps them: another number for another way to compute them."""

NOBODY = -1
"""Number of no creator."""

_Vectors = NDArray[np.float32]
_Pair = tuple[str, str]
_NOBODY_OF = np.empty(0, np.int64)


def null_scores(state: State, creators: Mapping[str, Creator], cohort: Cohort) -> Nulls:
    """What innocent works reach against a state.

    Args:
        state: Of an index.
        creators: Who is enrolled in it, by name, measured.
        cohort: Works of other people.
    """
    others = cohort.styles
    boundaries = Boundaries(state, creators, cohort)
    makers = boundaries.sample.makers
    queries = np.concatenate([others, *([boundaries.sample.works] if makers else ())])
    related = {(name, other) for name, known in collaborations(creators).items() for other in known}
    while True:
        left_out = _left_out(related, makers)
        compared = _compared(state, queries, left_out, len(others))
        shared = _sharing(compared.same, makers)
        if shared <= related:
            break
        related |= shared
    density = np.concatenate([cohort.own_density, cohort.density(queries[len(others) :])])
    asked = _Asked(queries, np.concatenate([cohort.people, boundaries.makers]), density)
    scores = _scores(asked, compared, creators, related, boundaries)
    strangers = cohort.strangers(compared.nearest) & cohort.human
    return Nulls(
        Null.of(scores[: len(others)][strangers]),
        Null.of(scores[len(others) :]),
        Null.of(_imitations(state, creators, cohort, compared, boundaries)),
        cohort.correction_for(len(creators)),
    )


@dataclass(frozen=True, eq=False)
class _Asked:
    """Q pictures, the first N of the cohort and the others enrolled.

    Attributes:
        queries: float32 [Q, S], unit norm.
        makers: int64 [Q], a number for each person; below 0 for pictures by AIs.
        density: float32 [Q], of the cohort to them.
    """

    queries: _Vectors
    makers: NDArray[np.int64]
    density: _Vectors


@dataclass(frozen=True)
class _Compared:
    """Q pictures, the first N of the cohort and the others enrolled, compared with all creators.

    Attributes:
        likeness: float32 [Q, K], to the creators who are nearest, best first; minus infinity
            where there are fewer than K.
        creators: int64 [Q, K], the numbers of these; no creator's where there are fewer.
        nearest: float32 [N], cosine of the nearest enrolled work.
        same: By creator: the places, among the enrolled, of works that one of theirs is.
    """

    likeness: _Vectors
    creators: NDArray[np.int64]
    nearest: _Vectors
    same: Mapping[str, NDArray[np.int64]]


def _compared(
    state: State,
    queries: _Vectors,
    left_out: Mapping[str, NDArray[np.int64]],
    others: int,
) -> _Compared:
    nearest = np.full(others, -1.0, np.float32)
    best = np.full((len(queries), NEAREST), -np.inf, np.float32)
    numbers = np.full((len(queries), NEAREST), NOBODY, np.int64)
    same: dict[str, NDArray[np.int64]] = {}
    for block in _blocks(state.all_styles()):
        works = np.concatenate([one.vectors for one in block])
        # At once for many creators: few works would leave the processor waiting for memory.
        cosines = queries @ works.T
        bodies = [Body(one.vectors) for one in block]
        prototypes = queries @ np.stack([body.prototype for body in bodies]).T
        nearest = np.maximum(nearest, cosines[:others].max(axis=1))
        ends = np.cumsum([len(one.ids) for one in block])
        likeness = np.empty((len(queries), len(block)), np.float32)
        for place, cosine in enumerate(np.split(cosines, ends[:-1], axis=1)):
            name = block[place].creator.name
            likeness[:, place] = bodies[place].likeness_of(cosine, prototypes[:, place])
            likeness[others + left_out.get(name, _NOBODY_OF), place] = -np.inf
            same[name] = np.flatnonzero((cosine[others:] >= SAME).any(axis=1))
        seen = np.arange(len(same) - len(block), len(same))
        best, numbers = _best(
            np.concatenate([best, likeness], axis=1),
            np.concatenate([numbers, np.broadcast_to(seen, likeness.shape)], axis=1),
        )
    return _Compared(best, numbers, nearest, same)


def _best(likeness: _Vectors, numbers: NDArray[np.int64]) -> tuple[_Vectors, NDArray[np.int64]]:
    """The `NEAREST` highest of each row, best first, and whose they are."""
    order = np.argsort(-likeness, axis=1, kind="stable")[:, :NEAREST]
    return np.take_along_axis(likeness, order, 1), np.take_along_axis(numbers, order, 1)


def _scores(
    asked: _Asked,
    compared: _Compared,
    creators: Mapping[str, Creator],
    related: set[_Pair],
    boundaries: Boundaries,
) -> NDArray[np.float64]:
    """Acceptance scores of the creators that are nearest to each work, float64 [Q].

    Those of pictures by AIs stay minus infinity: these are asked about as imitations.
    """
    names = list(compared.same)
    scores = np.full(len(asked.queries), -np.inf)
    nearest = np.where(asked.makers >= 0, compared.creators[:, 0], NOBODY)
    for number in np.unique(nearest):
        if number == NOBODY:
            continue
        name = names[number]
        friends = [other for other, one in enumerate(names) if (name, one) in related]
        mine = nearest == number
        likeness = compared.likeness[mine]
        others = np.where(np.isin(compared.creators[mine], [number, *friends]), -np.inf, likeness)
        scores[mine] = accepted(
            creators[name],
            likeness[:, 0],
            asked.density[mine],
            others.max(axis=1),
            boundaries.unseen(name, asked.queries[mine], asked.makers[mine]),
        )
    return scores


def _imitations(
    state: State,
    creators: Mapping[str, Creator],
    cohort: Cohort,
    compared: _Compared,
    boundaries: Boundaries,
) -> NDArray[np.float64]:
    """Imitation scores of the cohort's pictures by AIs against the creators nearest to them."""
    names, places = list(compared.same), np.flatnonzero(~cohort.human)
    nearest, likeness = compared.creators[places, 0], compared.likeness[places, 0]
    scores = np.full(len(places), -np.inf)
    for number in np.unique(nearest):
        if number == NOBODY or creators[names[number]].standing is None:
            continue
        mine = nearest == number
        by_ai = reached(Body(state.styles(names[number]).vectors), cohort.by_ai)
        inside = boundaries.of(names[number])(cohort.by_ai[mine])
        scores[mine] = imitation(likeness[mine], by_ai, inside)
    return scores


def pack_nulls(nulls: Nulls) -> bytes:
    """Null scores as bytes."""
    parts = {"strangers": nulls.strangers, "enrolled": nulls.enrolled, "by_ai": nulls.by_ai}
    return save({name: part.scores for name, part in parts.items()})


def unpack_nulls(data: bytes, cohort: Cohort, creators: int) -> Nulls | None:
    """Null scores out of their bytes, of an index of so many creators; None if they are damaged."""
    try:
        found = load(data)
        strangers, enrolled, by_ai = (
            Null.of(found[name]) for name in ("strangers", "enrolled", "by_ai")
        )
        return Nulls(strangers, enrolled, by_ai, cohort.correction_for(creators))
    except (SafetensorError, KeyError):
        return None


def accepted(
    creator: Creator,
    likeness: _Vectors | float,
    density: _Vectors | float,
    next_likeness: _Vectors | float,
    inside: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """As `acceptance`; minus infinity for a creator who is not measured."""
    if creator.standing is None:
        return np.full(np.shape(likeness), -np.inf)
    return acceptance(likeness, creator.standing, density, next_likeness, inside)


def _blocks(styles: Iterable[CreatorStyles]) -> Iterator[list[CreatorStyles]]:
    """Creators together until they have `AT_ONCE` works."""
    block: list[CreatorStyles] = []
    for one in styles:
        block.append(one)
        if sum(len(each.ids) for each in block) >= AT_ONCE:
            yield block
            block = []
    if block:
        yield block


def _sharing(same: Mapping[str, NDArray[np.int64]], makers: Sequence[str]) -> set[_Pair]:
    """Creators of whom enrolled works are the same, both ways."""
    found = {(name, makers[place]) for name, places in same.items() for place in places}
    return {pair for one, other in found if one != other for pair in ((one, other), (other, one))}


def _left_out(related: set[_Pair], makers: Sequence[str]) -> Mapping[str, NDArray[np.int64]]:
    """By creator: the places of the works that are no test of them: their own, and of related."""
    places: dict[str, list[int]] = {}
    for place, maker in enumerate(makers):
        places.setdefault(maker, []).append(place)
    out = {maker: list(own) for maker, own in places.items()}
    for name, other in related:
        out.setdefault(name, []).extend(places.get(other, ()))
    return {name: np.array(found, np.int64) for name, found in out.items()}
