"""Answers that moderators gave and may still take back, before they are carried out.

They lie here, and not in a browser: a connection that is lost neither loses one nor doubles it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.text import one_line
from storage.tables import SUBMITTED


@dataclass(frozen=True)
class Submitted:
    """An answer to a review that is not carried out.

    Attributes:
        review: Id of the review.
        person: Who gave it.
        key: Idempotency key of the act that carries it out.
        answer: What was said, as JSON.
        at: When it was given.
        due_at: When it is carried out; None where it was taken back, or could not be.
        code: Why it could not be carried out; None where nothing is wrong.
        detail: The same in words.
    """

    review: str
    person: str
    key: str
    answer: Mapping[str, Any]
    at: datetime
    due_at: datetime | None
    code: str | None
    detail: str | None


class SubmittedReader:
    """Questions about them."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def find(self, review: str) -> Submitted | None:
        """The answer to a review; None where there is none."""
        query = select(SUBMITTED).where(SUBMITTED.c.review == review)
        row = self._connection.execute(query).first()
        return None if row is None else _submitted(row)

    def of(self, person: str) -> tuple[Submitted, ...]:
        """A person's answers that are to be carried out, or could not be, the oldest first."""
        told = SUBMITTED.c.due_at.is_not(None) | SUBMITTED.c.code.is_not(None)
        query = select(SUBMITTED).where(SUBMITTED.c.person == person, told)
        rows = self._connection.execute(query.order_by(SUBMITTED.c.at, SUBMITTED.c.review))
        return tuple(map(_submitted, rows))

    def due(self, now: datetime, limit: int) -> tuple[str, ...]:
        """Reviews whose answers are to be carried out now, the oldest first."""
        due = select(SUBMITTED.c.review).where(SUBMITTED.c.due_at <= now)
        return tuple(self._connection.scalars(due.order_by(SUBMITTED.c.due_at).limit(limit)))


class SubmittedAnswers(SubmittedReader):
    """What is done with them, within a transaction that nobody writes beside."""

    def keep(self, submitted: Submitted, account: str | None) -> None:
        """Keep an answer, in the place of an earlier one to the same review.

        Args:
            submitted: The answer.
            account: Whose upload it is about: on erasure of the account, it goes.
        """
        self.drop(submitted.review)
        self._connection.execute(
            insert(SUBMITTED).values(
                review=submitted.review,
                person=submitted.person,
                key=submitted.key,
                answer=json.dumps(submitted.answer),
                account=account,
                at=submitted.at,
                due_at=submitted.due_at,
            )
        )

    def take_back(self, review: str, person: str) -> bool:
        """Have an answer not carried out, or no longer told of that could not be.

        What was written in it is still there.

        Returns:
            False where there is none of the person that is to be carried out, or could not be.
        """
        mine = (SUBMITTED.c.review == review) & (SUBMITTED.c.person == person)
        told = SUBMITTED.c.due_at.is_not(None) | SUBMITTED.c.code.is_not(None)
        change = update(SUBMITTED).where(mine, told)
        nothing = {"due_at": None, "code": None, "detail": None}
        return self._connection.execute(change.values(nothing)).rowcount > 0

    def fail(self, review: str, code: str, detail: str) -> None:
        """Say why an answer cannot be carried out; it is not tried again."""
        change = update(SUBMITTED).where(SUBMITTED.c.review == review)
        self._connection.execute(change.values(due_at=None, code=code, detail=one_line(detail)))

    def drop(self, review: str) -> None:
        """Forget an answer, as it is carried out or given anew."""
        self._connection.execute(delete(SUBMITTED).where(SUBMITTED.c.review == review))

    def expire(self, before: datetime) -> int:
        """Forget answers given before a time that are not to be carried out; says how many."""
        old = delete(SUBMITTED).where(SUBMITTED.c.due_at.is_(None), SUBMITTED.c.at < before)
        return self._connection.execute(old).rowcount

    def erase(self, account: str) -> None:
        """Forget all answers about an account's uploads."""
        self._connection.execute(delete(SUBMITTED).where(SUBMITTED.c.account == account))


def _submitted(row: Row[Any]) -> Submitted:
    return Submitted(
        row.review,
        row.person,
        row.key,
        json.loads(row.answer),
        row.at,
        row.due_at,
        row.code,
        row.detail,
    )
