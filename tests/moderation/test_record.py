"""What follows at once from a decision."""

import pytest

from labelling.policy.document import Mode, Policy
from labelling.policy.resolved import ResolvedPolicy
from moderation.errors import KeyReused
from moderation.record import record
from storage import Store
from tests.moderation.telling import (
    PROVEN,
    SUSPECTED,
    T0,
    WORDS,
    Platform,
    human,
    inferred,
    later,
    policy,
    sent,
    stated,
    upload,
)


def test_a_policy_in_shadow_is_recorded_and_does_nothing_else(store: Store) -> None:
    rules = policy(SUSPECTED, PROVEN, mode=Mode.SHADOW)
    recorded = record(store, stated("cat"), upload("cat"), rules, at=T0, key="1")
    assert recorded.decision.action == "delist"
    with store.reading() as reader:
        assert not reader.decision(recorded.id).acts
        assert reader.queue(10) == ()
        assert reader.messages(decision=recorded.id) == ()
        assert reader.history("ann", since=T0, until=later(days=1)).strikes == ()


def test_the_same_key_gives_the_same_answer_and_does_nothing_again(store: Store) -> None:
    rules = policy(PROVEN)
    first = record(store, stated("cat"), upload("cat"), rules, at=T0, key="1")
    with store.reading() as reader:
        before = reader.head()
    second = upload("cat", at=later(days=1))
    again = record(store, stated("cat"), second, policy(), at=later(days=1), key="1")
    assert again == first
    with store.reading() as reader:
        assert reader.head() == before
    with pytest.raises(KeyReused):
        record(store, stated("dog"), upload("dog"), rules, at=T0, key="1")


def test_what_the_file_says_is_carried_out_at_once(store: Store) -> None:
    rules = policy(PROVEN, strikes={"expire_after_days": 90})
    record(store, stated("cat"), upload("cat"), rules, at=T0, key="1")
    platform = sent(store, Platform())
    assert platform.works == {"cat": "delist"}
    assert platform.told == {"ann": ["delisted"]}
    with store.reading() as reader:
        (strike,) = reader.history("ann", since=T0, until=later(days=1)).strikes
    assert strike.expires_at == later(days=90)
    assert strike.rule == "proven"


def test_a_notice_says_why_and_how_to_object(store: Store) -> None:
    rules = policy(PROVEN, appeals={"within_days": 30, "words": {"en": "Write.", "ja": "連絡"}})
    recorded = record(store, stated("cat"), upload("cat"), rules, at=T0, key="1")
    with store.reading() as reader:
        (notice,) = (
            one for one in reader.messages(decision=recorded.id) if one.kind == "notice_queued"
        )
    body = notice.body
    assert body["decision"] == recorded.id
    assert (body["service"], body["account"], body["work"]) == ("comics", "ann", "cat")
    assert body["actions"] == ["delist", "strike"]
    assert set(body["statement"]) == {"en", "ja"}
    assert "No pictures made by an AI." in body["statement"]["en"]
    assert body["statement"]["en"][-1] == "Write."
    assert "AI生成画像は禁止です。" in body["statement"]["ja"]
    assert body["reasons"][0]["code"] == "comics:proven"
    assert body["appeal_until"] == later(days=30).isoformat()


@pytest.mark.parametrize(
    ("row", "malice", "told"),
    [
        ({}, False, True),
        ({}, True, True),
        ({"notice": False}, False, False),
        ({"notice_if_malice": False}, False, True),
        ({"notice_if_malice": False}, True, False),
    ],
)
def test_a_policy_can_withhold_notices(
    store: Store, row: dict[str, bool], malice: bool, told: bool
) -> None:
    context = upload("cat", malice_suspected=malice)
    record(store, stated("cat"), context, policy({**PROVEN, **row}), at=T0, key="1")
    platform = sent(store, Platform())
    assert platform.works == {"cat": "delist"}
    assert bool(platform.told) is told


def test_strikes_at_the_policys_threshold_propose_a_suspension_once(store: Store) -> None:
    threshold = {
        "id": "two-strikes",
        "when": [{"strikes": {"at_least": 2}}],
        "actions": ["suspend_review"],
    }
    rules = policy(PROVEN, threshold)
    for hour, work in enumerate(("a", "b", "c"), 1):
        record(
            store,
            stated(work),
            upload(work, at=later(hours=hour)),
            rules,
            at=later(hours=hour),
            key=work,
        )
        with store.reading() as reader:
            reviews = [one for one in reader.queue(10) if one.about == "suspension"]
        assert len(reviews) == (work != "a")
    assert reviews[0].rows == ("two-strikes",)
    assert reviews[0].votes_needed == 2


def test_declarations_are_training_labels_and_decisions_are_not(store: Store) -> None:
    rules = policy(SUSPECTED)
    record(store, inferred("a"), upload("a"), rules, at=T0, key="a")
    record(store, human("b"), upload("b", declared_ai=False), rules, at=T0, key="b")
    record(store, stated("c"), upload("c", declared_ai=True), rules, at=T0, key="c")
    with store.reading() as reader:
        labels = [(one.work, one.label, one.source, one.certainty) for one in reader.labels()]
    assert labels == [("b", "human", "declaration", 0.5), ("c", "ai", "declaration", 0.5)]


def test_an_upload_of_nobody_known_is_recorded(store: Store) -> None:
    rules = policy(PROVEN)
    recorded = record(store, stated("x"), upload("x", account=None), rules, at=T0, key="1")
    assert recorded.decision.action == "delist"
    platform = sent(store, Platform())
    assert platform.works == {"x": "delist"}
    assert platform.told == {}


def test_nobody_is_asked_about_what_is_gone_if_nothing_more_could_follow(store: Store) -> None:
    more = {**SUSPECTED, "id": "more", "on_confirmation": ["warn"]}
    rules = policy(SUSPECTED, PROVEN, more)
    record(store, stated("cat"), upload("cat"), rules, at=T0, key="1")
    with store.reading() as reader:
        assert [one.rows for one in reader.queue(9)] == [("more",)]


def test_a_strike_names_the_row_that_asked_for_it(store: Store) -> None:
    label = {**SUSPECTED, "actions": ["label"]}
    record(store, stated("cat"), upload("cat"), policy(label, PROVEN), at=T0, key="1")
    with store.reading() as reader:
        (strike,) = reader.history("ann", since=T0, until=later(days=1)).strikes
    assert strike.rule == "proven"


def test_only_the_rows_under_which_something_is_done_say_whether_people_are_told(
    store: Store,
) -> None:
    loud = {**SUSPECTED, "actions": ["review"]}
    rules = policy(loud, {**PROVEN, "notice": False})
    record(store, stated("cat"), upload("cat"), rules, at=T0, key="1")
    assert sent(store, Platform()).told == {}


def test_settings_that_a_policy_inherits_count(store: Store) -> None:
    (terms,) = policy(PROVEN, strikes={"expire_after_days": 7}).documents
    own = Policy.model_validate(
        {"schema": 1, "name": "own", "title": WORDS, "mode": "live", "inherits": "comics"}
    )
    rules = ResolvedPolicy.of((terms, own))
    record(store, stated("cat"), upload("cat"), rules, at=T0, key="1")
    with store.reading() as reader:
        (strike,) = reader.history("ann", since=T0, until=later(days=1)).strikes
    assert strike.expires_at == later(days=7)
