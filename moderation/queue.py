"""In which order moderators are asked."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from labelling import Action

PATIENCE: Mapping[Action, timedelta] = {
    # It is not to be seen while nobody looks, and it may be an innocent's.
    Action.HOLD: timedelta(hours=4),
    # It cannot be found while nobody looks.
    Action.HIDE_FROM_SEARCH: timedelta(hours=12),
    # An account that goes on, or that may lose all of its works.
    Action.SUSPEND_REVIEW: timedelta(days=1),
    # A work that people see, and that may have to go.
    Action.DELIST: timedelta(days=2),
    Action.REJECT: timedelta(days=2),
    Action.STRIKE: timedelta(days=3),
    Action.WARN: timedelta(days=5),
}
"""How long something may wait, by what is done meanwhile or may follow."""

AT_MOST = timedelta(days=7)
"""How long anything else may wait."""


def due_at(opened_at: datetime, actions: Iterable[Action]) -> datetime:
    """By when a review or an appeal should be looked at: the queue is in this order.

    So it is ordered by harm and by age at once: what harms more waits less, and what is old comes
    before what is new, so that nothing waits for ever.

    Args:
        opened_at: When it was opened.
        actions: What is done to the work meanwhile, and what may follow.
    """
    waits = (PATIENCE.get(action, AT_MOST) for action in actions)
    return opened_at + min(waits, default=AT_MOST)
