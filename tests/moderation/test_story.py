"""The life of a case, from an upload to an appeal that is won."""

from labelling import Action
from moderation.desk import answer_appeal, answer_review, claim_appeal, claim_review, open_appeal
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.record import record
from moderation.reports import report_purchasers
from moderation.reviews import Answer
from storage import Store
from tests.moderation.telling import (
    MIA,
    NOA,
    SUSPECTED,
    T0,
    Platform,
    inferred,
    later,
    policy,
    sent,
    upload,
)


def test_from_an_upload_to_an_appeal_that_is_won(store: Store) -> None:
    rules = policy(SUSPECTED)
    platform = Platform()

    # Ann posts a paid brush; the pixels say AI: it is labelled, and a moderator is asked.
    recorded = record(
        store, inferred("brush"), upload("brush", paid=True), rules, at=T0, key="upload"
    )
    assert recorded.decision.label == "ai-generated"
    assert sent(store, platform).works == {"brush": "label"}
    assert platform.told == {"ann": ["labelled"]}

    # Two people buy it, and one downloads what was free of charge.
    report_purchasers(store, "brush", {"ben": 300, "cleo": 200}, ["dee"], at=T0, key="sold")

    # Mia takes the review, and confirms it: the brush is delisted, and Ann gets a strike.
    with store.reading() as reader:
        (review,) = reader.queue(10)
    claim_review(store, review.id, MIA, at=later(hours=1), key="claim")
    answer = Answer(True, "The hands.", (Action.DELIST, Action.STRIKE), Finding(MadeBy.AI, 0.9))
    answer_review(store, review.id, MIA, answer, at=later(hours=1.2), key="answer")
    sent(store, platform)
    assert platform.works == {"brush": "delist"}
    assert platform.told["ann"] == ["labelled", "delisted"]
    assert {who: platform.told[who] for who in ("ben", "cleo", "dee")} == {
        who: ["work_delisted"] for who in ("ben", "cleo", "dee")
    }
    assert platform.points == {"ben": 300, "cleo": 200}
    assert strikes(store) == 1

    # Somebody whose purchase is reported late is told, too, and gets the points back.
    report_purchasers(store, "brush", {"eve": 250}, at=later(hours=2), key="sold late")
    assert sent(store, platform).points["eve"] == 250

    # Ann objects, with her sketches; Noa, who had no part in it, finds that she is right.
    appeal = open_appeal(
        store, recorded.id, "ann", "I drew it.", ["ab" * 32], at=later(days=2), key="appeal"
    )
    claim_appeal(store, appeal.id, NOA, at=later(days=3), key="claim appeal")
    answer_appeal(
        store,
        appeal.id,
        NOA,
        granted=True,
        reason="The sketches fit.",
        finding=Finding(MadeBy.HUMAN, 0.95),
        at=later(days=3),
        key="answer appeal",
    )
    sent(store, platform)

    # The brush is back, the strike is gone, everyone who was told is told, and training learns.
    assert platform.works == {"brush": "publish"}
    assert strikes(store) == 0
    assert platform.told["ann"][-1] == "appeal_answered"
    for who in ("ben", "cleo", "dee", "eve"):
        assert platform.told[who] == ["work_delisted", "work_restored"]
    with store.reading() as reader:
        labels = [(one.label, one.source, one.by, one.certainty) for one in reader.labels()]
        assert reader.decision(recorded.id).reversed_at == later(days=3)
        assert reader.queue(10) == reader.appeals(10) == ()
    assert labels == [("ai", "moderator", "mia", 0.9), ("human", "appeal", "noa", 0.95)]
    # A message that arrives twice acts once, and the chain of all that happened is whole.
    assert store.verify().whole


def strikes(store: Store) -> int:
    with store.reading() as reader:
        past = reader.history("ann", since=T0, until=later(days=9))
    return past.standing_strikes(later(days=9))
