"""What innocent works reach against an index: the scale on which uploads are judged.

Everything follows from one state of the index and the cohort. Every work is compared with every
creator, so that nothing depends on how the works are laid out for searches, or in which order they
came.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from similarity.gallery.creators import Creator
from similarity.gallery.gallery import CreatorStyles, State
from similarity.styles.open_set import (
    Cohort,
    Null,
    Nulls,
    acceptance,
    likeness_of,
    prototype_of,
)

ENROLLED = 1_000
"""Enrolled works, at most, whose likeness to other creators is taken as innocent."""

AT_ONCE = 1_024
"""Works that all are compared with at once."""

KEPT = "nulls-1"
"""Under which name a gallery keeps them: another number for another way to compute them."""

_Vectors = NDArray[np.float32]


def null_scores(state: State, creators: Mapping[str, Creator], cohort: Cohort) -> Nulls:
    """What innocent works reach against a state.

    Args:
        state: Of an index.
        creators: Who is enrolled in it, by name, measured.
        cohort: Works of other people.
    """
    cohort = cohort.of_people
    people = cohort.styles
    enrolled, makers = _sample(state, creators)
    queries = np.concatenate([people, enrolled.reshape(-1, people.shape[1])])
    density = np.concatenate([cohort.own_density, cohort.density(queries[len(people) :])])
    nearest = np.full(len(people), -1.0, np.float32)
    best = np.full(len(queries), -np.inf, np.float32)
    scores = np.full(len(queries), -np.inf)
    left_out = _left_out(creators, makers)
    for block in _blocks(state.all_styles()):
        works = np.concatenate([one.vectors for one in block])
        # At once for many creators: few works would leave the processor waiting for memory.
        cosines = queries @ works.T
        prototypes = queries @ np.stack([prototype_of(one.vectors) for one in block]).T
        nearest = np.maximum(nearest, cosines[: len(people)].max(axis=1))
        ends = np.cumsum([len(one.ids) for one in block])
        for one, cosine, prototype in zip(
            block, np.split(cosines, ends[:-1], axis=1), prototypes.T, strict=True
        ):
            creator = creators[one.creator.name]
            values = likeness_of(cosine, prototype)
            better = values > best
            better[len(people) + left_out.get(creator.name, np.empty(0, np.int64))] = False
            best[better] = values[better]
            scores[better] = accepted(creator, values[better], density[better])
    strangers = cohort.strangers(nearest)
    return Nulls(
        Null.of(scores[: len(people)][strangers]), Null.of(scores[len(people) :]), cohort.correction
    )


def pack_nulls(nulls: Nulls) -> bytes:
    """Null scores as bytes."""
    return save({"strangers": nulls.strangers.scores, "enrolled": nulls.enrolled.scores})


def unpack_nulls(data: bytes, cohort: Cohort) -> Nulls | None:
    """Null scores out of their bytes; None if they are damaged."""
    try:
        found = load(data)
        return Nulls(Null.of(found["strangers"]), Null.of(found["enrolled"]), cohort.correction)
    except (SafetensorError, KeyError):
        return None


def accepted(
    creator: Creator, likeness: _Vectors | float, density: _Vectors | float
) -> NDArray[np.float64]:
    """As `acceptance`; minus infinity for a creator who is not measured."""
    if creator.standing is None:
        return np.full(np.shape(likeness), -np.inf)
    return acceptance(likeness, creator.standing, density)


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


def _sample(state: State, creators: Mapping[str, Creator]) -> tuple[_Vectors, list[str]]:
    """Style vectors of some works of all creators, or of some if there are many; and the makers."""
    names = sorted(creators)
    names = names[:: max(1, -(-len(names) // ENROLLED))]
    each = max(1, ENROLLED // max(1, len(names)))
    wanted = set(names)
    parts, makers = [], []
    for one in state.all_styles():
        if one.creator.name in wanted:
            parts.append(one.vectors[:each])
            makers += [one.creator.name] * len(parts[-1])
    if not parts:
        return np.empty((0, 0), np.float32), []
    return np.concatenate(parts), makers


def _left_out(
    creators: Mapping[str, Creator], makers: list[str]
) -> Mapping[str, NDArray[np.int64]]:
    """By creator: the places of the works that are no test of them, since they may look alike."""
    places: dict[str, list[int]] = {}
    for place, maker in enumerate(makers):
        places.setdefault(maker, []).append(place)
    out = {maker: list(own) for maker, own in places.items()}
    for name, creator in creators.items():
        for other in creator.collaborators:
            out.setdefault(other, []).extend(places.get(name, ()))
            out.setdefault(name, []).extend(places.get(other, ()))
    return {name: np.array(found, np.int64) for name, found in out.items()}
