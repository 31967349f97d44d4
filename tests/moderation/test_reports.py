"""What a platform reports, and what people do at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelling import Request
from moderation import Moderator, claim_review, events, record, report, report_purchasers
from moderation.errors import AlreadyClaimed, KeyReused
from moderation.people import Act
from moderation.reported import REPORT
from moderation.reports import PLATFORM, keep_reports
from storage import EventType, Store
from storage.cases import Purchaser
from storage.errors import BadText
from tests.moderation.telling import (
    PROVEN,
    SUSPECTED,
    T0,
    Platform,
    inferred,
    later,
    policy,
    sent,
    stated,
    upload,
)


def act(key: str, hours: float = 0) -> Act:
    return Act(later(hours=hours), PLATFORM, key)


def test_reports_make_a_history(store: Store) -> None:
    told = {"service": "comics", "kind": "work", "declared_ai": None, "outside_links": 0}
    new = events.posted(act("1"), account="ann", work="cat", posted_at=T0, **told)  # type: ignore[arg-type]
    for event in (
        new,
        new,
        events.links_added(act("2", 1), "ann", "cat", 2),
        events.deleted(act("3", 2), "ann", "cat"),
        events.request_placed(act("4", 3), "ann", "ben", "portrait", "text"),
        events.request_changed(act("5", 4), EventType.REQUEST_ACCEPTED, "ben", "portrait"),
        events.request_changed(act("6", 5), EventType.REQUEST_DELIVERED, "ben", "portrait"),
    ):
        report(store, event)
    with store.reading() as reader:
        past = reader.history("ann", since=T0, until=later(days=1))
        assert past.requests == reader.history("ben", since=T0, until=later(days=1)).requests
        assert reader.head().sequence == 6
    (post,) = past.posts
    assert (post.outside_links, post.deleted_at) == (2, later(hours=2))
    assert past.requests == (
        Request(
            "portrait", "ann", "ben", later(hours=3), "text", later(hours=4), None, later(hours=5)
        ),
    )


def test_a_key_is_for_one_report(store: Store) -> None:
    report(store, events.deleted(act("1"), "ann", "cat"))
    with pytest.raises(KeyReused):
        report(store, events.links_added(act("1"), "ann", "cat", 2))


def test_who_bought_a_work_that_is_gone_is_paid_back_once(store: Store) -> None:
    record(store, stated("cat"), upload("cat"), policy(PROVEN), at=T0, key="upload")
    for key in ("1", "1", "2"):
        report_purchasers(store, "cat", {"ben": 5}, ["ben", "cleo"], at=later(days=1), key=key)
    platform = sent(store, Platform())
    assert platform.points == {"ben": 5}
    assert platform.told["ben"] == platform.told["cleo"] == ["work_delisted"]
    with store.reading() as reader:
        types = [one.type for one in reader.events()]
    assert types.count("refund_queued") == 1


def test_documents_make_the_same_history(store: Store) -> None:
    told: list[dict[str, object]] = [
        {"report": "posted", "service": "comics", "account": "ann", "work": "cat"},
        {"report": "links_added", "account": "ann", "work": "cat", "outside_links": 2},
        {"report": "deleted", "account": "ann", "work": "cat", "at": later(hours=2)},
        {
            "report": "request_placed",
            "client": "ann",
            "creator": "ben",
            "request": "portrait",
            "same_as": "text",
            "at": later(hours=3),
        },
        {"report": "request_accepted", "creator": "ben", "request": "portrait"},
        {"report": "purchased", "work": "cat", "account": "cleo", "points": 3},
    ]
    reports = [(str(key), REPORT.validate_python(one)) for key, one in enumerate(told)]
    assert keep_reports(store, reports, now=later(hours=4)) == 6
    # Told again later, and one more: what was not dated is no other report for that.
    more = [*reports, ("6", REPORT.validate_python({**told[2], "work": "dog"}))]
    assert keep_reports(store, more, now=later(hours=9)) == 1
    with store.reading() as reader:
        past = reader.history("ann", since=T0, until=later(days=1))
        assert reader.head().sequence == 7
        assert list(reader.purchasers("cat")) == [Purchaser("cleo", 3)]
    (post,) = past.posts
    assert (post.outside_links, post.deleted_at, post.at) == (2, later(hours=2), later(hours=4))
    (request,) = past.requests
    assert (request.placed_at, request.accepted_at) == (later(hours=3), later(hours=4))


def test_one_wrong_report_keeps_all_out(store: Store) -> None:
    first = REPORT.validate_python({"report": "deleted", "account": "ann", "work": "cat"})
    keep_reports(store, [("1", first)], now=T0)
    other = REPORT.validate_python({"report": "deleted", "account": "ann", "work": "dog"})
    with pytest.raises(KeyReused, match="another report"):
        keep_reports(store, [("2", other), ("1", other)], now=T0)
    with store.reading() as reader:
        assert reader.head().sequence == 1


def test_of_many_at_once_one_gets_the_review(store: Store) -> None:
    record(store, inferred("cat"), upload("cat"), policy(SUSPECTED), at=T0, key="1")
    with store.reading() as reader:
        (review,) = reader.queue(9)

    def claim(number: int) -> bool:
        who = Moderator(f"moderator {number}")
        try:
            claim_review(store, review.id, who, at=T0, key=f"claim {number}")
        except AlreadyClaimed:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(claim, range(8))) == 1
    assert store.verify().whole


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(min_size=1), st.text(min_size=1))
def test_hostile_names_stay_data(store: Store, account: str, work: str) -> None:
    rules = policy(PROVEN)
    try:
        recorded = record(
            store,
            stated(ascii(work)),
            upload(work, account=account),
            rules,
            at=T0,
            key=ascii((account, work)),
        )
    except BadText:
        # What no database keeps is refused, and nothing of it is there.
        return
    with store.reading() as reader:
        found = reader.decision(recorded.id)
        assert (found.account, found.work) == (account, work)
        topics = [one.topic for one in reader.messages(decision=recorded.id)]
    assert topics[0] == "delist"
