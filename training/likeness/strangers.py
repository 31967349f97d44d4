"""Innocents: what pictures of people who imitate nobody reach against an index.

Two kinds. A folder of works by artists of the platform who are not enrolled; or the uploads that
the service has judged, each account once, without those of accounts whose imitation a moderator
confirmed. Of the uploads all count, those that nobody looked at too: answers to reviews alone are
answers about the most suspicious, and no sample of anything.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from evidence import SimilarityEvidence
from similarity.artefact import SimilarityArtefact
from storage.decisions import RecordedDecision
from training.detector.recalibrate import REPEATED, SAME_CREATOR, SEEN, PlatformSample
from training.likeness.labels import LikenessLabel

ENROLLED = "enrolled, or by an enrolled creator"
OTHER_MODEL = "judged by another model"
IMITATOR = "by an account whose imitation was confirmed"
NOT_SEARCHED = "not searched, or erased"

ACCUSABLE = frozenset({"style_near", "style_by_ai"})
"""Codes of likenesses that nothing but their share keeps from being `close`."""


@dataclass(frozen=True)
class Stranger:
    """What a picture by somebody who is not enrolled reached.

    Attributes:
        sha256: Hex digest of its file.
        share: Of other people's works that come as near to some creator, above 0 and at most 1,
            before any correction.
        person: Who made it; empty where that is not known.
    """

    sha256: str
    share: float
    person: str = ""


def share_of(evidence: SimilarityEvidence, correction: float) -> float:
    """The smallest share by which anybody could be called `close` in an answer.

    Args:
        evidence: The answer.
        correction: By which its shares are multiplied.

    Returns:
        Above 0 and at most 1. A share that was cut at 1 by the correction counts as what it was
        at least.
    """
    found = (one.p_value for one in evidence.creators if one.reason.code in ACCUSABLE)
    return min(1.0, min(found, default=1.0) / correction)


def sample_of(strangers: Iterable[Stranger], left_out: Counter[str]) -> PlatformSample:
    """One picture of each person, drawn by its digest, which knows nothing of the shares.

    Args:
        strangers: Those that count.
        left_out: Of the others, how many, by why; is added to.
    """
    kept: dict[str, Stranger] = {}
    people: set[str] = set()
    for one in sorted(strangers, key=lambda one: one.sha256):
        if one.sha256 in kept:
            left_out[REPEATED] += 1
        elif one.person and one.person in people:
            left_out[SAME_CREATOR] += 1
        else:
            kept[one.sha256] = one
            people.add(one.person)
    scores = np.array([-math.log(one.share) for one in kept.values()], np.float64)
    return PlatformSample(scores, tuple(kept), dict(left_out))


def live_strangers(
    decisions: Iterable[RecordedDecision],
    labels: Iterable[LikenessLabel],
    artefact: SimilarityArtefact,
    known: frozenset[str] = frozenset(),
) -> PlatformSample:
    """The uploads that a service has judged, as a sample of innocents.

    Args:
        decisions: Of the records.
        labels: Whose imitations were confirmed.
        artefact: The model in use: what another has judged says nothing of it.
        known: The first 16 digits of the digests of images that its thresholds were set by.
    """
    confirmed = [one for one in labels if one.confirmed]
    imitators = {one.account for one in confirmed if one.account}
    imitations = {one.sha256 for one in confirmed}
    left_out: Counter[str] = Counter()
    found: list[Stranger] = []
    for one in decisions:
        judgement = one.judgement
        if judgement is None or judgement.similarity is None:
            left_out[NOT_SEARCHED] += 1
        elif judgement.made_by.similarity != artefact.id:
            left_out[OTHER_MODEL] += 1
        elif one.account in imitators or judgement.image.sha256 in imitations:
            left_out[IMITATOR] += 1
        elif judgement.image.sha256[:16] in known:
            left_out[SEEN] += 1
        else:
            share = share_of(judgement.similarity, artefact.manifest.cohort_correction)
            found.append(Stranger(judgement.image.sha256, share, one.account or ""))
    return sample_of(found, left_out)
