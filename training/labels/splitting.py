"""Labels to splits: what is newest, and generators that nobody has learnt from, are kept to judge.

A head is used on what comes after it, so it is judged on the newest labels and not on a random
sample; and what belongs together (a creator's works, a pair group) stands on one side.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence

from training.data.manifest import TRAIN
from training.labels.claim import Claim

DEV = "dev"
"""The split that is judged on."""


def split(
    labels: Sequence[Claim], *, newest: float = 0.1, held_out: Collection[str] = ()
) -> list[str]:
    """The split of each label, `train` or `dev`.

    Args:
        labels: One per image.
        newest: Part of the images of each class and generator that is for `dev`: whole groups,
            those with the newest labels first.
        held_out: Generators of which all images are for `dev`.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for i, key in enumerate(_groups(labels)):
        groups[key].append(i)
    latest = {key: max(labels[i].at for i in members) for key, members in groups.items()}
    sizes: dict[tuple[str, str], int] = defaultdict(int)
    for one in labels:
        sizes[_stratum(one)] += 1
    taken: dict[tuple[str, str], int] = defaultdict(int)
    found = [TRAIN] * len(labels)
    for key in sorted(groups, key=lambda key: (latest[key], key), reverse=True):
        members = groups[key]
        stratum = _stratum(labels[members[0]])
        room = newest * sizes[stratum] - taken[stratum]
        held = any(labels[i].facts.get("generator") in held_out for i in members)
        if held or len(members) <= room:
            taken[stratum] += len(members)
            for i in members:
                found[i] = DEV
    return found


def _stratum(label: Claim) -> tuple[str, str]:
    return label.label, label.facts.get("generator", "")


def _groups(labels: Sequence[Claim]) -> list[str]:
    """What each label must stand together with; a creator's pair groups tie creators together."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    firsts = []
    for one in labels:
        keys = [f"image {one.sha256}"]
        keys += [
            f"{name} {one.facts[name]}" for name in ("creator", "pair_group") if one.facts.get(name)
        ]
        for key in keys[1:]:
            parent[root(key)] = root(keys[0])
        firsts.append(keys[0])
    return [root(key) for key in firsts]
