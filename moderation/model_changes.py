"""That somebody at the console put a model into use, or took one out, stands in the records."""

from datetime import datetime

from storage import Event, EventType, Store


def tell_model_change(
    store: Store, what: str, model: str, kind: str, *, by: str, at: datetime
) -> None:
    """Keep a change of the model in use.

    Args:
        store: Where.
        what: `promoted` or `rolled back`.
        model: Its name.
        kind: Of the model.
        by: Who did it.
        at: When, with a time zone.
    """
    data = {"what": what, "model": model, "kind": kind}
    with store.transaction() as tx:
        tx.append(Event(type=EventType.MODEL_CHANGED, at=at, actor=by, data=data))
