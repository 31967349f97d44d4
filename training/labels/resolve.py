"""Claims to one label per image, by one stated rule.

1. Of each person the last claim about an image counts, whatever that person said before.
2. Only the weightiest rank is heard: appeals that were won before moderators and imports, and these
   before declarations, whose authors may gain by what they say.
3. Within the rank the label with more certainty added up holds. Where both have the same, nobody
   knows: the image has no label until somebody else looks at it.

The certainty of what holds is that of its surest claim, times its part of the certainty of all
claims of the rank: who is contradicted is less sure.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from training.labels.claim import Claim

EVEN = 1e-9
"""Sums of certainties that differ by no more are the same."""


@dataclass(frozen=True)
class Resolved:
    """The label of an image.

    Attributes:
        label: The claim that holds: the surest for the label, with the certainty that the rule
            gives, and all facts that any claim tells, the weightiest and latest first.
        heard: The claims that were heard, oldest first.
    """

    label: Claim
    heard: tuple[Claim, ...]


@dataclass(frozen=True)
class Disagreement:
    """Claims of one rank that contradict each other.

    Attributes:
        sha256: Hex digest of the image.
        claims: Those that were heard, oldest first.
        label: Which holds all the same; None for neither.
    """

    sha256: str
    claims: tuple[Claim, ...]
    label: str | None

    @property
    def sentence(self) -> str:
        """For a person: who says what."""
        said = "; ".join(f"{one.by} ({one.origin}) says {one.label}" for one in self.claims)
        return f"{said}: {'neither' if self.label is None else self.label} holds"


@dataclass(frozen=True)
class Resolution:
    """What many claims come to.

    Attributes:
        labels: One per image that has a label, by digest.
        disagreements: By digest; of them, those without a label are not among `labels`.
    """

    labels: tuple[Resolved, ...]
    disagreements: tuple[Disagreement, ...]


def resolve(claims: Iterable[Claim]) -> Resolution:
    """One label per image, whatever the order of the claims."""
    of_image: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        of_image[claim.sha256].append(claim)
    labels: list[Resolved] = []
    disagreements: list[Disagreement] = []
    for digest, every in sorted(of_image.items()):
        heard = _heard(every)
        sums = {label: _sum(heard, label) for label in sorted({one.label for one in heard})}
        best = max(sums, key=lambda label: sums[label])
        undecided = any(abs(sums[best] - s) <= EVEN for label, s in sums.items() if label != best)
        if len(sums) > 1:
            disagreements.append(Disagreement(digest, heard, None if undecided else best))
        if not undecided:
            labels.append(Resolved(_holding(best, heard, every), heard))
    return Resolution(tuple(labels), tuple(disagreements))


def _heard(claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """The last claim of each person, of the weightiest rank, oldest first."""
    last: dict[tuple[int, str], Claim] = {}
    for one in sorted(claims, key=_order):
        last[one.origin.rank, one.by] = one
    first = min(rank for rank, _ in last)
    return tuple(sorted((one for (rank, _), one in last.items() if rank == first), key=_order))


def _holding(label: str, heard: Sequence[Claim], every: Sequence[Claim]) -> Claim:
    surest = max((one for one in heard if one.label == label), key=lambda one: one.certainty)
    share = _sum(heard, label) / sum(one.certainty for one in heard)
    told = sorted(sorted(every, key=_order, reverse=True), key=lambda one: one.origin.rank)
    facts = {name: value for one in reversed(told) for name, value in one.facts.items()}
    return Claim(
        surest.sha256,
        label,
        surest.by,
        surest.at,
        surest.certainty * share,
        surest.origin,
        next((one.path for one in told if one.path), ""),
        facts,
    )


def _sum(claims: Iterable[Claim], label: str) -> float:
    return sum(one.certainty for one in claims if one.label == label)


def _order(claim: Claim) -> tuple[object, ...]:
    return claim.at, claim.by, claim.origin, claim.label, claim.certainty, claim.path
