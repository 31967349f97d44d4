"""An account's history out of the state: a few indexed questions, bounded, as of a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    Connection,
    Integer,
    bindparam,
    literal,
    null,
    or_,
    select,
    union_all,
)

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
from storage.decisions import read_nearness
from storage.events import EventType, NameKind
from storage.names import names, number_of
from storage.state import CONFIRMATIONS, NORMS, POSTS, REQUESTS, STRIKES, WARNINGS
from storage.tables import EVENTS, NAMES, NEARNESS

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
    asked = {"since": since, "until": until, "service": service, "limit": limit + 1}
    norm = None if service is None else _norm(connection, asked)
    mine = number_of(connection, NameKind.ACCOUNT, account)
    if mine is None:
        return History(account, since, until, creators=tuple(creators), norm=norm)
    asked["account"] = mine
    posts = connection.execute(_POSTS, asked).all()
    requests = _requests(connection, asked)
    against = connection.execute(_AGAINST, asked).all()
    return History(
        account=account,
        since=since,
        until=until,
        posts=tuple(_post(tuple(row), until) for row in reversed(posts[:limit])),
        requests=requests[-limit:],
        strikes=tuple(
            Strike(row.id, row.at, row.expires_at, _by(row.reversed_at, until), row.rule)
            for row in against
            if row.kind == "strike"
        ),
        warnings=tuple(
            Warned(row.at, _by(row.reversed_at, until)) for row in against if row.kind == "warning"
        ),
        confirmations=_confirmations(connection, asked),
        creators=tuple(creators),
        norm=norm,
        truncated=len(posts) > limit or len(requests) > limit,
    )


def history_changed(connection: Connection, account: str, *, after: int, names: int) -> bool:
    """Whether something was told by which an account's history may be another now.

    Args:
        connection: Within a transaction.
        account: Whose.
        after: The last event when the history was read.
        names: The last number that a name was given, then.

    Returns:
        False where it surely is the same.
    """
    asked = {"kind": NameKind.ACCOUNT, "name": account, "after": after, "names": names}
    return connection.scalar(_CHANGED, asked) is not None


# Statements are made once: to make them takes longer than to carry them out.

_ACCOUNT: BindParameter[int] = bindparam("account")
_SINCE: BindParameter[datetime] = bindparam("since")
_UNTIL: BindParameter[datetime] = bindparam("until")
_LIMIT = bindparam("limit", type_=Integer)

_POSTS = (
    select(
        POSTS.c.work,
        NAMES.c.name,
        POSTS.c.at,
        POSTS.c.deleted_at,
        POSTS.c.kind,
        POSTS.c.declared_ai,
        POSTS.c.verdict,
        POSTS.c.evidence,
        NEARNESS.c.content,
        POSTS.c.searched,
        POSTS.c.plain,
        POSTS.c.outside_links,
    )
    .join_from(POSTS, NAMES, NAMES.c.number == POSTS.c.work, isouter=True)
    .join(NEARNESS, NEARNESS.c.sequence == POSTS.c.decided, isouter=True)
    .where(POSTS.c.account == _ACCOUNT, POSTS.c.at >= _SINCE, POSTS.c.at < _UNTIL)
    .order_by(POSTS.c.at.desc(), POSTS.c.work.desc())
    .limit(_LIMIT)
)

_REQUESTS = (
    select(REQUESTS)
    .where(or_(REQUESTS.c.client == _ACCOUNT, REQUESTS.c.creator == _ACCOUNT))
    .where(REQUESTS.c.placed_at >= _SINCE, REQUESTS.c.placed_at < _UNTIL)
    .order_by(REQUESTS.c.placed_at.desc(), REQUESTS.c.request.desc(), REQUESTS.c.creator.desc())
    .limit(_LIMIT)
)

_AGAINST = union_all(
    *(
        select(
            literal(kind).label("kind"),
            table.c.sequence,
            table.c.id,
            table.c.at,
            expires_at.label("expires_at"),
            table.c.reversed_at,
            table.c.rule,
        ).where(table.c.account == _ACCOUNT, table.c.at < _UNTIL)
        for kind, table, expires_at in (
            ("strike", STRIKES, STRIKES.c.expires_at),
            ("warning", WARNINGS, null()),
        )
    )
).order_by("sequence")

_CONFIRMATIONS = (
    select(CONFIRMATIONS)
    .where(CONFIRMATIONS.c.account == _ACCOUNT, CONFIRMATIONS.c.at < _UNTIL)
    .order_by(CONFIRMATIONS.c.sequence)
)

_NORM = (
    select(NORMS.c.posts_a_day, NORMS.c.accounts)
    .where(NORMS.c.service == bindparam("service"), NORMS.c.at < _UNTIL)
    .order_by(NORMS.c.at.desc(), NORMS.c.sequence.desc())
    .limit(1)
)

_UNREAD = (
    EventType.LABELLED,
    EventType.REVIEW_OPENED,
    EventType.REVIEW_CLAIMED,
    EventType.CLAIM_EXPIRED,
    EventType.APPEAL_OPENED,
    EventType.APPEAL_CLAIMED,
    EventType.APPEAL_RESOLVED,
    EventType.NOTICE_QUEUED,
    EventType.REFUND_QUEUED,
    EventType.INSTRUCTION_QUEUED,
    EventType.DECISION_QUEUED,
    EventType.DELIVERED,
    EventType.POLICY_ACTIVATED,
    EventType.SIGNED_IN,
    EventType.SIGNED_OUT,
    EventType.CASE_READ,
)
"""Of what often happens, the types by which no history changes."""

_UPLOADS = (EventType.DECIDED, EventType.POSTED)
"""They change the history of their account, and of one that had the work before."""

_CHANGED = (
    select(EVENTS.c.sequence)
    .where(EVENTS.c.sequence > bindparam("after"), EVENTS.c.type.not_in(_UNREAD))
    .where(
        or_(
            EVENTS.c.type.not_in(_UPLOADS),
            EVENTS.c.work <= bindparam("names"),
            EVENTS.c.account
            == select(NAMES.c.number)
            .where(NAMES.c.kind == bindparam("kind"), NAMES.c.name == bindparam("name"))
            .scalar_subquery(),
        )
    )
    .limit(1)
)


def _post(row: Sequence[Any], until: datetime) -> Post:
    work, name, at, deleted_at, kind, declared, verdict, evidence, content = row[:9]
    searched, plain, outside_links = row[9:]
    near = read_nearness(content)
    return Post(
        work=f"erased-{work}" if name is None else name,
        at=at,
        deleted_at=_by(deleted_at, until),
        kind=kind or "work",
        declared_ai=declared,
        verdict=Verdict(verdict or Verdict.INCONCLUSIVE),
        evidence=EvidenceKind(evidence or EvidenceKind.INFERRED),
        likenesses=near.likenesses,
        searched=bool(searched),
        copies=near.copies,
        plain=bool(plain),
        outside_links=outside_links or 0,
    )


def _requests(connection: Connection, asked: Mapping[str, Any]) -> tuple[Request, ...]:
    ordered = connection.execute(_REQUESTS, asked).all()[::-1]
    called = names(
        connection, (number for row in ordered for number in (row.request, row.client, row.creator))
    )
    until = asked["until"]
    return tuple(
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
        for row in ordered
    )


def _confirmations(connection: Connection, asked: Mapping[str, Any]) -> tuple[Confirmation, ...]:
    rows = connection.execute(_CONFIRMATIONS, asked).all()
    called = names(connection, (number for row in rows for number in (*row.works, row.creator)))
    return tuple(
        Confirmation(
            signal=row.signal,
            at=row.at,
            works=tuple(called[work] for work in row.works),
            creator=called.get(row.creator),
        )
        for row in rows
    )


def _norm(connection: Connection, asked: Mapping[str, Any]) -> ServiceNorm | None:
    row = connection.execute(_NORM, asked).first()
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
