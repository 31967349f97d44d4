"""Answers that can be taken back for a while: submitted, and carried out when that is over.

    submitted -> carried out                 after the time to undo, by whichever process lives
    submitted -> taken back -> submitted     what was written is still there

An answer is looked at when it is submitted, as if it were carried out; whatever changes until then
is looked at again. Its key is that of the form: sent twice, it is carried out once.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from core.errors import RakkanError
from labelling import Action
from moderation import staff
from moderation.desk import answer_within, answered_within
from moderation.errors import AlreadyAnswered, ModerationError
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.people import Act, Moderator
from moderation.reviews import Answer
from storage import Store
from storage.errors import RecordsBusy, UnknownRecord
from storage.submitted import Submitted

UNDO = timedelta(seconds=10)
"""How long an answer can be taken back."""

TOGETHER = 100

_LOG = logging.getLogger("rakkan.moderation")


def submit(
    store: Store,
    review: str,
    moderator: Moderator,
    *,
    answer: Answer,
    undo: timedelta = UNDO,
    at: datetime,
    key: str,
) -> None:
    """A moderator answers a review, and may take that back for a while.

    Args:
        store: Where.
        review: Id of the review.
        moderator: Who holds it.
        answer: What.
        undo: For how long.
        at: Now, with a time zone.
        key: Idempotency key.

    Raises:
        ModerationError: It could not be carried out as things are.
    """
    act = Act(at, moderator.id, key)
    with store.transaction() as tx:
        if tx.done(key) is not None:
            return  # carried out already: the form was sent twice
        before = tx.submitted.find(review)
        if before is not None and before.key == key and before.due_at is not None:
            return
        found, *_ = answered_within(tx, act, review, moderator, answer)
        given = Submitted(review, moderator.id, key, to_document(answer), at, at + undo, None, None)
        tx.submitted.keep(given, found.account)


def take_back(store: Store, review: str, moderator: Moderator, *, at: datetime, key: str) -> None:
    """A moderator takes back an answer that is not carried out yet; what was written stays.

    Raises:
        AlreadyAnswered: It is carried out, or is not the moderator's.
    """
    del at, key  # done again, it is as done once
    with store.transaction() as tx:
        if not tx.submitted.take_back(review, moderator.id):
            given = tx.submitted.find(review)
            if given is None or given.person != moderator.id:
                raise AlreadyAnswered("This is carried out already: it cannot be taken back here.")


def carry_out_due(store: Store, *, now: datetime, limit: int = TOGETHER) -> int:
    """Carry out the answers whose time to undo is over; each once, whoever else does so.

    Args:
        store: Where.
        now: With a time zone.
        limit: At most so many.

    Returns:
        How many were looked at.
    """
    # Processes look often: where nothing is due, nobody who writes waits for them.
    with store.reading() as reader:
        due = reader.submitted.due(now, limit)
    for review in due:
        try:
            _carry_out(store, review, now)
        except RecordsBusy:
            raise
        except (ModerationError, UnknownRecord) as error:
            _fail(store, review, error)
        # Whatever it is, the others are to be carried out.
        except Exception as error:
            _LOG.exception("an answer cannot be carried out")
            _fail(store, review, RakkanError(f"It could not be carried out: {error}"))
    return len(due)


def _carry_out(store: Store, review: str, now: datetime) -> None:
    with store.transaction() as tx:
        given = tx.submitted.find(review)
        if given is None or given.due_at is None or given.due_at > now:
            return  # taken back meanwhile, or another process was faster
        person = tx.people.find(given.person)
        if person is None or person.disabled_at is not None:
            raise UnknownRecord("whoever answered cannot sign in any more")
        act = Act(now, person.name, given.key)
        answer_within(tx, act, review, staff.moderator(person), from_document(given.answer))
        tx.submitted.drop(review)


def _fail(store: Store, review: str, error: RakkanError) -> None:
    with store.transaction() as tx:
        tx.submitted.fail(review, error.code, str(error))


def to_document(answer: Answer) -> dict[str, Any]:
    """An answer as JSON."""
    finding = answer.finding
    return {
        "confirmed": answer.confirmed,
        "reason": answer.reason,
        "actions": [one.value for one in answer.actions],
        "label": None if finding is None else finding.label.value,
        "certainty": None if finding is None else finding.certainty,
    }


def from_document(said: Any) -> Answer:
    """An answer out of JSON of `to_document`."""
    finding = None
    if said["label"] is not None:
        finding = Finding(MadeBy(said["label"]), said["certainty"])
    return Answer(said["confirmed"], said["reason"], tuple(map(Action, said["actions"])), finding)
