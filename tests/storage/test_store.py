"""What is appended can be asked for, on both databases."""

import pytest

from evidence import CreatorVerdict, EvidenceKind, Verdict
from labelling import Post, Request, ServiceNorm, Strike, Warned
from labelling.history import Confirmation, History, Likeness
from storage import EventType, Role, Store
from storage.cases import Purchaser
from storage.errors import BadText, UnknownRecord
from tests.storage.telling import POLICY, at, decision, event, judged, posted


def history(store: Store, account: str = "ann", hours: float = 100, **more: object) -> History:
    with store.reading() as reader:
        return reader.history(account, since=at(-100), until=at(hours), **more)  # type: ignore[arg-type]


def test_a_decision_can_be_made_again(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.keep_policy(POLICY)
        transaction.keep_policy(POLICY)
        transaction.append(decision("ann", "cat", id_="d1", creator="ben"))
    with store.reading() as reader:
        found = reader.decision("d1")
        assert found.judgement == judged("cat", "ben")
        assert found.context is not None
        assert (found.account, found.work, found.action) == ("ann", "cat", "review")
        assert found.context.account == "ann"
        assert found.decision is not None
        assert found.decision.policy == POLICY.id
        assert reader.policy(found.policy_sha256) == POLICY
        assert reader.decisions_about("cat") == (found,)
        with pytest.raises(UnknownRecord, match="no decision d2"):
            reader.decision("d2")
        with pytest.raises(UnknownRecord, match="no policy"):
            reader.policy("0")


def test_a_history_is_as_of_its_time(store: Store) -> None:
    with store.transaction() as transaction:
        transaction.append(
            posted("ann", "fish", 1, kind="material", declared_ai=False, outside_links=2),
            decision("ann", "cat", 2, creator="ben"),
            decision("bob", "dog", 3),
            event(EventType.DELETED, 5, work="fish"),
            event(EventType.LINKS_ADDED, 6, work="cat", data={"outside_links": 3}),
            posted("ann", "late", 9),
        )
    fish = Post("fish", at(1), None, "material", False, outside_links=2)
    cat = Post(
        "cat",
        at(2),
        verdict=Verdict.AI,
        evidence=EvidenceKind.INFERRED,
        likenesses=(Likeness(7, "ben", 0.01, CreatorVerdict.CLOSE),),
        searched=True,
        copies=("ben",),
        outside_links=3,
    )
    assert history(store, hours=5).posts == (fish, cat)
    later = history(store, hours=9)
    assert [post.deleted_at for post in later.posts] == [at(5), None]
    assert history(store, hours=2).posts == (fish,)
    assert not later.truncated
    cut = history(store, limit=2)
    assert [post.work for post in cut.posts] == ["cat", "late"]
    assert cut.truncated
    assert history(store, "nobody").posts == ()


def test_strikes_warnings_and_confirmations(store: Store) -> None:
    under = {"rule": "r", "decision": "d1"}
    signal = {"signal": "imitation", "confirmed": True, "final": True, "actions": []}
    with store.transaction() as transaction:
        transaction.append(
            decision("ann", "cat", 1, id_="d1"),
            event(
                EventType.STRIKE_GIVEN,
                2,
                account="ann",
                data={
                    "strike": "s",
                    **under,
                    "expires_at": at(50).isoformat(),
                },
            ),
            event(
                EventType.WARNED,
                2,
                account="ann",
                data={"warning": "w", **under},
            ),
            event(
                EventType.REVIEW_RESOLVED,
                3,
                actor="mod",
                account="ann",
                data={"review": "v", **signal},
                names={Role.WORKS: ("cat", "dog"), Role.ENROLLED: ("ben",)},
            ),
            event(EventType.DECISION_REVERSED, 7, data={"decision": "d1"}),
        )
    before, after = history(store, hours=7), history(store, hours=8)
    assert before.strikes == (Strike("s", at(2), at(50), None, "r"),)
    assert after.strikes == (Strike("s", at(2), at(50), at(7), "r"),)
    assert (before.warnings, after.warnings) == ((Warned(at(2)),), (Warned(at(2), at(7)),))
    assert after.confirmations == (Confirmation("imitation", at(3), ("cat", "dog"), "ben"),)
    with store.reading() as reader:
        assert reader.decision("d1").reversed_at == at(7)


def test_requests_of_both_sides_and_the_norm(store: Store) -> None:
    def told(type_: EventType, hours: float, creator: str) -> object:
        names = {Role.CREATOR: (creator,), Role.REQUEST: ("q",)}
        if type_ is EventType.REQUEST_PLACED:
            return event(type_, hours, account="ann", names=names, data={"same_as": "x"})
        return event(type_, hours, names=names)

    norm = {"service": "comics", "posts_a_day": 3.5, "accounts": 100}
    with store.transaction() as transaction:
        transaction.append(
            told(EventType.REQUEST_PLACED, 1, "ben"),  # type: ignore[arg-type]
            told(EventType.REQUEST_PLACED, 2, "cleo"),  # type: ignore[arg-type]
            told(EventType.REQUEST_ACCEPTED, 3, "ben"),  # type: ignore[arg-type]
            told(EventType.REQUEST_CANCELLED, 4, "cleo"),  # type: ignore[arg-type]
            told(EventType.REQUEST_DELIVERED, 5, "ben"),  # type: ignore[arg-type]
            event(EventType.NORM_MEASURED, 0, data=norm),
        )
    ben = Request("q", "ann", "ben", at(1), "x", at(3), None, at(5))
    cleo = Request("q", "ann", "cleo", at(2), "x", None, at(4), None)
    assert history(store).requests == (ben, cleo)
    assert history(store, "ben").requests == (ben,)
    assert history(store, service="comics").norm == ServiceNorm(3.5, 100)
    assert history(store, service="other").norm is None


def test_a_review_from_opening_to_answer(store: Store) -> None:
    opened = {
        "review": "v",
        "decision": "d",
        "about": "work",
        "due_at": at(5).isoformat(),
        "choices": ["delist"],
        "rows": ["suspected"],
        "votes_needed": 2,
        "signal": "imitation",
    }
    answer = {"review": "v", "confirmed": True, "actions": ["delist"]}
    names = {Role.WORKS: ("cat",), Role.ENROLLED: ("ben",)}
    with store.transaction() as transaction:
        transaction.append(
            event(EventType.REVIEW_OPENED, account="ann", work="cat", data=opened, names=names),
            event(
                EventType.REVIEW_OPENED,
                account="bob",
                data={**opened, "review": "u", "due_at": at(4).isoformat(), "about": "suspension"},
            ),
        )
        assert [review.id for review in transaction.queue(9)] == ["u", "v"]
        assert [review.id for review in transaction.queue(1)] == ["u"]
        assert [review.id for review in transaction.reviews(decision="d")] == ["v", "u"]
        review = transaction.open_suspension("bob")
        assert review is not None
        assert review.id == "u"
        assert transaction.open_suspension("ann") is None
        claim = {"review": "v", "until": at(3).isoformat()}
        transaction.append(event(EventType.REVIEW_CLAIMED, 1, actor="mod", data=claim))
        review = transaction.review("v")
        assert (review.claimed_by, review.claimed_until) == ("mod", at(3))
        assert (review.signal_works, review.signal_creator) == (("cat",), "ben")
        transaction.append(
            event(EventType.REVIEW_RESOLVED, 2, actor="mod", data={**answer, "final": False})
        )
        review = transaction.review("v")
        assert (review.claimed_by, review.seconded_by, review.resolved_at) == (None, ("mod",), None)
        transaction.append(
            event(EventType.REVIEW_RESOLVED, 3, actor="two", data={**answer, "final": True})
        )
        review = transaction.review("v")
        assert (review.resolved_by, review.confirmed, review.actions) == ("two", True, ("delist",))
        assert [review.id for review in transaction.queue(9)] == ["u"]


def test_an_appeal_and_what_the_uploader_says(store: Store) -> None:
    opened = {"appeal": "a", "decision": "d", "due_at": at(9).isoformat(), "evidence": ["ff"]}
    with store.transaction() as transaction:
        transaction.append(
            event(
                EventType.APPEAL_OPENED,
                account="ann",
                work="cat",
                data=opened,
                private={"text": "I drew it."},
            )
        )
        (appeal,) = transaction.appeals(9)
        assert (appeal.text, appeal.evidence, appeal.account) == ("I drew it.", ("ff",), "ann")
        claim = {"appeal": "a", "until": at(3).isoformat()}
        transaction.append(event(EventType.APPEAL_CLAIMED, 1, actor="mod", data=claim))
        assert transaction.appeal("a").claimed_by == "mod"
        transaction.append(event(EventType.CLAIM_EXPIRED, 3, data={"appeal": "a"}))
        assert transaction.appeal("a").claimed_by is None
        answer = {"appeal": "a", "granted": True}
        transaction.append(event(EventType.APPEAL_RESOLVED, 4, actor="two", data=answer))
        assert transaction.appeals(9) == ()
        found = transaction.appeal_of("d")
        assert found is not None
        assert (found.granted, found.resolved_by) == (True, "two")
        assert transaction.appeal_of("e") is None


def test_a_suspension_a_delisting_in_bulk_and_its_holders(store: Store) -> None:
    proposal = {
        "proposal": "p",
        "service": "comics",
        "policy_sha256": "0",
        "decisions": ["d1", "d2"],
    }
    message = {"message": "m", "topic": "delist", "decision": "d1"}
    with store.transaction() as transaction:
        transaction.append(
            event(EventType.DELISTING_PROPOSED, actor="rakkan", data=proposal),
            decision("ann", "cat", id_="d1"),
            event(
                EventType.DELISTING_APPROVED,
                1,
                actor="senior",
                data={"proposal": "p", "undo_until": at(72).isoformat()},
            ),
            event(
                EventType.PURCHASERS_REPORTED,
                work="cat",
                data={"points": [30, 40]},
                names={Role.PURCHASERS: ("bob", "cy"), Role.DOWNLOADERS: ("bob", "dee")},
            ),
        )
        assert transaction.pending("p", 9) == ("d1", "d2")
        transaction.append(event(EventType.INSTRUCTION_QUEUED, 80, work="cat", data=message))
        assert transaction.pending("p", 9) == ("d2",)
        found = transaction.proposal("p")
        assert (found.decisions, found.carried_out, found.approved_by) == (2, 1, "senior")
        assert transaction.decision("d1").proposal == "p"
        assert transaction.delisted_by("cat") == "d1"
        restored = {"message": "n", "topic": "restore", "decision": "d1"}
        transaction.append(event(EventType.INSTRUCTION_QUEUED, 90, work="cat", data=restored))
        assert transaction.delisted_by("cat") is None
        assert list(transaction.purchasers("cat")) == [
            Purchaser("bob", 30),
            Purchaser("cy", 40),
            Purchaser("dee", 0),
        ]
        assert [one.id for one in transaction.messages(decision="d1")] == ["m", "n"]

        suspension = {"suspension": "s", "decision": "d1"}
        transaction.append(event(EventType.SUSPENDED, account="ann", data=suspension))
        assert transaction.suspended("ann")
        transaction.append(event(EventType.DECISION_REVERSED, 99, data={"decision": "d1"}))
        assert not transaction.suspended("ann")


def test_labels_and_the_policy_in_force(store: Store) -> None:
    label = {"label": "human", "certainty": 0.9, "source": "appeal", "sha256": "ff"}
    with store.transaction() as transaction:
        transaction.append(
            event(EventType.LABELLED, 1, actor="mod", work="cat", data=label),
            event(EventType.POLICY_ACTIVATED, 2, data={"policy": "comics", "sha256": "aa"}),
            event(EventType.POLICY_ACTIVATED, 4, data={"policy": "comics", "sha256": "bb"}),
        )
        (found,) = transaction.labels()
        assert (found.work, found.by, found.at, found.certainty) == ("cat", "mod", at(1), 0.9)
        assert [transaction.policy_in_force("comics", at(n)) for n in (1, 2, 5)] == [
            None,
            "aa",
            "bb",
        ]


def test_an_act_is_whole_or_not_at_all_and_known_by_its_key(store: Store) -> None:
    with pytest.raises(KeyError), store.transaction() as transaction:
        transaction.append(posted("ann", "cat"), event(EventType.LABELLED, data={}))
    with store.transaction() as transaction:
        assert transaction.done("key") is None
        one, two = transaction.append(
            event(EventType.DELETED, work="cat", key="key"),
            event(EventType.DELETED, work="dog", key="key"),
        )
    assert (one.sequence, two.sequence) == (1, 2)
    with store.reading() as reader:
        assert reader.done("key") == (one, two)
        assert list(reader.events()) == [one, two]


@pytest.mark.parametrize("name", ["nul\0", "\udcff", ""])
def test_hostile_names_stay_data_or_are_refused(store: Store, name: str) -> None:
    hostile = "'; DROP TABLE rakkan_records_events; --\u202e😀\n"
    with store.transaction() as transaction:
        transaction.append(posted(hostile, hostile))
    assert [post.work for post in history(store, hostile).posts] == [hostile]
    if name:
        with pytest.raises(BadText), store.transaction() as transaction:
            transaction.append(posted(name, "cat"))
        with pytest.raises(BadText), store.transaction() as transaction:
            transaction.append(posted("ann", "cat", kind=name))


def test_decisions_come_in_the_order_of_accounts_and_times(store: Store) -> None:
    wanted = [("ann", "c", 1), ("ann", "a", 3), ("bob", "b", 2), ("bob", "d", 2)]
    with store.transaction() as transaction:
        transaction.append(decision(None, None, 5, id_="nobody's"))
        for account, work, hours in (wanted[1], wanted[2], wanted[0], wanted[3]):
            transaction.append(decision(account, work, hours))
        transaction.append(decision("ann", "old", -5))
    found = list(store.decisions(since=at(0), page=2))
    assert [(one.account, one.work, one.at) for one in found] == [
        (None, None, at(5)),
        *((account, work, at(hours)) for account, work, hours in wanted),
    ]
    assert found == list(store.decisions(since=at(0), service="comics"))
    assert not list(store.decisions(since=at(0), service="other"))
