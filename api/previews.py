"""Small pictures of uploads that a person may have to look at: made once, when it is decided."""

import logging
from collections.abc import Callable

from api.service import Service, now
from imaging import ImagingError, decode, thumbnail
from labelling import Action
from moderation.record import Recorded
from storage.errors import StorageError

SIDE = 1024
"""Pixels of the longer side, at most: enough to look at, and not the work itself."""

NOBODY_LOOKS = frozenset({Action.PUBLISH})
"""Actions that nobody looks at, and nobody objects to."""

_LOG = logging.getLogger("rakkan.api")


def keep_preview(
    service: Service, recorded: Recorded, account: str | None, image: Callable[[], bytes]
) -> None:
    """Keep a picture of an upload, if it may have to be looked at.

    What goes wrong is logged: the decision stands without a picture, and the page says so.

    Args:
        service: With the records.
        recorded: The decision.
        account: Whose upload it is.
        image: Reads its file.
    """
    wanted = recorded.decision.acts and not NOBODY_LOOKS.issuperset(recorded.decision.actions)
    if not service.preview_days or not wanted:
        return
    try:
        small = thumbnail(decode(image(), min_side=SIDE), SIDE)
        with service.store.transaction() as tx:
            # Erased meanwhile, there is to be no picture.
            if tx.decision(recorded.id).judgement is not None:
                tx.previews.keep(recorded.id, account, small, at=now())
    except (ImagingError, StorageError):
        _LOG.warning("no picture is kept for decision %s", recorded.id, exc_info=True)
