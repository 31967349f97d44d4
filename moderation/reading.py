"""That a person looked at a case: it stands in the trail, once for each day."""

from datetime import datetime

from storage import Event, EventType, Store


def read_case(store: Store, review: str, person: str, *, at: datetime) -> None:
    """Keep that a person looked at a case today.

    Args:
        store: Where.
        review: Id of the review.
        person: Who.
        at: Now, with a time zone.
    """
    key = f"case_read:{person}:{review}:{at:%Y-%m-%d}"
    with store.reading() as reader:
        if reader.done(key) is not None:
            return
    with store.transaction() as tx:
        if tx.done(key) is None:
            event = Event(
                type=EventType.CASE_READ, at=at, actor=person, data={"review": review}, key=key
            )
            tx.append(event)
