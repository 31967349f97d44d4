"""An account's history out of the state: a few indexed questions, bounded, as of a time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, select

from evidence import EvidenceKind, Verdict
from labelling.history import (
    Confirmation,
    History,
    Post,
    Request,
    ServiceNorm,
    Strike,
    Warned,
)
from storage.decisions import NEARNESS, read_nearness
from storage.events import NameKind
from storage.names import names, number_of
from storage.private import unseal
from storage.state import CONFIRMATIONS, NORMS, POSTS, REQUESTS, STRIKES, WARNINGS
from storage.tables import NAMES, PRIVATE

LIMIT = 2_000
"""Posts, requests and confirmations of each that a history has at most."""


def read_history(
    connection: Connection,
    account: str,
    *,
    since: datetime,
    until: datetime,
    service: str | None = None,
    creators: Sequence[str] = (),
    limit: int = LIMIT,
) -> History:
    """An account's past, as it was at a time.

    Args:
        connection: Within a transaction.
        account: Whose.
        since: The first time that counts, for posts and requests.
        until: The first time that does not, for everything.
        service: Whose norm is asked for.
        creators: Names of enrolled creators who own the account.
        limit: Posts and requests at most, each; the latest are kept.
    """
    norm = None if service is None else _norm(connection, service, until)
    mine = number_of(connection, NameKind.ACCOUNT, account)
    if mine is None:
        return History(account, since, until, creators=tuple(creators), norm=norm)
    posts, more_posts = _posts(connection, mine, since, until, limit)
    requests, more_requests = _requests(connection, mine, since, until, limit)
    return History(
        account=account,
        since=since,
        until=until,
        posts=posts,
        requests=requests,
        strikes=_strikes(connection, mine, until),
        warnings=_warnings(connection, mine, until),
        confirmations=_confirmations(connection, mine, until),
        creators=tuple(creators),
        norm=norm,
        truncated=more_posts or more_requests,
    )


def _before(table: Table, account: int, until: datetime) -> tuple[Any, Any]:
    return table.c.account == account, table.c.at < until


def _posts(
    connection: Connection, account: int, since: datetime, until: datetime, limit: int
) -> tuple[tuple[Post, ...], bool]:
    near = and_(PRIVATE.c.sequence == POSTS.c.decided, PRIVATE.c.part == NEARNESS)
    rows = connection.execute(
        select(POSTS, NAMES.c.name, PRIVATE.c.content)
        .join_from(POSTS, NAMES, NAMES.c.number == POSTS.c.work, isouter=True)
        .join(PRIVATE, near, isouter=True)
        .where(*_before(POSTS, account, until), POSTS.c.at >= since)
        .order_by(POSTS.c.at.desc(), POSTS.c.work.desc())
        .limit(limit + 1)
    ).all()
    kept = rows[:limit]
    return tuple(_post(row, until) for row in reversed(kept)), len(rows) > limit


def _post(row: Row[Any], until: datetime) -> Post:
    content = row.content
    likenesses, copies = read_nearness(None if content is None else unseal(content))
    return Post(
        work=row.name if row.name is not None else f"erased-{row.work}",
        at=row.at,
        deleted_at=_by(row.deleted_at, until),
        kind=row.kind or "work",
        declared_ai=row.declared_ai,
        verdict=Verdict(row.verdict or Verdict.INCONCLUSIVE),
        evidence=EvidenceKind(row.evidence or EvidenceKind.INFERRED),
        likenesses=likenesses,
        searched=bool(row.searched),
        copies=copies,
        plain=bool(row.plain),
        outside_links=row.outside_links or 0,
    )


def _requests(
    connection: Connection, account: int, since: datetime, until: datetime, limit: int
) -> tuple[tuple[Request, ...], bool]:
    # Two questions, each by its index; together they would read the whole table.
    rows = {
        (row.request, row.creator): row
        for column in (REQUESTS.c.client, REQUESTS.c.creator)
        for row in connection.execute(
            select(REQUESTS)
            .where(column == account, REQUESTS.c.placed_at < until)
            .where(REQUESTS.c.placed_at >= since)
            .order_by(REQUESTS.c.placed_at.desc())
            .limit(limit + 1)
        )
    }
    ordered = sorted(rows.values(), key=lambda row: (row.placed_at, row.request, row.creator))
    kept = ordered[-limit:]
    called = names(
        connection, (number for row in kept for number in (row.request, row.client, row.creator))
    )
    found = tuple(
        Request(
            request=called[row.request],
            client=called[row.client],
            creator=called[row.creator],
            placed_at=row.placed_at,
            same_as=row.same_as,
            accepted_at=_by(row.accepted_at, until),
            cancelled_at=_by(row.cancelled_at, until),
            delivered_at=_by(row.delivered_at, until),
        )
        for row in kept
    )
    return found, len(ordered) > limit


def _strikes(connection: Connection, account: int, until: datetime) -> tuple[Strike, ...]:
    rows = connection.execute(
        select(STRIKES).where(*_before(STRIKES, account, until)).order_by(STRIKES.c.sequence)
    )
    return tuple(
        Strike(row.id, row.at, row.expires_at, _by(row.reversed_at, until), row.rule)
        for row in rows
    )


def _warnings(connection: Connection, account: int, until: datetime) -> tuple[Warned, ...]:
    rows = connection.execute(
        select(WARNINGS).where(*_before(WARNINGS, account, until)).order_by(WARNINGS.c.sequence)
    )
    return tuple(Warned(row.at, _by(row.reversed_at, until)) for row in rows)


def _confirmations(
    connection: Connection, account: int, until: datetime
) -> tuple[Confirmation, ...]:
    rows = connection.execute(
        select(CONFIRMATIONS)
        .where(*_before(CONFIRMATIONS, account, until))
        .order_by(CONFIRMATIONS.c.sequence)
    ).all()
    called = names(connection, (number for row in rows for number in (*row.works, row.creator)))
    return tuple(
        Confirmation(
            signal=row.signal,
            at=row.at,
            works=tuple(called[work] for work in row.works),
            creator=None if row.creator is None else called[row.creator],
        )
        for row in rows
    )


def _norm(connection: Connection, service: str, until: datetime) -> ServiceNorm | None:
    row = connection.execute(
        select(NORMS)
        .where(NORMS.c.service == service, NORMS.c.at < until)
        .order_by(NORMS.c.at.desc(), NORMS.c.sequence.desc())
        .limit(1)
    ).first()
    return None if row is None else ServiceNorm(row.posts_a_day, row.accounts)


def read_norms(connection: Connection, service: str) -> tuple[tuple[datetime, ServiceNorm], ...]:
    """What was usual on a service, with the time when that was measured, the oldest first."""
    rows = connection.execute(
        select(NORMS).where(NORMS.c.service == service).order_by(NORMS.c.at, NORMS.c.sequence)
    )
    return tuple((row.at, ServiceNorm(row.posts_a_day, row.accounts)) for row in rows)


def _by(at: datetime | None, until: datetime) -> datetime | None:
    """A time that was known by another; None for one that came later."""
    return None if at is None or at >= until else at
