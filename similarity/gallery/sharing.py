"""Who has enrolled the same works: a repost, a collaboration, or somebody who is not who they say.

It is told until it is settled, by `--collaborator`, or by a withdrawal: until then neither says
anything of the other (`similarity.styles.nulls`), and an upload that is close to one is close to
both.
"""

from collections import defaultdict
from collections.abc import Mapping

from similarity.gallery.gallery import State


def unsettled(state: State) -> Mapping[str, Mapping[str, int]]:
    """Creators of whom files of the same content are enrolled, and who are no collaborators.

    Reads the names of all works.

    Returns:
        By creator: the others by name, each with the number of works that both have.
    """
    creators = state.creators()
    owners: dict[str, set[str]] = defaultdict(set)
    for one in creators:
        for work in state.works_of(one.name):
            owners[work.sha256].add(one.name)
    friends = {(one.name, other) for one in creators for other in one.collaborators}
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for names in owners.values():
        for name in names:
            for other in names - {name}:
                if (name, other) not in friends and (other, name) not in friends:
                    found[name][other] = found[name].get(other, 0) + 1
    return {name: dict(sorted(others.items())) for name, others in found.items()}
