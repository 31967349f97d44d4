"""Whatever people do, in whatever order: what always holds."""

import tempfile
from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from labelling import Action
from moderation import (
    Answer,
    Moderator,
    answer_appeal,
    answer_review,
    claim_appeal,
    claim_review,
    open_appeal,
    record,
    report_purchasers,
)
from moderation.appeals import stands_on_work
from moderation.desk import decided_by
from moderation.errors import ModerationError
from storage import open_store
from storage.cases import Review
from tests.moderation.telling import (
    PROVEN,
    SUSPECTED,
    T0,
    THREE_STRIKES,
    Platform,
    human,
    inferred,
    policy,
    sent,
    stated,
    upload,
)

RULES = policy(
    {**SUSPECTED, "actions": ["hold", "label"], "on_confirmation": ["label", "delist", "strike"]},
    {
        "id": "all",
        "when": [{"kind": ["work"]}],
        "actions": ["review"],
        "on_confirmation": ["hide_from_search", "warn", "suspend_review"],
    },
    PROVEN,
    THREE_STRIKES,
)
PEOPLE = (Moderator("mia"), Moderator("noa"), Moderator("tim", account="a"))

people = st.sampled_from(PEOPLE)
picks = st.integers(0, 999)


class Cases(RuleBasedStateMachine):
    """Uploads of two accounts, three moderators (one has an account), and a platform."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(f"sqlite:///{self.folder.name}/records.sqlite3")
        self.platform = Platform()
        self.decisions: list[str] = []
        self.appeals: list[str] = []
        self.at = T0
        self.acts = 0

    def teardown(self) -> None:
        assert self.store.verify().whole
        self.store.close()
        self.folder.cleanup()

    def key(self) -> str:
        self.acts += 1
        return str(self.acts)

    def reviews(self) -> list[Review]:
        with self.store.reading() as reader:
            return [one for id_ in self.decisions for one in reader.reviews(decision=id_)]

    @rule(said=st.sampled_from((inferred, stated, human)), account=st.sampled_from("ab"))
    def somebody_uploads(self, said: object, account: str) -> None:
        work = f"w{len(self.decisions)}"
        context = upload(work, account=account, at=self.at)
        found = record(
            self.store,
            said(work),  # type: ignore[operator]
            context,
            RULES,
            at=self.at,
            key=self.key(),
        )
        self.decisions.append(found.id)

    @precondition(lambda self: self.decisions)
    @rule(pick=picks, buyer=st.sampled_from(("x", "y")))
    def somebody_buys(self, pick: int, buyer: str) -> None:
        work = f"w{pick % len(self.decisions)}"
        report_purchasers(self.store, work, {buyer: 1}, at=self.at, key=self.key())

    @precondition(lambda self: self.decisions)
    @rule(who=people, pick=picks, answer=st.booleans(), chosen=st.sets(st.sampled_from(Action)))
    def a_moderator_answers(
        self, who: Moderator, pick: int, answer: bool, chosen: set[Action]
    ) -> None:
        found = self.reviews()
        if not found:
            return
        review = found[pick % len(found)]
        actions = tuple(chosen & set(map(Action, review.choices))) if pick % 5 else tuple(chosen)
        try:
            claim_review(self.store, review.id, who, at=self.at, key=self.key())
            if pick % 7:
                said = Answer(answer, "Because.", actions)
                answer_review(self.store, review.id, who, said, at=self.at, key=self.key())
        except ModerationError:
            pass

    @precondition(lambda self: self.decisions)
    @rule(pick=picks, account=st.sampled_from("ab"))
    def somebody_objects(self, pick: int, account: str) -> None:
        decision = self.decisions[pick % len(self.decisions)]
        try:
            appeal = open_appeal(self.store, decision, account, "No.", at=self.at, key=self.key())
        except ModerationError:
            return
        self.appeals.append(appeal.id)

    @precondition(lambda self: self.appeals)
    @rule(who=people, pick=picks, granted=st.booleans())
    def a_moderator_answers_an_appeal(self, who: Moderator, pick: int, granted: bool) -> None:
        appeal = self.appeals[pick % len(self.appeals)]
        try:
            claim_appeal(self.store, appeal, who, at=self.at, key=self.key())
            answer_appeal(
                self.store,
                appeal,
                who,
                granted=granted,
                reason="So.",
                at=self.at,
                key=self.key(),
            )
        except ModerationError:
            pass

    @rule(minutes=st.integers(1, 50))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule()
    def messages_arrive(self) -> None:
        sent(self.store, self.platform, self.at)
        with self.store.reading() as reader:
            for id_ in self.decisions:
                stands = stands_on_work(reader.messages(decision=id_))
                work = reader.decision(id_).work
                assert self.platform.works.get(work or "", "publish") == stands
        assert all(points == 1 for points in self._refunds().values())

    def _refunds(self) -> Counter[tuple[str | None, str | None]]:
        with self.store.reading() as reader:
            return Counter(
                (one.work, one.recipient)
                for id_ in self.decisions
                for one in reader.messages(decision=id_)
                if one.kind == "refund_queued"
            )

    @invariant()
    def nobody_decides_alone_or_in_their_own_case(self) -> None:
        with self.store.reading() as reader:
            for review in self.reviews():
                voters = (*review.seconded_by, *filter(None, (review.resolved_by,)))
                if review.account == "a" and review.resolved_by != "rakkan":
                    assert "tim" not in voters or reader.appeal_of(review.decision or "")
                if review.about == "suspension" and review.confirmed:
                    assert len(set(voters)) == 2
            for id_ in self.appeals:
                appeal = reader.appeal(id_)
                if appeal.granted is False:
                    assert appeal.resolved_by not in decided_by(reader, appeal.decision)

    @invariant()
    def what_is_reversed_stands_no_longer(self) -> None:
        with self.store.reading() as reader:
            given = Counter(
                one.data["decision"] for one in reader.events() if one.type == "strike_given"
            )
            assert set(given.values()) <= {1}
            reversed_ = [
                id_ for id_ in self.decisions if reader.decision(id_).reversed_at is not None
            ]
            for id_ in reversed_:
                assert stands_on_work(reader.messages(decision=id_)) is Action.PUBLISH
                assert all(one.resolved_at for one in reader.reviews(decision=id_))
            standing = sum(
                strike.reversed_at is None
                for account in "ab"
                for strike in reader.history(
                    account, since=T0, until=self.at + timedelta(days=1)
                ).strikes
            )
            assert standing == sum(id_ not in reversed_ for id_ in given)


Cases.TestCase.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
TestCases = Cases.TestCase
