"""Labels for training that a moderator gives outside of reviews and appeals."""

from datetime import datetime

from moderation.effects import case_of, first_time
from moderation.events import LabelSource
from moderation.findings import Finding, training_label
from moderation.people import Act, Moderator, not_their_own
from storage import EventType, Store


def label(
    store: Store,
    decision: str,
    moderator: Moderator,
    finding: Finding,
    *,
    at: datetime,
    key: str,
) -> None:
    """A moderator says how an image that was decided about was made; nothing else follows.

    Args:
        store: Where.
        decision: Id of the decision.
        moderator: Who says so.
        finding: How it was made.
        at: Now, with a time zone.
        key: Idempotency key.

    Raises:
        KeyReused: The key was used for something else.
        UnknownRecord: There is no such decision.
        OwnCase: The upload is the moderator's.
        CaseErased: What the decision was made of was erased.
    """
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if not first_time(tx, act, EventType.LABELLED):
            return
        case, _ = case_of(tx.decision(decision), tx)
        not_their_own(moderator, case.context.account)
        tx.append(training_label(act, case, finding, LabelSource.MODERATOR))
