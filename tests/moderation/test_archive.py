"""Works posted before: proposed in bulk, approved, undone, carried out."""

from collections.abc import Iterator

import pytest

from evidence import Judgement
from labelling import Context
from labelling.policy.document import Mode
from moderation.archive import Preview, approve, carry_out, propose, undo
from moderation.desk import answer_appeal, claim_appeal, open_appeal
from moderation.errors import (
    NotApproved,
    PolicyInShadow,
    SameModerator,
    SeniorNeeded,
    TooEarly,
    UndoOver,
)
from moderation.people import Moderator
from moderation.reports import report_purchasers
from storage import Store
from storage.cases import ProposalState
from tests.moderation.telling import (
    MIA,
    PROVEN,
    SENIOR,
    SUSPECTED,
    T0,
    Platform,
    human,
    inferred,
    later,
    policy,
    sent,
    stated,
    upload,
)

RULES = policy(PROVEN, SUSPECTED, undo_days=3)
YEARS_AGO = later(days=-800)


def archive() -> Iterator[tuple[Judgement, Context]]:
    """Two works that must go, one that moderators would have to look at, and one that stays."""
    for work, said in (("a1", stated), ("a2", stated), ("b1", inferred), ("b2", human)):
        yield said(work), upload(work, account=work[0], at=YEARS_AGO)


def proposed(store: Store, key: str = "archive") -> Preview:
    return propose(store, archive(), RULES, by="mia", at=T0, key=key)


def test_what_must_go_is_proposed_whenever_it_was_posted(store: Store) -> None:
    report_purchasers(store, "a1", {"ben": 300, "cleo": 200}, ["dee"], at=T0, key="sold")
    found = proposed(store)
    assert (found.works, found.accounts, found.purchasers, found.points) == (2, 1, 3, 500)
    assert dict(found.rows) == {"proven": 2, "suspected": 2}
    assert set(found.samples) == {"a1", "a2"}
    assert sent(store, Platform()).received == 0
    assert proposed(store) == found


def test_it_is_carried_out_after_the_days_to_undo_it(store: Store) -> None:
    report_purchasers(store, "a1", {"ben": 300}, at=T0, key="sold")
    proposal = proposed(store).proposal
    with pytest.raises(NotApproved):
        carry_out(store, proposal, at=later(days=9))
    approved = approve(store, proposal, SENIOR, at=T0, key="approve")
    assert approved.undo_until == later(days=3)
    with pytest.raises(TooEarly):
        carry_out(store, proposal, at=later(days=2.9))
    done = carry_out(store, proposal, at=later(days=3))
    assert (done.carried_out, done.done_at) == (2, later(days=3))
    assert carry_out(store, proposal, at=later(days=4)) == done
    platform = sent(store, Platform())
    assert platform.works == {"a1": "delist", "a2": "delist"}
    assert platform.told == {"a": ["delisted", "delisted"], "ben": ["work_delisted"]}
    assert platform.points == {"ben": 300}
    # What is gone is not proposed again.
    assert proposed(store, "once more").works == 0


def test_it_is_carried_out_some_at_a_time(store: Store) -> None:
    works = ((stated(work), upload(work, account=work[0])) for work in ("a1", "b1", "b2", "c1"))
    proposal = propose(store, works, RULES, by="mia", at=T0, key="archive").proposal
    approve(store, proposal, SENIOR, at=T0, key="approve")
    # What has nothing to delist any more keeps nobody from the others.
    store.erase("a", at=later(days=1), actor="mia")
    found = [carry_out(store, proposal, at=later(days=3), most=2) for _ in range(2)]
    assert [(one.carried_out, one.state) for one in found] == [(2, "approved"), (3, "done")]
    assert sent(store, Platform()).works == dict.fromkeys(("b1", "b2", "c1"), "delist")


def test_the_newest_is_listed_first(store: Store) -> None:
    ids = [proposed(store, key).proposal for key in ("one", "two")]
    with store.reading() as reader:
        assert [one.id for one in reader.proposals(9)] == ids[::-1]
        assert [one.id for one in reader.proposals(1)] == ids[1:]
        assert {one.state for one in reader.proposals(9)} == {ProposalState.PROPOSED}


def test_it_can_be_undone_until_then(store: Store) -> None:
    proposal = proposed(store).proposal
    approve(store, proposal, SENIOR, at=T0, key="approve")
    assert undo(store, proposal, MIA, at=later(days=2), key="undo").undone_at == later(days=2)
    with pytest.raises(NotApproved):
        carry_out(store, proposal, at=later(days=4))
    with pytest.raises(NotApproved):
        approve(store, proposal, SENIOR, at=later(days=4), key="approve again")
    assert sent(store, Platform()).received == 0


def test_it_cannot_be_undone_later(store: Store) -> None:
    proposal = proposed(store).proposal
    approve(store, proposal, SENIOR, at=T0, key="approve")
    with pytest.raises(UndoOver):
        undo(store, proposal, MIA, at=later(days=3), key="undo")


def test_a_senior_moderator_approves_what_another_proposed(store: Store) -> None:
    proposal = proposed(store).proposal
    with pytest.raises(SeniorNeeded):
        approve(store, proposal, Moderator("noa"), at=T0, key="1")
    with pytest.raises(SameModerator):
        approve(store, proposal, Moderator("mia", senior=True), at=T0, key="2")


def test_a_policy_in_shadow_delists_nothing(store: Store) -> None:
    shadow = policy(PROVEN, mode=Mode.SHADOW)
    found = propose(store, archive(), shadow, by="mia", at=T0, key="archive")
    assert found.works == 2
    with pytest.raises(PolicyInShadow):
        approve(store, found.proposal, SENIOR, at=T0, key="approve")


def test_each_uploader_can_object_and_whoever_approved_does_not_answer(store: Store) -> None:
    proposal = proposed(store).proposal
    approve(store, proposal, SENIOR, at=T0, key="approve")
    carry_out(store, proposal, at=later(days=3))
    platform = sent(store, Platform())
    with store.reading() as reader:
        (decision,) = (one.id for one in reader.decisions_about("a1"))
    appeal = open_appeal(store, decision, "a", "Mine.", at=later(days=4), key="appeal")
    for who in (SENIOR, MIA):
        with pytest.raises(SameModerator):
            claim_appeal(store, appeal.id, who, at=later(days=4), key=f"no {who.id}")
    noa = Moderator("noa")
    claim_appeal(store, appeal.id, noa, at=later(days=4), key="claim")
    answer_appeal(
        store, appeal.id, noa, granted=True, reason="Hers.", at=later(days=4), key="answer"
    )
    assert sent(store, platform).works == {"a1": "publish", "a2": "delist"}


def test_works_of_an_accounts_own_creator_never_count(store: Store) -> None:
    found = propose(
        store, archive(), RULES, by="mia", at=T0, key="own", creators=lambda account: [account]
    )
    with store.reading() as reader:
        (pending, *_) = reader.pending(found.proposal, 9)
        assert reader.decision(pending).creators == ("a",)


def test_what_was_erased_meanwhile_is_passed_over(store: Store) -> None:
    proposal = proposed(store).proposal
    approve(store, proposal, SENIOR, at=T0, key="approve")
    store.erase("a", at=later(days=1), actor="mia")
    done = carry_out(store, proposal, at=later(days=3))
    assert (done.carried_out, done.done_at) == (0, later(days=3))
    assert sent(store, Platform()).works == {}
