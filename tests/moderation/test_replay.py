"""What another policy would have decided, with the histories that there were."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from labelling import Action
from labelling.policy.resolved import ResolvedPolicy
from labelling.replay import Replay
from moderation import events
from moderation.effects import begin, reach
from moderation.people import Act
from moderation.record import record
from moderation.replay import SlidingHistory, histories, replay
from storage import Event, EventType, Role, Store
from storage.history import LIMIT
from tests.moderation.telling import (
    PROVEN,
    SUSPECTED,
    T0,
    human,
    inferred,
    later,
    policy,
    stated,
    upload,
)

PAST = timedelta(days=400)


def decided(store: Store) -> list[str]:
    """Six decisions of three accounts, under a policy that only labels."""
    mild = policy({**SUSPECTED, "actions": ["label"]})
    judged = {"a1": inferred, "b1": stated, "a2": human, "b2": inferred, "c1": human, "a3": stated}
    return [
        record(
            store,
            said(work),
            upload(work, account=work[0], at=later(hours=hour)),
            mild,
            at=later(hours=hour),
            key=work,
        ).id
        for hour, (work, said) in enumerate(judged.items())
    ]


def counted(store: Store, rules: ResolvedPolicy, since: datetime = T0) -> Replay:
    """What a policy would change, in figures."""
    found = Replay()
    for _ in found.count(replay(store, rules, since=since)):
        pass
    return found


def test_what_would_have_been_decided_is_counted(store: Store) -> None:
    a1, b1, _a2, b2, _c1, a3 = decided(store)
    with store.reading() as reader:
        before = reader.head()
    found = counted(store, policy({**SUSPECTED, "actions": ["hold"]}, PROVEN))
    assert found.transitions == {
        (Action.PUBLISH, Action.PUBLISH): 2,
        (Action.LABEL, Action.HOLD): 2,
        (Action.LABEL, Action.DELIST): 2,
    }
    examples = {change: {one.item for one in some} for change, some in found.examples.items()}
    assert examples == {
        (Action.LABEL, Action.HOLD): {a1, b2},
        (Action.LABEL, Action.DELIST): {a3, b1},
    }
    assert (found.decided, found.changed, found.harsher) == (6, 4, 4)
    with store.reading() as reader:
        assert reader.head() == before


def test_only_uploads_since_a_date_count(store: Store) -> None:
    decided(store)
    assert counted(store, policy(), later(hours=4)).decided == 2


def test_the_same_policy_changes_nothing(store: Store) -> None:
    strikes = {
        "id": "strikes",
        "when": [{"strikes": {"at_least": 1}}],
        "label": "ai-generated",
        "actions": ["warn", "label", "hold"],
    }
    rules = policy(SUSPECTED, PROVEN, strikes)
    for hour in range(12):
        at, work = later(hours=hour), f"w{hour}"
        said = (stated if hour % 3 else human)(work)
        record(
            store, said, upload(work, account="ab"[hour % 2], at=at), rules, at=at, key=str(hour)
        )
    found = counted(store, rules)
    assert (found.decided, found.changed) == (12, 0)
    assert len(found.transitions) > 1


def test_what_was_erased_is_passed_over(store: Store) -> None:
    decided(store)
    store.erase("b", at=later(days=1), actor="mia")
    assert counted(store, policy()).decided == 4


@pytest.mark.parametrize("limit", [2, 5, LIMIT])
def test_a_sliding_history_is_the_one_of_the_records(store: Store, limit: int) -> None:
    happened(store, random.Random(7))  # noqa: S311
    compared = 0
    for account in "ab":
        block = [one for one in store.decisions(since=T0, page=3) if one.account == account]
        fast = list(histories(store, account, block, PAST, limit=limit))
        for one, past in zip(block, fast, strict=True):
            with store.reading() as reader:
                assert past == reader.history(
                    account,
                    since=one.at - PAST,
                    until=one.at,
                    creators=one.creators,
                    limit=limit,
                )
            compared += 1
    assert compared > 30


def test_a_history_that_is_too_long_is_cut_as_the_records_cut_it(store: Store) -> None:
    with store.transaction() as tx:
        tx.append(
            *(
                _posted(Act(T0, "platform", str(n)), "ann", f"w{n}", later(minutes=n))
                for n in range(12)
            )
        )
    with store.reading() as reader:
        whole = reader.history("ann", since=T0 - PAST, until=later(days=1), limit=100)
        until = later(minutes=10)
        cut = reader.history("ann", since=until - PAST, until=until, limit=4)
    assert SlidingHistory(whole, limit=4).at(until - PAST, until) == cut
    assert cut.truncated
    assert len(cut.posts) == 4


def happened(store: Store, chance: random.Random) -> None:
    """Many things about some accounts, one after the other."""
    rules = policy(
        SUSPECTED, PROVEN, {"id": "w", "when": [{"kind": ["work"]}], "actions": ["warn"]}
    )
    for n in range(120):
        at = later(hours=n)
        account = chance.choice("ab")
        what = chance.randrange(6)
        work = f"{account}{chance.randrange(20)}"
        if what < 2:
            said = chance.choice((inferred, stated, human))(work)
            record(
                store,
                said,
                upload(work, account=account, at=at),
                rules,
                at=at,
                key=str(n),
                creators=["me"] if account == "a" else [],
            )
            continue
        act = Act(at, "platform", str(n))
        with store.transaction() as tx:
            tx.append(*_something(tx.decisions_about(work), act, account, work, what))


def _something(
    decisions: tuple[object, ...], act: Act, account: str, work: str, what: int
) -> tuple[Event, ...]:
    if what == 2:
        return (events.deleted(act, account, work),)
    if what == 3:
        return (_posted(act, account, work + "x", act.at),)
    if what == 4:
        request = f"r{act.at.hour}"
        names = {Role.CREATOR: ("b",), Role.REQUEST: (request,)}
        if act.at.day % 2:
            return (events.request_placed(act, "a", "b", request, "same"),)
        return (Event(type=EventType.REQUEST_ACCEPTED, at=act.at, actor="platform", names=names),)
    return tuple(
        events.decision_reversed(act, account, work, getattr(one, "id"))  # noqa: B009
        for one in decisions[:1]
    )


def _posted(act: Act, account: str, work: str, at: datetime) -> Event:
    return events.posted(
        act,
        service="comics",
        account=account,
        work=work,
        posted_at=at,
        kind="work",
        declared_ai=None,
        outside_links=0,
    )


def test_a_history_reaches_over_a_policys_longest_window() -> None:
    long = policy(signals={"flood": {"times": 9, "within_days": 900}})
    assert reach(long) == timedelta(days=1800)
    assert reach(policy()) == PAST
    first = datetime(1, 1, 2, tzinfo=UTC)
    assert begin(first, PAST) == datetime(1, 1, 1, tzinfo=UTC)
