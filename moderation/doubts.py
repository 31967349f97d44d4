"""Labels that are likely wrong: people are asked to look again, and their answer is the label."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from moderation.effects import case_of, first_time
from moderation.errors import CaseErased
from moderation.people import RAKKAN, Act
from moderation.reviews import label_doubted
from storage import EventType, Store
from storage.cases import TrainingLabel


@dataclass(frozen=True)
class Doubted:
    """What came of doubts.

    Attributes:
        asked: Images about which a review was opened.
        before: Those about whose present label one was opened before.
        unknown: Those without a label in the records, or whose case was erased: imported ones are
            corrected where they come from.
    """

    asked: int
    before: int
    unknown: int


def doubt_labels(store: Store, images: Collection[str], *, at: datetime) -> Doubted:
    """Ask people about the labels of images.

    Of each label once: who looked again and said the same is not asked for ever.

    Args:
        store: Where.
        images: Hex digests of their files.
        at: Now, with a time zone.
    """
    last: dict[str, TrainingLabel] = {}
    with store.reading() as reader:
        for label in reader.labels():
            image = label.sha256
            if image is not None and image in images and label.decision is not None:
                last[image] = label
    asked = before = unknown = 0
    for digest in sorted(images):
        found = last.get(digest)
        if found is None:
            unknown += 1
        else:
            try:
                new = _ask(store, found, at)
                asked, before = asked + new, before + (not new)
            except CaseErased:
                unknown += 1
    return Doubted(asked, before, unknown)


def _ask(store: Store, label: TrainingLabel, at: datetime) -> bool:
    act = Act(at, RAKKAN, f"label in doubt/{label.sequence}")
    with store.transaction() as tx:
        if not first_time(tx, act, EventType.REVIEW_OPENED):
            return False
        case, _ = case_of(tx.decision(label.decision or ""), tx)
        tx.append(label_doubted(act, case))
        return True
