"""What follows from an event for the state: pure functions from an event to changes of rows.

A type that is not known here, of a newer version, changes nothing.
"""

from collections.abc import Mapping

from storage.events import StoredEvent
from storage.projections import consequences, reviews, uploads
from storage.projections.fields import Changes, Projection

PROJECTIONS: Mapping[str, Projection] = {
    **uploads.PROJECTIONS,
    **reviews.PROJECTIONS,
    **consequences.PROJECTIONS,
}


def changes(event: StoredEvent) -> Changes:
    """The changes that an event makes.

    Args:
        event: As it is kept.

    Raises:
        KeyError: It lacks something that its type needs; see `storage.events`.
    """
    follow = PROJECTIONS.get(event.type)
    return () if follow is None else follow(event)
