"""New generators: groups of uploads that look alike, are new, and of which the detector is sure.

What a detector was never made from it may judge with confidence, and wrongly. Such pictures lie
farther from the training set than most, and closer to one another than chance would have it. So the
uploads that are odd (farther than half of the earlier ones) and judged with confidence are
clustered by the class tokens of the last blocks, and a cluster is an alarm if it came of late and
from several accounts: one account alone may be one artist with one style.

An alarm accuses nobody: it says where to look. A generator whose pictures do not look alike raises
none.

Clusters: HDBSCAN, "Density-Based Clustering Based on Hierarchical Density Estimates", Campello,
Moulavi and Sander 2013, as scikit-learn has it - https://doi.org/10.1007/978-3-642-37456-2_14
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom
from sklearn.cluster import HDBSCAN
from sklearn.decomposition import PCA

from training.monitoring.seen import Seen

CONFIDENT = 0.4
"""Of a probability, how far from a half."""

LEAST = 8
"""Uploads of a cluster, at least."""

ACCOUNTS = 3
"""From which the uploads of an alarm come, at least; unknown ones count as one."""

LEVEL = 0.01
"""Chance that any cluster of as many uploads were as new, where none is."""

BLOCKS = 4
"""Of the encoder, the last ones, whose class tokens are looked at."""

AXES = 32
"""Principal components of them."""

EXAMPLES = 12
MOST = 20_000
"""Uploads that are clustered; of more the latest: the time rises with their square."""


@dataclass(frozen=True)
class Cluster:
    """Odd uploads that look alike, and of which the detector is sure.

    Attributes:
        uploads: How many.
        recent: Of these, how many are of the days that are looked at.
        accounts: From how many accounts the recent ones come.
        probability: Mean probability of the recent ones, 0 to 1.
        chance: That as many were recent by chance.
        alarm: New, and from several accounts.
        examples: Hex digests of recent ones, those nearest to the middle first.
    """

    uploads: int
    recent: int
    accounts: int
    probability: float
    chance: float
    alarm: bool
    examples: tuple[str, ...]


def odd_and_sure(uploads: Sequence[Seen], since: datetime) -> tuple[Seen, ...]:
    """Uploads that are odd, and of which the detector is sure; each image once.

    Args:
        uploads: Of one detector.
        since: Where the days begin that are looked at: odd is what lies farther from the training
            set than half of the uploads before, or of all where there are none before.
    """
    once = {one.sha256: one for one in uploads if one.distance is not None}
    earlier = [one.distance for one in once.values() if one.at < since and one.distance]
    usual = earlier or [one.distance for one in once.values() if one.distance]
    if not usual:
        return ()
    middle = float(np.median(usual))
    return tuple(
        one
        for one in once.values()
        if (one.distance or 0) > middle and abs(one.probability - 0.5) >= CONFIDENT
    )


def clusters(
    uploads: Sequence[Seen], features: Mapping[str, NDArray[np.float32]], since: datetime
) -> tuple[Cluster, ...]:
    """Cluster uploads; alarms first, and the larger ones.

    Args:
        uploads: See `odd_and_sure`.
        features: Class tokens, float32 [L, C], by the hex digest of an image; others are left out.
        since: Where the days begin that are looked at.
    """
    known = [one for one in uploads if one.sha256 in features]
    known = sorted(known, key=lambda one: (one.at, one.sha256))[-MOST:]
    if len(known) < 2 * LEAST:
        return ()
    x = np.stack([features[one.sha256][-BLOCKS:].ravel() for one in known]).astype(np.float32)
    x = (x - x.mean(axis=0)) / np.maximum(x.std(axis=0), 1e-6)
    x = PCA(min(AXES, len(x) - 1), random_state=0).fit_transform(x)
    of = HDBSCAN(min_cluster_size=LEAST, copy=True).fit_predict(x)
    recent = np.array([one.at >= since for one in known])
    numbers = [number for number in np.unique(of) if number >= 0]
    found = [
        _cluster([known[i] for i in np.flatnonzero(of == number)], x[of == number], recent, since)
        for number in numbers
    ]
    # Each of so many clusters had its chance.
    of_all = [one for one in found if one is not None]
    judged = [_alarming(one, len(of_all)) for one in of_all]
    return tuple(sorted(judged, key=lambda one: (not one.alarm, -one.recent, one.examples)))


def _cluster(
    uploads: Sequence[Seen], x: NDArray[np.float32], recent: NDArray[np.bool_], since: datetime
) -> Cluster | None:
    new = np.array([one.at >= since for one in uploads])
    if not new.any():
        return None
    order = np.argsort(np.linalg.norm(x - x[new].mean(axis=0), axis=1), kind="stable")
    late = [uploads[i] for i in order if new[i]]
    return Cluster(
        uploads=len(uploads),
        recent=len(late),
        accounts=len({one.account for one in late}),
        probability=float(np.mean([one.probability for one in late])),
        chance=float(binom.sf(len(late) - 1, len(uploads), recent.mean())),
        alarm=False,
        examples=tuple(one.sha256 for one in late[:EXAMPLES]),
    )


def _alarming(one: Cluster, clusters: int) -> Cluster:
    new = one.chance * clusters < LEVEL and one.accounts >= ACCOUNTS
    return Cluster(**(vars(one) | {"alarm": new}))
