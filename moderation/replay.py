"""Replay: what a policy would have decided about what was decided before.

    decisions of the records, by account and time -> each decided anew -> what changed, counted

Every decision is made with the history that its account had then. Per account that history slides:
it is read once for a block of decisions and cut to each (`SlidingHistory`), which gives what the
records would give for each. Memory stays flat, whatever the number of decisions.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, islice

from labelling import Action, Decision, History, decide
from labelling.history import ServiceNorm
from labelling.policy.resolved import ResolvedPolicy
from moderation.effects import PAST
from storage import RecordedDecision, Store
from storage.history import LIMIT

BLOCK = 1000
"""Decisions of one account for which its history is read once."""

EXAMPLES = 5
"""Decisions that are named of each change."""


@dataclass(frozen=True)
class Transition:
    """A change from one action to another, or from one to itself.

    Attributes:
        before: The action that was decided.
        after: The action that would be.
        count: How often.
        accounts: Of how many accounts.
        examples: Ids of some of the decisions.
    """

    before: Action
    after: Action
    count: int
    accounts: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Replay:
    """What a policy would have decided.

    Attributes:
        policy: Name of the policy.
        policy_sha256: Digest of the policy.
        since: The first upload that counts.
        decisions: How many were decided anew.
        erased: How many could not be, as what they were made of was erased.
        labels: How many would carry another label, or none, or a first one.
        transitions: By action before and after, the mildest first.
        rows: How often which row of the policy would decide, the most often first.
    """

    policy: str
    policy_sha256: str
    since: datetime
    decisions: int
    erased: int
    labels: int
    transitions: tuple[Transition, ...]
    rows: tuple[tuple[str, int], ...]

    @property
    def changed(self) -> int:
        """How many would get another action."""
        return sum(one.count for one in self.transitions if one.before is not one.after)


def replay(
    store: Store, policy: ResolvedPolicy, *, since: datetime, service: str | None = None
) -> Replay:
    """What a policy would have decided about what was decided before.

    Args:
        store: The records; nothing is written.
        policy: With all that it inherits.
        since: The first time of an upload that counts.
        service: Whose uploads; None for all.
    """
    tally = _Tally()
    for recorded, again in decided_anew(store, policy, since=since, service=service):
        tally.add(recorded, again)
    return tally.result(policy, since)


def decided_anew(
    store: Store, policy: ResolvedPolicy, *, since: datetime, service: str | None = None
) -> Iterator[tuple[RecordedDecision, Decision | None]]:
    """Each recorded decision, with what a policy would decide; None where it was erased.

    Args:
        store: The records; nothing is written.
        policy: With all that it inherits.
        since: The first time of an upload that counts.
        service: Whose uploads; None for all.
    """
    norms = _Norms(store)
    recorded = store.decisions(since=since, service=service)
    for account, some in groupby(recorded, key=lambda one: one.account):
        while block := list(islice(some, BLOCK)):
            for one, past in zip(block, histories(store, account, block), strict=True):
                if one.judgement is None or one.context is None:
                    yield one, None
                else:
                    then = None if past is None else replace(past, norm=norms.at(one))
                    yield one, decide(one.judgement, one.context, then, policy)


def histories(
    store: Store, account: str | None, block: list[RecordedDecision], *, limit: int = LIMIT
) -> Iterator[History | None]:
    """The history that an account had at each of some decisions, but for the service's norm.

    Args:
        store: The records.
        account: Whose; None for uploads of nobody who is known.
        block: Its decisions, in order of time.
        limit: Posts and requests that a history has at most, each.
    """
    if account is None:
        yield from [None] * len(block)
        return
    first, last = block[0].at, block[-1].at
    most = limit + len(block) + 1
    with store.reading() as reader:
        past = reader.history(account, since=first - PAST, until=last, limit=most)
    if len(block) > 1 and not _reaches(past, first, limit, most):
        # Too much lies between them: in halves, down to what the records themselves give.
        half = len(block) // 2
        yield from histories(store, account, block[:half], limit=limit)
        yield from histories(store, account, block[half:], limit=limit)
        return
    sliding = SlidingHistory(past, limit=limit)
    for one in block:
        yield replace(sliding.at(one.at), creators=one.creators)


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

    def at(self, until: datetime) -> History:
        """What the history was at a time.

        Args:
            until: The first time that does not count.
        """
        past, since = self._past, until - PAST
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


class _Tally:
    """What changed, counted as it comes."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[Action, Action]] = Counter()
        self._accounts: Counter[tuple[Action, Action]] = Counter()
        self._last: dict[tuple[Action, Action], str | None] = {}
        self._examples: defaultdict[tuple[Action, Action], list[str]] = defaultdict(list)
        self._rows: Counter[str] = Counter()
        self._erased = self._labels = 0

    def add(self, recorded: RecordedDecision, again: Decision | None) -> None:
        if again is None:
            self._erased += 1
            return
        change = Action(recorded.action), again.action
        self._counts[change] += 1
        # Decisions come account by account.
        if self._last.get(change, ...) != recorded.account:
            self._accounts[change] += 1
            self._last[change] = recorded.account
        if len(self._examples[change]) < EXAMPLES:
            self._examples[change].append(recorded.id)
        self._rows.update(row.row for row in again.rows)
        self._labels += again.label != recorded.label

    def result(self, policy: ResolvedPolicy, since: datetime) -> Replay:
        order = list(Action)
        changes = sorted(self._counts, key=lambda one: (order.index(one[0]), order.index(one[1])))
        return Replay(
            policy=policy.id.name,
            policy_sha256=policy.id.sha256,
            since=since,
            decisions=sum(self._counts.values()),
            erased=self._erased,
            labels=self._labels,
            transitions=tuple(
                Transition(
                    *change,
                    self._counts[change],
                    self._accounts[change],
                    tuple(self._examples[change]),
                )
                for change in changes
            ),
            rows=tuple(self._rows.most_common()),
        )
