"""Replay: what a policy would have decided about what was decided before.

    decisions of the records, by account and time -> each decided anew -> labelling.replay counts

Every decision is made with the history that its account had then. Per account that history slides:
it is read once for a block of decisions and cut to each (`SlidingHistory`), which gives what the
records would give for each. Memory stays flat, whatever the number of decisions.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby, islice

from labelling import History, decide
from labelling.history import ServiceNorm
from labelling.policy.resolved import ResolvedPolicy
from labelling.replay import Replayed
from moderation.effects import begin, reach
from storage import RecordedDecision, Store
from storage.history import LIMIT

BLOCK = 1000
"""Decisions of one account for which its history is read once."""


def replay(
    store: Store, policy: ResolvedPolicy, *, since: datetime, service: str | None = None
) -> Iterator[Replayed]:
    """Decide about every recorded upload under a policy; `labelling.replay.Replay` counts it.

    Args:
        store: The records; nothing is written.
        policy: The policy that is tried, with all that it inherits.
        since: The first time of an upload that counts.
        service: Whose uploads; None for all.

    Yields:
        Each decision by its id, by account and time. What was made of something that is erased is
        passed over.
    """
    norms, far = _Norms(store), reach(policy)
    recorded = store.decisions(since=since, service=service)
    for account, some in groupby(recorded, key=lambda one: one.account):
        while block := list(islice(some, BLOCK)):
            for one, past in zip(block, histories(store, account, block, far), strict=True):
                if one.judgement is None or one.context is None:
                    continue
                then = None if past is None else replace(past, norm=norms.at(one))
                yield Replayed(
                    one.id, one.decision, decide(one.judgement, one.context, then, policy)
                )


def histories(
    store: Store,
    account: str | None,
    block: list[RecordedDecision],
    far: timedelta,
    *,
    limit: int = LIMIT,
) -> Iterator[History | None]:
    """The history that an account had at each of some decisions, but for the service's norm.

    Args:
        store: The records.
        account: Whose; None for uploads of nobody who is known.
        block: Its decisions, in order of time.
        far: How far back each goes.
        limit: Posts and requests that a history has at most, each.
    """
    if account is None:
        yield from [None] * len(block)
        return
    first, last = block[0].at, block[-1].at
    most = limit + len(block) + 1
    with store.reading() as reader:
        past = reader.history(account, since=begin(first, far), until=last, limit=most)
    if len(block) > 1 and not _reaches(past, first, limit, most):
        # Too much lies between them: in halves, down to what the records themselves give.
        half = len(block) // 2
        yield from histories(store, account, block[:half], far, limit=limit)
        yield from histories(store, account, block[half:], far, limit=limit)
        return
    sliding = SlidingHistory(past, limit=limit)
    for one in block:
        yield replace(sliding.at(begin(one.at, far), one.at), creators=one.creators)


def _reaches(past: History, first: datetime, limit: int, most: int) -> bool:
    """Whether a history, of `most` posts at most, has all that those from a time on can have."""
    before = bisect_left(past.posts, first, key=lambda one: one.at)
    earlier = sum(one.placed_at < first for one in past.requests)
    return (len(past.posts) < most or before > limit) and (
        len(past.requests) < most or earlier > limit
    )


class SlidingHistory:
    """A history that can be cut to any earlier time.

    Slides: `at` gives what the records would give as of that time, and costs little.
    """

    def __init__(self, past: History, *, limit: int = LIMIT) -> None:
        """Take a history.

        Args:
            past: With all that the histories have that are asked for, and one post and request
                more where they are cut.
            limit: Posts and requests that a history has at most, each; the latest are kept.
        """
        self._past = past
        self._limit = limit
        self._times = [one.at for one in past.posts]
        # Few delete anything: only then each post has to be looked at.
        self._deleted = any(one.deleted_at is not None for one in past.posts)

    def at(self, since: datetime, until: datetime) -> History:
        """What the history was at a time.

        Args:
            since: The first time that counts.
            until: The first time that does not.
        """
        past = self._past
        first, end = bisect_left(self._times, since), bisect_left(self._times, until)
        posts = past.posts[max(first, end - self._limit) : end]
        if self._deleted:
            posts = tuple(
                replace(one, deleted_at=None) if _later(one.deleted_at, until) else one
                for one in posts
            )
        requests = [one for one in past.requests if since <= one.placed_at < until]
        return replace(
            past,
            since=since,
            until=until,
            posts=posts,
            requests=tuple(
                replace(
                    one,
                    accepted_at=_by(one.accepted_at, until),
                    cancelled_at=_by(one.cancelled_at, until),
                    delivered_at=_by(one.delivered_at, until),
                )
                for one in requests[-self._limit :]
            ),
            strikes=tuple(
                replace(one, reversed_at=_by(one.reversed_at, until))
                for one in past.strikes
                if one.at < until
            ),
            warnings=tuple(
                replace(one, reversed_at=_by(one.reversed_at, until))
                for one in past.warnings
                if one.at < until
            ),
            confirmations=tuple(one for one in past.confirmations if one.at < until),
            truncated=(past.truncated or end - first > self._limit or len(requests) > self._limit),
        )


class _Norms:
    """What was usual on a service at the time of a decision."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[str, tuple[tuple[datetime, ServiceNorm], ...]] = {}

    def at(self, decision: RecordedDecision) -> ServiceNorm | None:
        if decision.service not in self._known:
            with self._store.reading() as reader:
                self._known[decision.service] = reader.norms(decision.service)
        known = self._known[decision.service]
        before = bisect_left(known, decision.at, key=lambda one: one[0])
        return known[before - 1][1] if before else None


def _later(at: datetime | None, until: datetime) -> bool:
    return at is not None and at >= until


def _by(at: datetime | None, until: datetime) -> datetime | None:
    return None if _later(at, until) else at
