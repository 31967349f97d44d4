"""A history is what the slow definition makes of all events, at any time and of any length."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from labelling import Context, History, Post, Request, Strike, Warned
from labelling.history import Confirmation
from labelling.posts import post_of
from storage import Event, EventType, Role, Store
from tests.storage.telling import ON_A_STORE, at, judged
from tests.storage.test_rebuild import EVENTS, emptied

CONTEXT = TypeAdapter(Context)

TOLD = st.one_of(
    *(
        EVENTS[type_]
        for type_ in (
            EventType.POSTED,
            EventType.DECIDED,
            EventType.DELETED,
            EventType.LINKS_ADDED,
            EventType.REQUEST_PLACED,
            EventType.REQUEST_ACCEPTED,
            EventType.REQUEST_CANCELLED,
            EventType.REQUEST_DELIVERED,
            EventType.STRIKE_GIVEN,
            EventType.WARNED,
            EventType.DECISION_REVERSED,
            EventType.REVIEW_RESOLVED,
        )
    )
)


def slow(events: Sequence[Event], account: str, since: datetime, until: datetime) -> History:
    """All that was told, one after the other; then cut to what was known by a time."""
    posts: dict[str, tuple[str, Post]] = {}
    requests: dict[tuple[str, str], Request] = {}
    strikes: dict[str, tuple[str, Strike, str]] = {}
    warnings: dict[str, tuple[str, Warned, str]] = {}
    confirmed: list[Confirmation] = []
    for one in events:
        _tell(one, account, posts, requests, strikes, warnings, confirmed)

    def known(when: datetime | None) -> datetime | None:
        return when if when is not None and when < until else None

    return History(
        account=account,
        since=since,
        until=until,
        posts=tuple(
            replace(post, deleted_at=known(post.deleted_at))
            for owner, post in sorted(posts.values(), key=lambda pair: pair[1].at)
            if owner == account and since <= post.at < until
        ),
        requests=tuple(
            replace(
                one,
                accepted_at=known(one.accepted_at),
                cancelled_at=known(one.cancelled_at),
                delivered_at=known(one.delivered_at),
            )
            for one in sorted(requests.values(), key=lambda one: one.placed_at)
            if account in (one.client, one.creator) and since <= one.placed_at < until
        ),
        strikes=tuple(
            replace(one, reversed_at=known(one.reversed_at))
            for owner, one, _ in strikes.values()
            if owner == account and one.at < until
        ),
        warnings=tuple(
            replace(one, reversed_at=known(one.reversed_at))
            for owner, one, _ in warnings.values()
            if owner == account and one.at < until
        ),
        confirmations=tuple(one for one in confirmed if one.at < until),
    )


def _tell(
    one: Event,
    account: str,
    posts: dict[str, tuple[str, Post]],
    requests: dict[tuple[str, str], Request],
    strikes: dict[str, tuple[str, Strike, str]],
    warnings: dict[str, tuple[str, Warned, str]],
    confirmed: list[Confirmation],
) -> None:
    data, work, who = one.data, one.work or "", one.account or ""
    request = (*one.names.get(Role.REQUEST, ("",)), *one.names.get(Role.CREATOR, ("",)))
    match one.type:
        case EventType.POSTED:
            _, before = posts.get(work, ("", Post(work, one.at)))
            when = datetime.fromisoformat(data["posted_at"])
            posts[work] = (
                who,
                replace(before, at=when, kind="work", declared_ai=None, outside_links=0),
            )
        case EventType.DECIDED:
            context = CONTEXT.validate_json(one.private["context"])
            if context.account is None or context.work is None:
                return
            before = posts.get(work, (who, None))[1]
            made = post_of(judged(work, "dan"), context)
            if before is not None:
                kept = {"deleted_at": before.deleted_at, "outside_links": before.outside_links}
                made = replace(made, **kept)
            posts[work] = who, made
        case EventType.DELETED if work in posts:
            owner, post = posts[work]
            posts[work] = owner, replace(post, deleted_at=post.deleted_at or one.at)
        case EventType.LINKS_ADDED if work in posts:
            owner, post = posts[work]
            posts[work] = owner, replace(post, outside_links=data["outside_links"])
        case EventType.REQUEST_PLACED:
            before = requests.get(request)
            new = Request(request[0], who, request[1], one.at, data["same_as"])
            times: dict[str, Any] = {}
            if before is not None:
                names = ("accepted_at", "cancelled_at", "delivered_at")
                times = {name: getattr(before, name) for name in names}
            requests[request] = replace(new, **times)
        case (
            EventType.REQUEST_ACCEPTED | EventType.REQUEST_CANCELLED | EventType.REQUEST_DELIVERED
        ) if request in requests:
            name = one.type.removeprefix("request_") + "_at"
            if getattr(requests[request], name) is None:
                requests[request] = replace(requests[request], **{name: one.at})
        case EventType.STRIKE_GIVEN:
            ends = data["expires_at"] and datetime.fromisoformat(data["expires_at"])
            before = strikes.pop(data["strike"], None)
            back = before[1].reversed_at if before else None
            strike = Strike(data["strike"], one.at, ends, back, data["rule"])
            strikes[data["strike"]] = who, strike, data["decision"]
        case EventType.WARNED:
            before = warnings.pop(data["warning"], None)
            back = before[1].reversed_at if before else None
            warnings[data["warning"]] = who, Warned(one.at, back), data["decision"]
        case EventType.DECISION_REVERSED:
            for some in (strikes, warnings):
                for id_, (owner, it, decision) in list(some.items()):
                    if decision == data["decision"] and it.reversed_at is None:
                        some[id_] = owner, replace(it, reversed_at=one.at), decision
        case EventType.REVIEW_RESOLVED:
            if data["final"] and data["confirmed"] and data["signal"] and who == account:
                (creator,) = one.names[Role.ENROLLED]
                works = one.names[Role.WORKS]
                confirmed.append(Confirmation(data["signal"], one.at, works, creator))


def settled(history: History) -> History:
    """With what is of one time in one order."""
    return replace(
        history,
        posts=tuple(sorted(history.posts, key=lambda one: (one.at, one.work))),
        requests=tuple(
            sorted(history.requests, key=lambda one: (one.placed_at, one.request, one.creator))
        ),
    )


@given(st.lists(TOLD, min_size=15, max_size=30), st.integers(0, 20), st.integers(20, 100))
@ON_A_STORE
def test_it_is_what_the_slow_definition_says(
    store: Store, events: list[Event], since: int, until: int
) -> None:
    emptied(store)
    with store.transaction() as transaction:
        transaction.append(*events)
        for account in ("ann", "bob", "nobody"):
            window = {"since": at(since), "until": at(until)}
            found = transaction.history(account, **window)
            assert settled(found) == settled(slow(events, account, at(since), at(until)))
            cut = transaction.history(account, **window, limit=1)
            assert cut.posts == found.posts[-1:]
            assert cut.requests == found.requests[-1:]
            assert cut.truncated == (len(found.posts) > 1 or len(found.requests) > 1)
