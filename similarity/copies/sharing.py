"""Who has enrolled the same works: a repost, a collaboration, or somebody who is not who they say.

It is told until it is settled, by `--collaborator`, or by a withdrawal: until then neither says
anything of the other (`similarity.styles.nulls`), and an upload that is close to one is close to
both.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from similarity.copies.known_pictures import same_pictures
from similarity.gallery.creators import Work
from similarity.gallery.gallery import State

AT_ONCE = 1_024
"""Hashes that are searched at once."""


def unsettled(state: State, *, near: bool = False) -> Mapping[str, Mapping[str, int]]:
    """Creators of whom the same works are enrolled, and who are no collaborators.

    Reads the names of all works.

    Args:
        state: Of the gallery.
        near: Whether other files that show the same count, too. Every hash is compared with every
            other then, so that the time grows with the square of their number.

    Returns:
        By creator: the others by name, each with the number of works that the creator shares.
    """
    creators = state.creators()
    works = [work for one in creators for work in state.works_of(one.name)]
    friends = {(one.name, other) for one in creators for other in one.collaborators}
    shared: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for mine, other in (*_same_files(works), *(_same_pictures(state, works) if near else ())):
        pair = mine.creator, other.creator
        if pair[0] != pair[1] and pair not in friends and pair[::-1] not in friends:
            shared[pair[0]][pair[1]].add(mine.id)
            shared[pair[1]][pair[0]].add(other.id)
    return {
        name: {other: len(ids) for other, ids in sorted(others.items())}
        for name, others in shared.items()
    }


def unsettled_of(state: State, name: str, *, near: bool = False) -> Mapping[str, int]:
    """As `unsettled` tells of one creator, by works of theirs alone.

    Raises:
        CreatorNotFound: There is no such creator.
    """
    works = {work.id: work for work in state.works_of(name)}
    friends = {one.name for one in state.creators() if name in one.collaborators}
    friends |= {name, *state.creator(name).collaborators}
    shared: dict[str, set[str]] = defaultdict(set)
    for other in state.works_by_content(sorted({work.sha256 for work in works.values()})):
        shared[other.creator].add(other.sha256)
    if near:
        ids, hashes = state.hashes()
        mine = np.isin(ids, list(works))
        for row, other in same_pictures(state, hashes[mine]):
            shared[other.creator].add(works[int(ids[mine][row])].sha256)
    return {other: len(some) for other, some in sorted(shared.items()) if other not in friends}


def _same_files(works: list[Work]) -> Iterator[tuple[Work, Work]]:
    by_content: dict[str, list[Work]] = defaultdict(list)
    for work in works:
        for other in by_content[work.sha256]:
            yield work, other
        by_content[work.sha256].append(work)


def _same_pictures(state: State, works: list[Work]) -> Iterator[tuple[Work, Work]]:
    by_id = {work.id: work for work in works}
    ids, hashes = state.hashes()
    for start in range(0, len(ids), AT_ONCE):
        for row, other in same_pictures(state, hashes[start : start + AT_ONCE]):
            yield by_id[int(ids[start + row])], other
