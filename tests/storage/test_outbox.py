"""Messages leave at least once, whoever dies."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from storage import Event, EventType, Role, Store
from storage.cases import Backlog, MessageState
from storage.errors import UnknownRecord
from tests.storage.telling import at, event

LEASE = timedelta(hours=1)


def message(name: str) -> Event:
    return event(
        EventType.NOTICE_QUEUED,
        account="ann",
        names={Role.RECIPIENT: ("ann",)},
        data={"message": name, "topic": "labelled"},
        private={"body": {"say": name}},
    )


@pytest.fixture
def full(store: Store) -> Store:
    with store.transaction() as transaction:
        transaction.append(*map(message, "abc"))
    return store


def claimed(store: Store, hours: float, limit: int = 9) -> list[str]:
    return [one.id for one in store.claim(at(hours), lease=LEASE, limit=limit)]


def test_a_claimed_message_is_nobody_elses_until_the_claim_ends(full: Store) -> None:
    (first,) = full.claim(at(0), lease=LEASE, limit=1)
    assert (first.id, first.recipient, first.body) == ("a", "ann", {"say": "a"})
    assert (first.kind, first.attempts) == ("notice_queued", 1)
    assert claimed(full, 0.5) == ["b", "c"]
    assert claimed(full, 0.9) == []
    assert claimed(full, 1) == ["a"]
    assert [one.attempts for one in full.claim(at(2), lease=LEASE)] == [3, 2, 2]


def test_what_is_delivered_is_not_sent_again(full: Store) -> None:
    assert claimed(full, 0) == ["a", "b", "c"]
    full.delivered("b", at=at(1), actor="rakkan")
    full.delivered("b", at=at(2), actor="rakkan")
    assert claimed(full, 9) == ["a", "c"]
    with full.reading() as reader:
        assert reader.message("b").delivered_at == at(1)
        assert reader.head().sequence == 4
    with pytest.raises(UnknownRecord, match="no message x"):
        full.delivered("x", at=at(1), actor="rakkan")


def test_a_failure_is_tried_again_when_it_is_due_and_dies_in_the_end(full: Store) -> None:
    claimed(full, 0, limit=1)
    full.failed("a", "no answer", at(5))
    assert claimed(full, 4) == ["b", "c"]
    assert claimed(full, 5) == ["a", "b", "c"]
    full.failed("a", "no answer", None)
    assert claimed(full, 99) == ["b", "c"]
    assert [one.id for one in full.dead_letters()] == ["a"]
    full.revive("a")
    assert full.dead_letters() == ()
    assert claimed(full, 999) == ["a", "b", "c"]


def test_a_rebuild_keeps_how_far_deliveries_have_come(full: Store) -> None:
    assert claimed(full, 0, limit=2) == ["a", "b"]
    full.delivered("a", at=at(0), actor="rakkan")
    full.rebuild()
    assert claimed(full, 0.5) == ["c"]


def test_what_was_not_begun_is_given_back(full: Store) -> None:
    assert claimed(full, 0) == ["a", "b", "c"]
    full.release(["b", "c"])
    assert [(one.id, one.attempts) for one in full.claim(at(0.5), lease=LEASE)] == [
        ("b", 1),
        ("c", 1),
    ]


def test_how_far_each_has_come(full: Store) -> None:
    with full.transaction() as transaction:
        body = {"body": {"say": "d"}}
        said = {"message": "d", "topic": "delist"}
        transaction.append(
            event(EventType.INSTRUCTION_QUEUED, 1, account="bob", data=said, private=body)
        )
    claimed(full, 0, limit=2)
    full.delivered("a", at=at(0), actor="rakkan")
    full.failed("b", "no answer", None)
    states = {state: [one.id for one in full.messages(state)] for state in MessageState}
    assert states == {"waiting": ["c", "d"], "dead": ["b"], "delivered": ["a"], "erased": []}
    for state, ids in states.items():
        assert all(one.state is state for one in full.messages(state)), ids
    assert full.backlog() == Backlog(waiting=2, dead=1, oldest=at(0))
    assert [one.error for one in full.dead_letters()] == ["no answer"]
    first, *_ = full.messages(MessageState.WAITING, limit=1)
    assert [one.id for one in full.messages(MessageState.WAITING, after=first.sequence)] == ["d"]


def test_what_is_about_somebody_who_was_erased_is_not_sent(full: Store) -> None:
    with full.transaction() as transaction:
        said = {"message": "d", "topic": "delist"}
        body = {"body": {"say": "d"}}
        transaction.append(
            event(EventType.INSTRUCTION_QUEUED, account="ann", data=said, private=body)
        )
    full.erase("ann", at=at(0), actor="officer")
    assert claimed(full, 1) == []
    assert full.backlog() == Backlog(0, 0, None)
    erased = full.messages(MessageState.ERASED)
    assert [one.id for one in erased] == ["a", "b", "c", "d"]
    assert {one.state for one in erased} == {MessageState.ERASED}


WORKING = """
import sys
from storage import open_store
from tests.storage.telling import at
store = open_store(sys.argv[1], patience=60)
while messages := store.claim(at(0), limit=3):
    for message in messages:
        print(message.id, flush=True)
        store.delivered(message.id, at=at(0), actor="rakkan")
"""


def test_several_workers_share_the_messages(store: Store, address: str) -> None:
    names = [f"m{number}" for number in range(40)]
    with store.transaction() as transaction:
        transaction.append(*map(message, names))
    command = [sys.executable, "-c", WORKING, address]
    root = Path(__file__).parents[2]
    workers = [
        subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    told = [name for worker in workers for name in worker.communicate()[0].split()]
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert sorted(told) == sorted(names)
