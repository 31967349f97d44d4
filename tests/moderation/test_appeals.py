"""Who can object, until when, and what is taken back."""

import pytest

from moderation.desk import answer_appeal, answer_review, claim_appeal, claim_review, open_appeal
from moderation.errors import (
    AlreadyAppealed,
    AppealTooLate,
    BadEvidence,
    NothingToAppeal,
    NotTheUploader,
    OwnCase,
    SameModerator,
)
from moderation.people import Moderator
from moderation.record import record
from moderation.reviews import Answer
from storage import Store
from tests.moderation.telling import (
    MIA,
    NOA,
    PROVEN,
    SUSPECTED,
    T0,
    Platform,
    actions,
    human,
    inferred,
    later,
    policy,
    sent,
    stated,
    upload,
)

DAYS = {"within_days": 10, "words": {"en": "Write to us.", "ja": "連絡"}}


def delisted(store: Store) -> str:
    """A decision that was carried out."""
    rules = policy(PROVEN, appeals=DAYS)
    return record(store, stated("cat"), upload("cat"), rules, at=T0, key="upload").id


def appeal(store: Store, decision: str, account: str = "ann", days: float = 1, **more: str) -> str:
    evidence = [more["evidence"]] if "evidence" in more else []
    key = f"{account} {days}"
    return open_appeal(
        store, decision, account, "It is mine.", evidence, at=later(days=days), key=key
    ).id


def answer(store: Store, id_: str, who: Moderator, *, granted: bool) -> None:
    claim_appeal(store, id_, who, at=later(days=2), key=f"claim {who.id}")
    answer_appeal(
        store, id_, who, granted=granted, reason="So.", at=later(days=2), key=f"answer {who.id}"
    )


def test_the_uploader_alone_objects_once_and_in_time(store: Store) -> None:
    decision = delisted(store)
    with pytest.raises(NotTheUploader):
        appeal(store, decision, "ben")
    with pytest.raises(BadEvidence):
        appeal(store, decision, evidence="sketch.png")
    with pytest.raises(AppealTooLate, match="10 days"):
        appeal(store, decision, days=10.1)
    appeal(store, decision, evidence="0" * 64)
    with pytest.raises(AlreadyAppealed):
        appeal(store, decision, days=3)


def test_there_must_be_something_to_take_back(store: Store) -> None:
    decision = record(store, human("a"), upload("a"), policy(PROVEN), at=T0, key="1").id
    with pytest.raises(NothingToAppeal):
        appeal(store, decision)


def test_whoever_decided_does_not_answer(store: Store) -> None:
    rules = policy(SUSPECTED)
    decision = record(store, inferred("cat"), upload("cat"), rules, at=T0, key="1").id
    with store.reading() as reader:
        (review,) = reader.queue(1)
    claim_review(store, review.id, MIA, at=T0, key="claim")
    answer_review(store, review.id, MIA, Answer(True, "So.", actions("delist")), at=T0, key="yes")
    id_ = appeal(store, decision)
    with pytest.raises(SameModerator):
        claim_appeal(store, id_, MIA, at=later(days=2), key="1a")
    with pytest.raises(OwnCase):
        claim_appeal(store, id_, Moderator("x", account="ann"), at=later(days=2), key="1b")
    answer(store, id_, NOA, granted=False)


def test_an_appeal_that_fails_changes_nothing_and_is_answered(store: Store) -> None:
    decision = delisted(store)
    platform = sent(store, Platform())
    answer(store, appeal(store, decision), MIA, granted=False)
    sent(store, platform)
    assert platform.works == {"cat": "delist"}
    assert platform.told["ann"] == ["delisted", "appeal_answered"]
    with store.reading() as reader:
        assert reader.decision(decision).reversed_at is None
        assert reader.history("ann", since=T0, until=later(days=9)).standing_strikes(later(days=9))


def test_an_appeal_that_succeeds_ends_a_suspension_and_what_still_asks(store: Store) -> None:
    ask = {"id": "ask", "when": [{"kind": ["work"]}], "actions": ["suspend_review"]}
    rules = policy(SUSPECTED, ask, appeals=DAYS)
    decision = record(store, inferred("cat"), upload("cat"), rules, at=T0, key="1").id
    with store.reading() as reader:
        review = reader.open_suspension("ann")
    assert review is not None
    for who in (MIA, NOA):
        claim_review(store, review.id, who, at=T0, key=f"claim {who.id}")
        yes = Answer(True, "So.", actions("suspend_review"))
        answer_review(store, review.id, who, yes, at=T0, key=f"yes {who.id}")
    platform = sent(store, Platform())
    assert platform.suspended == {"ann"}
    answer(store, appeal(store, decision), Moderator("third"), granted=True)
    assert sent(store, platform).suspended == set()
    assert platform.works == {"cat": "publish"}
    with store.reading() as reader:
        assert not reader.suspended("ann")
        assert reader.queue(10) == ()


def test_an_answer_that_is_sent_again_reverses_once(store: Store) -> None:
    decision = delisted(store)
    id_ = appeal(store, decision)
    answer(store, id_, MIA, granted=True)
    with store.reading() as reader:
        before = reader.head()
    answer(store, id_, MIA, granted=True)
    with store.reading() as reader:
        assert reader.head() == before


def test_who_answered_the_appeal_decides_nothing_more_about_the_upload(store: Store) -> None:
    held = {**SUSPECTED, "actions": ["hold"]}
    rules = policy(held, appeals=DAYS)
    decision = record(store, inferred("cat"), upload("cat"), rules, at=T0, key="1").id
    answer(store, appeal(store, decision), MIA, granted=False)
    with store.reading() as reader:
        (review,) = reader.reviews(decision=decision)
    with pytest.raises(SameModerator):
        claim_review(store, review.id, MIA, at=later(days=3), key="mia")
    claim_review(store, review.id, NOA, at=later(days=3), key="noa")


def test_what_waits_is_read_page_by_page(store: Store) -> None:
    rules = policy(PROVEN)
    for name in ("a", "b", "c"):
        found = record(store, stated(name), upload(name), rules, at=T0, key=name)
        open_appeal(store, found.id, "ann", "No.", at=T0, key=f"appeal {name}")
    with store.reading() as reader:
        whole = reader.appeals(9)
        first = reader.appeals(2)
        rest = reader.appeals(2, after=(first[-1].due_at, first[-1].id))
    assert len(whole) == 3
    assert (*first, *rest) == whole
