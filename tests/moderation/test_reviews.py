"""What moderators are asked, who may answer, and what follows."""

from dataclasses import replace

import pytest

from labelling import Action
from moderation.desk import answer_review, claim_review, release_review
from moderation.errors import (
    AlreadyAnswered,
    AlreadyClaimed,
    ModerationError,
    NotAChoice,
    NotClaimed,
    OwnCase,
    ReasonMissing,
    SameModerator,
)
from moderation.people import Moderator
from moderation.queue import due_at
from moderation.record import record
from moderation.reviews import Answer
from storage import Store
from storage.cases import Review
from tests.moderation.telling import (
    MIA,
    NOA,
    SUSPECTED,
    T0,
    Platform,
    actions,
    inferred,
    later,
    policy,
    sent,
    upload,
)

YES = Answer(True, "It is so.", actions("delist"))
NO = Answer(False, "It is not so.")
HELD = {**SUSPECTED, "actions": ["hold"], "label": None}


def opened(store: Store, *rows: dict[str, object], work: str = "cat") -> Review:
    """The review of an upload."""
    record(store, inferred(work), upload(work), policy(*rows), at=T0, key=work)
    return open_reviews(store)[0]


def open_reviews(store: Store) -> tuple[Review, ...]:
    with store.reading() as reader:
        return reader.queue(100)


def answer(
    store: Store, review: Review, said: Answer, who: Moderator = MIA, hours: float = 1
) -> Review:
    """Claim a review, and answer it."""
    key = f"{review.id}/{who.id}"
    claim_review(store, review.id, who, at=later(hours=hours), key=f"claim {key}")
    return answer_review(store, review.id, who, said, at=later(hours=hours), key=key)


def test_a_row_says_what_can_follow(store: Store) -> None:
    review = opened(store, SUSPECTED)
    assert review.choices == ("delist", "strike")
    assert (review.account, review.work, review.rows) == ("ann", "cat", ("suspected",))
    with pytest.raises(NotAChoice, match="delist, strike follow here, and not warn"):
        answer(store, review, Answer(True, "It is so.", actions("warn")))


def test_an_answer_needs_a_reason(store: Store) -> None:
    with pytest.raises(ReasonMissing):
        answer(store, opened(store, SUSPECTED), replace(YES, reason=" "))


def test_what_is_given_back_is_free_at_once(store: Store) -> None:
    review = opened(store, SUSPECTED)
    claim_review(store, review.id, MIA, at=T0, key="claim")
    with pytest.raises(NotClaimed):
        release_review(store, review.id, NOA, at=T0, key="not hers")
    for _ in range(2):
        assert release_review(store, review.id, MIA, at=T0, key="release").claimed_by is None
    assert claim_review(store, review.id, NOA, at=T0, key="noa").claimed_by == "noa"
    with pytest.raises(NotClaimed):
        release_review(store, review.id, NOA, at=later(hours=1), key="too late")
    assert store.verify().whole


def test_what_is_held_is_given_free_when_it_is_dismissed(store: Store) -> None:
    review = opened(store, HELD)
    platform = sent(store, Platform())
    assert platform.works == {"cat": "hold"}
    assert answer(store, review, NO).confirmed is False
    assert sent(store, platform).works == {"cat": "publish"}
    assert open_reviews(store) == ()


def test_what_is_held_stays_while_another_row_asks(store: Store) -> None:
    other = {**HELD, "id": "other", "when": [{"kind": ["work"]}]}
    first = opened(store, HELD, other)
    second = open_reviews(store)[1]
    platform = sent(store, Platform())
    answer(store, first, NO)
    assert sent(store, platform).works == {"cat": "hold"}
    answer(store, second, Answer(True, "It is so."))
    assert sent(store, platform).works == {"cat": "publish"}


def test_a_label_is_taken_back_when_it_is_dismissed(store: Store) -> None:
    review = opened(store, SUSPECTED)
    platform = sent(store, Platform())
    answer(store, review, NO)
    assert sent(store, platform).works == {"cat": "publish"}


def test_a_confirmation_alone_changes_nothing_more(store: Store) -> None:
    review = opened(store, SUSPECTED)
    platform = sent(store, Platform())
    answer(store, review, Answer(True, "It is so."))
    assert sent(store, platform).works == {"cat": "label"}


def test_nothing_is_done_twice_by_two_rows(store: Store) -> None:
    other = {**SUSPECTED, "id": "other", "when": [{"kind": ["work"]}]}
    first = opened(store, SUSPECTED, other)
    second = open_reviews(store)[1]
    said = Answer(True, "It is so.", actions("delist", "strike"))
    answer(store, first, said)
    answer(store, second, said)
    with store.reading() as reader:
        assert len(reader.history("ann", since=T0, until=later(days=1)).strikes) == 1
        topics = [one.topic for one in reader.messages(decision=first.decision or "")]
    assert topics.count("delist") == topics.count("delisted") == 1


def test_nobody_looks_at_what_another_holds_until_the_claim_runs_out(store: Store) -> None:
    review = opened(store, SUSPECTED)
    claim_review(store, review.id, MIA, at=T0, key="1")
    with pytest.raises(AlreadyClaimed):
        claim_review(store, review.id, NOA, at=later(minutes=29), key="2")
    with pytest.raises(NotClaimed):
        answer_review(store, review.id, NOA, YES, at=later(minutes=29), key="3")
    with pytest.raises(NotClaimed):
        answer_review(store, review.id, MIA, YES, at=later(minutes=30), key="4")
    claim_review(store, review.id, NOA, at=later(minutes=30), key="5")
    answer_review(store, review.id, NOA, YES, at=later(minutes=31), key="6")
    with pytest.raises(AlreadyAnswered):
        claim_review(store, review.id, MIA, at=later(minutes=32), key="7")


def test_an_answer_that_is_sent_again_is_the_same(store: Store) -> None:
    review = opened(store, SUSPECTED)
    first = answer(store, review, YES)
    assert answer(store, review, YES) == first


def test_nobody_decides_about_their_own_upload(store: Store) -> None:
    review = opened(store, SUSPECTED)
    with pytest.raises(OwnCase):
        claim_review(store, review.id, Moderator("mia", account="ann"), at=T0, key="1")


def test_two_different_moderators_suspend_an_account(store: Store) -> None:
    row = {"id": "ask", "when": [{"kind": ["work"]}], "actions": ["suspend_review"]}
    review = opened(store, row)
    assert review.about == "suspension"
    platform = Platform()
    yes = Answer(True, "Again and again.", actions("suspend_review"))
    assert answer(store, review, yes, MIA).resolved_at is None
    assert sent(store, platform).suspended == set()
    with pytest.raises(SameModerator):
        claim_review(store, review.id, MIA, at=later(hours=2), key="again")
    assert answer(store, review, yes, NOA, hours=2).confirmed
    assert sent(store, platform).suspended == {"ann"}
    assert platform.told["ann"] == ["suspended"]
    with store.reading() as reader:
        assert reader.suspended("ann")


def test_one_no_is_enough_against_a_suspension(store: Store) -> None:
    row = {"id": "ask", "when": [{"kind": ["work"]}], "actions": ["suspend_review"]}
    review = opened(store, row)
    answer(store, review, Answer(True, "Yes.", actions("suspend_review")), MIA)
    answer(store, review, NO, NOA, hours=2)
    with store.reading() as reader:
        assert not reader.suspended("ann")
        assert reader.open_suspension("ann") is None


def test_the_queue_begins_with_what_harms_most_and_lets_nothing_wait_for_ever(
    store: Store,
) -> None:
    opened(store, {**SUSPECTED, "on_confirmation": []}, work="mild")
    opened(store, SUSPECTED, work="delisting")
    opened(store, HELD, work="held")
    assert [one.work for one in open_reviews(store)] == ["held", "delisting", "mild"]
    assert due_at(T0, ()) < due_at(later(days=8), (Action.HOLD,))


def test_errors_have_codes_and_say_what_to_do(store: Store) -> None:
    review = opened(store, SUSPECTED)
    with pytest.raises(ModerationError, match="claim it again") as caught:
        answer_review(store, review.id, MIA, YES, at=T0, key="1")
    assert caught.value.code == "not_claimed"


def test_a_suspension_is_proposed_once_whoever_asks(store: Store) -> None:
    chosen = {**SUSPECTED, "on_confirmation": ["suspend_review"]}
    first = opened(store, chosen)
    second = opened(store, {**chosen, "id": "second"}, work="dog")
    for review in {first.id: first, second.id: second}.values():
        answer(store, review, Answer(True, "It is so.", actions("suspend_review")))
    rest = [one for one in open_reviews(store) if one.id not in (first.id, second.id)]
    assert sum(one.about == "suspension" for one in rest) == 1
