"""Labels in doubt are asked about once, and the answer is the label."""

import pytest

from labelling import Action
from moderation.desk import answer_review, claim_review
from moderation.doubts import doubt_labels
from moderation.errors import FindingMissing, NotAChoice, OwnCase
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.people import Moderator
from moderation.record import record
from moderation.reviews import Answer
from storage import Store
from storage.cases import Review
from tests.moderation.telling import (
    MIA,
    NOA,
    SUSPECTED,
    Platform,
    human,
    inferred,
    later,
    policy,
    sent,
    upload,
)

CAT = human("cat").image.sha256
WRONG = Answer(True, "Look at the hands.", (), Finding(MadeBy.AI, 0.9))


def labelled(store: Store, work: str = "cat") -> str:
    """An upload that is declared to be by a person; nothing asks about it."""
    context = upload(work, declared_ai=False)
    return record(store, human(work), context, policy(SUSPECTED), at=later(), key=work).id


def waiting(store: Store) -> tuple[Review, ...]:
    with store.reading() as reader:
        return reader.queue(10)


def answered(store: Store, review: Review, answer: Answer, who: Moderator = NOA) -> None:
    claim_review(store, review.id, who, at=later(hours=2), key=f"claim {review.id}")
    answer_review(store, review.id, who, answer, at=later(hours=2), key=f"answer {review.id}")


def labels(store: Store) -> list[tuple[str, str, str]]:
    with store.reading() as reader:
        return [(one.label, one.source, one.by) for one in reader.labels()]


def test_an_answer_becomes_the_label_and_nothing_else_follows(store: Store) -> None:
    decision = labelled(store)
    done = doubt_labels(store, {CAT, "f" * 64}, at=later(hours=1))
    assert (done.asked, done.before, done.unknown) == (1, 0, 1)
    (review,) = waiting(store)
    assert (review.about, review.decision, review.rows) == ("label", decision, ())
    assert (review.choices, review.due_at) == ((), later(hours=1 + 7 * 24))
    answered(store, review, WRONG)
    assert labels(store)[-1] == ("ai", "moderator", "noa")
    assert waiting(store) == ()
    assert sent(store, Platform()).works == {}
    with store.reading() as reader:
        assert reader.decision(decision).label is None


def test_of_each_label_people_are_asked_once(store: Store) -> None:
    labelled(store)
    doubt_labels(store, {CAT}, at=later(hours=1))
    again = doubt_labels(store, {CAT}, at=later(hours=2))
    assert (again.asked, again.before) == (0, 1)
    (review,) = waiting(store)
    right = Answer(False, "She drew it.", (), Finding(MadeBy.HUMAN, 0.9))
    answered(store, review, right)
    # The new word may be doubted in its turn.
    assert doubt_labels(store, {CAT}, at=later(hours=3)).asked == 1


def test_an_answer_must_say_how_it_was_made_and_lets_nothing_follow(store: Store) -> None:
    labelled(store)
    doubt_labels(store, {CAT}, at=later(hours=1))
    (review,) = waiting(store)
    with pytest.raises(OwnCase):
        answered(store, review, WRONG, Moderator("ann", account="ann"))
    claim_review(store, review.id, MIA, at=later(hours=2), key="claim")
    for answer, error in (
        (Answer(True, "Wrong."), FindingMissing),
        (Answer(True, "Wrong.", (Action.DELIST,), WRONG.finding), NotAChoice),
    ):
        with pytest.raises(error):
            answer_review(store, review.id, MIA, answer, at=later(hours=2), key="a")
    assert len(labels(store)) == 1


def test_other_reviews_of_the_case_are_left_alone(store: Store) -> None:
    work = inferred("dog")
    context = upload("dog", declared_ai=False)
    record(store, work, context, policy(SUSPECTED), at=later(), key="dog")
    doubt_labels(store, {work.image.sha256}, at=later(hours=1))
    asked = {one.about: one for one in waiting(store)}
    assert asked.keys() == {"work", "label"}
    answered(store, asked["label"], WRONG)
    answered(store, asked["work"], Answer(True, "It is so.", (Action.DELIST,)))
    assert sent(store, Platform(), later(hours=3)).works == {"dog": "delist"}


def test_what_was_erased_is_not_asked_about(store: Store) -> None:
    labelled(store)
    store.erase("ann", at=later(hours=1), actor="sol")
    assert doubt_labels(store, {CAT}, at=later(hours=2)).unknown == 1
    assert waiting(store) == ()
