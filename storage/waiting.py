"""What waits for moderators, page by page: open reviews with what is known of their decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_

from storage.chain import storable
from storage.events import NameKind
from storage.names import names, number_of
from storage.state import DECISIONS, REVIEWS


@dataclass(frozen=True)
class Wanted:
    """Which reviews are asked for: those that are as all that is given says.

    Attributes:
        service: Of which service.
        evidence: By which kind of evidence the verdict stands.
        account: About whose upload.
        creator: About an account signal that names this enrolled creator.
    """

    service: str | None = None
    evidence: str | None = None
    account: str | None = None
    creator: str | None = None


@dataclass(frozen=True)
class Place:
    """A place in the queue: that of a review in it.

    Attributes:
        due_at: Of the review.
        id: Of the review.
    """

    due_at: datetime
    id: str


@dataclass(frozen=True)
class Waiting:
    """An open review, as the queue shows it.

    Attributes:
        id: Of the review.
        decision: That asked for it.
        account: Whose upload it is about.
        work: Which work.
        about: What is to be decided, such as `work` or `suspension`.
        opened_at: Since when it waits.
        due_at: By when it should be answered: the queue's order.
        choices: Actions that may follow.
        rows: Ids of the policy's rows that asked for it.
        service: Of the platform.
        verdict: On the image.
        evidence: The kind of evidence behind it.
        claimed_by: Who looked at it last.
        claimed_until: Until when nobody else can take it.
    """

    id: str
    decision: str | None
    account: str | None
    work: str | None
    about: str
    opened_at: datetime
    due_at: datetime
    choices: tuple[str, ...]
    rows: tuple[str, ...]
    service: str | None
    verdict: str | None
    evidence: str | None
    claimed_by: str | None
    claimed_until: datetime | None

    @property
    def place(self) -> Place:
        """Where it stands in the queue."""
        return Place(self.due_at, self.id)


class WaitingReader:
    """Questions about what waits."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def page(
        self, limit: int, wanted: Wanted = Wanted(), after: Place | None = None
    ) -> tuple[Waiting, ...]:
        """Open reviews in the order in which they are due.

        Args:
            limit: At most so many.
            wanted: Which.
            after: The place after which they begin.
        """
        chosen = self._chosen(wanted).order_by(REVIEWS.c.due_at, REVIEWS.c.id).limit(limit)
        if after is not None:
            # The first part alone would do for the index; together they tell the place.
            here = (REVIEWS.c.due_at, REVIEWS.c.id)
            chosen = chosen.where(
                REVIEWS.c.due_at >= after.due_at, tuple_(*here) > tuple_(after.due_at, after.id)
            )
        return self._read(self._connection.execute(chosen).all())

    def free(self, wanted: Wanted, now: datetime, limit: int) -> tuple[Waiting, ...]:
        """Open reviews that nobody holds, in the order in which they are due.

        Args:
            wanted: Which.
            now: The time.
            limit: At most so many.
        """
        free = REVIEWS.c.claimed_until.is_(None) | (REVIEWS.c.claimed_until <= now)
        order = (REVIEWS.c.due_at, REVIEWS.c.id)
        chosen = self._chosen(wanted).where(free).order_by(*order).limit(limit)
        return self._read(self._connection.execute(chosen).all())

    def count(self, wanted: Wanted = Wanted(), most: int = 1000) -> int:
        """How many there are; `most` where there are more."""
        some = self._chosen(wanted).with_only_columns(REVIEWS.c.id).limit(most).subquery()
        return self._connection.scalar(select(func.count()).select_from(some)) or 0

    def services(self) -> tuple[str, ...]:
        """Services about whose uploads was ever decided."""
        # One look into the index for each: there are few services, and many decisions.
        found: list[str] = []
        after = ""
        while True:
            query = select(func.min(DECISIONS.c.service)).where(DECISIONS.c.service > after)
            service = self._connection.scalar(query)
            if service is None:
                return tuple(found)
            found.append(service)
            after = service

    def _chosen(self, wanted: Wanted) -> Select[Any]:
        chosen = (
            select(REVIEWS, DECISIONS.c.service, DECISIONS.c.verdict, DECISIONS.c.evidence)
            .join_from(REVIEWS, DECISIONS, DECISIONS.c.id == REVIEWS.c.decision, isouter=True)
            .where(REVIEWS.c.resolved_at.is_(None))
        )
        return chosen.where(*self._conditions(wanted))

    def _conditions(self, wanted: Wanted) -> list[ColumnElement[bool]]:
        # Not compared by `==`: what has no number would be found where nobody is named.
        conditions: list[ColumnElement[bool]] = []
        if wanted.service is not None:
            conditions.append(DECISIONS.c.service == storable(wanted.service))
        if wanted.evidence is not None:
            conditions.append(DECISIONS.c.evidence == storable(wanted.evidence))
        for column, kind, name in (
            (REVIEWS.c.account, NameKind.ACCOUNT, wanted.account),
            (REVIEWS.c.signal_creator, NameKind.ENROLLED, wanted.creator),
        ):
            if name is not None:
                conditions.append(column.in_([number_of(self._connection, kind, name)]))
        return conditions

    def _read(self, rows: Sequence[Row[Any]]) -> tuple[Waiting, ...]:
        numbers = (n for row in rows for n in (row.account, row.work, row.claimed_by))
        called = names(self._connection, numbers)
        return tuple(
            Waiting(
                id=row.id,
                decision=row.decision,
                account=called.get(row.account),
                work=called.get(row.work),
                about=row.about,
                opened_at=row.opened_at,
                due_at=row.due_at,
                choices=tuple(row.choices),
                rows=tuple(row.rows),
                service=row.service,
                verdict=row.verdict,
                evidence=row.evidence,
                claimed_by=called.get(row.claimed_by),
                claimed_until=row.claimed_until,
            )
            for row in rows
        )
