"""Whether what a service sees is still what its detector was made on, week by week.

How many uploads are by an AI differs between services and weeks, and is no drift. So the week's
probabilities are compared with the nearest mixture of the detector's own held-out AI pictures and
human works: what no mixture explains is drift. It is measured as total variation, the share of
uploads that would have to lie in another range, and told where it is more than chance makes of as
many uploads. The share of uploads that are unlike everything in training is told beside it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from models.artefact.detector import RANGES, DetectorArtefact, held_out_ranges
from training.errors import TooFewImages
from training.evaluation.intervals import Estimate, share
from training.monitoring.seen import Seen

DRAWS = 400
LEVEL = 0.99
"""How sure it is that chance alone would give less."""

LEAST = 50
"""Uploads of a week, below which nothing is said."""

_MIXTURES = np.linspace(0, 1, 101)[:, None]


@dataclass(frozen=True)
class Reference:
    """How held-out probabilities are spread: float64 [RANGES] each, adding up to 1."""

    ai: NDArray[np.float64]
    human: NDArray[np.float64]


@dataclass(frozen=True)
class Week:
    """A week of a service.

    Attributes:
        service: Which.
        monday: Its first day.
        uploads: By this detector.
        ai_share: Of AI pictures in the nearest mixture, 0 to 1.
        drift: Total variation from it, 0 to 1.
        by_chance: What that is below in 99 of 100 weeks without drift, of as many uploads.
        far: Share that is too far from everything in training.
    """

    service: str
    monday: date
    uploads: int
    ai_share: float
    drift: float
    by_chance: float
    far: Estimate

    @property
    def drifted(self) -> bool:
        """More than chance makes."""
        return self.drift > self.by_chance


def reference_of(artefact: DetectorArtefact) -> Reference:
    """The spread of a detector's own held-out probabilities.

    Raises:
        TooFewImages: It has no such figures.
        BrokenArtefact: They cannot be read.
    """
    ranges = held_out_ranges(artefact)
    if not ranges:
        raise TooFewImages(f"{artefact.name} has no held-out figures to compare uploads with")
    images = artefact.manifest.data.images
    ai, human = np.zeros(RANGES), np.zeros(RANGES)
    for one in ranges:
        # `share` weighs both classes the same; `n` counts images as there are.
        weight = one.n / (images["ai"] * one.share + images["human"] * (1 - one.share))
        ai[one.number] += weight * one.share
        human[one.number] += weight * (1 - one.share)
    return Reference(ai / ai.sum(), human / human.sum())


def drift(uploads: Iterable[Seen], reference: Reference, *, seed: int = 0) -> tuple[Week, ...]:
    """Drift by service and week, weeks of fewer than 50 uploads left out.

    Args:
        uploads: Of one detector.
        reference: Its own.
        seed: Of what chance makes.
    """
    weeks: dict[tuple[str, date], list[Seen]] = defaultdict(list)
    for one in uploads:
        day = one.at.date()
        weeks[one.service, day - timedelta(days=day.weekday())].append(one)
    rng = np.random.default_rng(seed)
    return tuple(
        _week(service, monday, some, reference, rng)
        for (service, monday), some in sorted(weeks.items())
        if len(some) >= LEAST
    )


def nearest(counts: NDArray[np.int64], reference: Reference) -> tuple[float, float]:
    """The nearest mixture to counts (int64 [RANGES]): its share of AI, and the total variation."""
    mixtures = _MIXTURES * reference.ai + (1 - _MIXTURES) * reference.human
    distances = np.abs(mixtures - counts / counts.sum()).sum(axis=1) / 2
    best = int(np.argmin(distances))
    return float(_MIXTURES[best, 0]), float(distances[best])


def _week(
    service: str,
    monday: date,
    uploads: Sequence[Seen],
    reference: Reference,
    rng: np.random.Generator,
) -> Week:
    place = [min(int(one.probability * RANGES), RANGES - 1) for one in uploads]
    counts = np.bincount(place, minlength=RANGES)
    ai_share, found = nearest(counts, reference)
    mixture = ai_share * reference.ai + (1 - ai_share) * reference.human
    chance = [nearest(one, reference)[1] for one in rng.multinomial(len(uploads), mixture, DRAWS)]
    return Week(
        service=service,
        monday=monday,
        uploads=len(uploads),
        ai_share=ai_share,
        drift=found,
        by_chance=float(np.quantile(chance, LEVEL)),
        far=share([one.far for one in uploads]),
    )
