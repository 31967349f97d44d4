"""What the records know of uploads as the detector saw them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from storage import Store


@dataclass(frozen=True)
class Seen:
    """An upload as the pixels were judged.

    Attributes:
        decision: Id of the decision.
        work: Which work; None where that was not known.
        service: Of the platform.
        at: When it was posted.
        sha256: Hex digest of its file.
        model: Name of the detector.
        model_sha256: Digest of its manifest.
        probability: Calibrated, 0 to 1.
        distance: From the training set; None for models that cannot tell.
        far: Whether that was too far for a verdict.
        account: Whose upload it was; None where that is not known.
    """

    decision: str
    work: str | None
    service: str
    at: datetime
    sha256: str
    model: str
    model_sha256: str
    probability: float
    distance: float | None
    far: bool
    account: str | None = None


def seen_uploads(store: Store, since: datetime, service: str | None = None) -> Iterator[Seen]:
    """The uploads that were decided about, as far as they were not erased; memory stays flat.

    Args:
        store: The records.
        since: The first time of an upload that counts.
        service: Of which; None for all.
    """
    for one in store.decisions(since=since, service=service):
        if one.judgement is None:
            continue
        pixels = one.judgement.ai.pixels
        by = one.judgement.made_by.detector
        yield Seen(
            decision=one.id,
            work=one.work,
            service=one.service,
            at=one.at,
            sha256=one.judgement.image.sha256,
            model=by.name,
            model_sha256=by.sha256,
            probability=pixels.probability,
            distance=None if pixels.novelty is None else pixels.novelty.distance,
            far=pixels.novelty is not None and pixels.novelty.far,
            account=None if one.context is None else one.context.account,
        )
