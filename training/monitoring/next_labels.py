"""Which images a person should label next.

Three reasons, in proportions that the operator sets. At random: an audit, the only sample by which
misses and drift are measured without bias, so it is drawn first, out of everything. Uncertain:
where the probability is nearest to a half. Novel: farthest from everything that was learnt from.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from training.monitoring.seen import Seen


class Why(StrEnum):
    """Why an image should be labelled."""

    RANDOM = "random"
    UNCERTAIN = "uncertain"
    NOVEL = "novel"


@dataclass(frozen=True)
class Shares:
    """How many of each are asked for, in proportion; none negative, one at least above 0."""

    random: float = 0.3
    uncertain: float = 0.4
    novel: float = 0.3

    def of(self, why: Why, count: int) -> int:
        """How many of `count`, rounded so that the three add up to it."""
        every = [self.random, self.uncertain, self.novel]
        place = list(Why).index(why)
        ends = [round(count * sum(every[:i]) / sum(every)) for i in range(4)]
        return ends[place + 1] - ends[place]


@dataclass(frozen=True)
class Asked:
    """An image to be labelled.

    Attributes:
        upload: It.
        why: Why it.
        chance: Of the random ones, with what chance each upload was drawn: the inverse is what its
            label counts for in an estimate. None for the others, which tell nothing of the whole.
    """

    upload: Seen
    why: Why
    chance: float | None = None


def next_labels(
    uploads: Iterable[Seen],
    known: Iterable[str],
    count: int,
    *,
    shares: Shares | None = None,
    seed: str = "",
) -> tuple[Asked, ...]:
    """Choose images to be labelled, each once, those at random first.

    Args:
        uploads: That were decided about.
        known: Hex digests of images that have a label.
        count: How many are asked for; fewer where there are no more.
        shares: How many for which reason.
        seed: Of the random ones; with the same the same are drawn.
    """
    shares = shares or Shares()
    once = {one.sha256: one for one in uploads}
    # The chance is of all uploads, labelled or not: a draw that fell on a label is spent.
    drawn = sorted(once.values(), key=lambda one: _drawn(one, seed))
    wanted = shares.of(Why.RANDOM, count)
    audit = drawn[:wanted]
    chance = len(audit) / len(drawn) if drawn else None
    labelled = set(known)
    found = [Asked(one, Why.RANDOM, chance) for one in audit if one.sha256 not in labelled]
    taken = labelled | {one.sha256 for one in audit}
    for why, key in _KEYS.items():
        rest = sorted((one for one in once.values() if one.sha256 not in taken), key=key)
        some = _those(why, rest)[: shares.of(why, count)]
        found += [Asked(one, why) for one in some]
        taken |= {one.sha256 for one in some}
    return tuple(found)


def _those(why: Why, uploads: Sequence[Seen]) -> Sequence[Seen]:
    return [one for one in uploads if one.distance is not None or why is not Why.NOVEL]


_KEYS: dict[Why, Callable[[Seen], tuple[float, str]]] = {
    Why.UNCERTAIN: lambda one: (abs(one.probability - 0.5), one.sha256),
    Why.NOVEL: lambda one: (-(one.distance or 0.0), one.sha256),
}


def _drawn(upload: Seen, seed: str) -> bytes:
    return hashlib.sha256(f"{seed} {upload.sha256}".encode()).digest()
