"""Counts over decisions, reviews, appeals and labels, for figures of a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, func, select

from storage.state import APPEALS, DECISIONS, LABELS, REVIEWS, SECONDS


@dataclass(frozen=True)
class Decided:
    """How many decisions of a service led to an action.

    Attributes:
        service: Of the platform.
        action: The severest on the work.
        decisions: How many.
        labelled: How many of them give a label.
        reversed: How many of them an appeal took back since.
    """

    service: str
    action: str
    decisions: int
    labelled: int
    reversed: int


@dataclass(frozen=True)
class Answered:
    """A review or an appeal that was answered.

    Attributes:
        waited: From when it was opened until then.
        yes: Whether the suspicion was confirmed, or the appeal granted.
        others: How many answered a review before, without deciding it alone.
    """

    waited: timedelta
    yes: bool
    others: int = 0


class FiguresReader:
    """Questions about how much happened."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def decided(self, since: datetime, until: datetime) -> tuple[Decided, ...]:
        """Decisions of a time by service and action.

        Args:
            since: The first time of a decision that counts.
            until: The first that does not.
        """
        key = (DECISIONS.c.service, DECISIONS.c.action)
        rows = self._connection.execute(
            select(
                *key,
                func.count(),
                func.count(DECISIONS.c.label),
                func.count(DECISIONS.c.reversed_at),
            )
            .where(DECISIONS.c.decided_at >= since, DECISIONS.c.decided_at < until)
            .group_by(*key)
            .order_by(*key)
        )
        return tuple(Decided(*row) for row in rows)

    def reviews(self, since: datetime, until: datetime) -> tuple[Answered, ...]:
        """Reviews that were answered in a time; `since` and `until` as in `decided`."""
        others = (
            select(func.count()).where(SECONDS.c.review == REVIEWS.c.id).correlate(REVIEWS)
        ).scalar_subquery()
        # What an appeal closes, nobody has answered.
        closed = exists().where(
            APPEALS.c.decision == REVIEWS.c.decision, APPEALS.c.resolved_at == REVIEWS.c.resolved_at
        )
        rows = self._connection.execute(
            select(REVIEWS.c.opened_at, REVIEWS.c.resolved_at, REVIEWS.c.confirmed, others).where(
                REVIEWS.c.resolved_at >= since, REVIEWS.c.resolved_at < until, ~closed
            )
        )
        return tuple(Answered(end - begin, yes, before) for begin, end, yes, before in rows)

    def appeals(self, since: datetime, until: datetime) -> tuple[Answered, ...]:
        """Appeals that were answered in a time; `since` and `until` as in `decided`."""
        columns = (APPEALS.c.opened_at, APPEALS.c.resolved_at, APPEALS.c.granted)
        rows = self._connection.execute(
            select(*columns).where(APPEALS.c.resolved_at >= since, APPEALS.c.resolved_at < until)
        )
        return tuple(Answered(end - begin, yes) for begin, end, yes in rows)

    def labelled_twice(
        self, since: datetime, until: datetime, sources: Sequence[str]
    ) -> tuple[tuple[str, str], ...]:
        """What two people said of how one image was made: the first two of each image, in order.

        Args:
            since: As in `decided`: of the labels.
            until: As `since`.
            sources: Whence the labels are that count.
        """
        rows = self._connection.execute(
            select(LABELS.c.sha256, LABELS.c.by, LABELS.c.label)
            .where(
                LABELS.c.sha256.is_not(None),
                LABELS.c.at >= since,
                LABELS.c.at < until,
                LABELS.c.source.in_(sources),
            )
            .order_by(LABELS.c.sequence)
        )
        said: dict[str, dict[int, str]] = {}
        for sha256, by, label in rows:
            # Whoever corrects themselves is one person still: the last word counts.
            by_person = said.setdefault(sha256, {})
            if by in by_person or len(by_person) < 2:
                by_person[by] = label
        pairs = (tuple(one.values()) for one in said.values() if len(one) == 2)
        return tuple((first, second) for first, second in pairs)
