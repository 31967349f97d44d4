"""What was queued arrives, at least once, and is left to a person where it never does."""

from datetime import timedelta

from moderation.delivery import ATTEMPTS, LONGEST_WAIT, Delivery, deliver, wait
from moderation.record import record
from storage import Store
from storage.cases import Message
from tests.moderation.telling import PROVEN, T0, Platform, later, policy, sent, stated, upload


def queued(store: Store) -> None:
    """An instruction, and a notice."""
    record(store, stated("cat"), upload("cat"), policy(PROVEN), at=T0, key="1")


def refuse(message: Message) -> None:
    raise ConnectionError("nobody\nlistens")


def test_what_fails_is_tried_again_later(store: Store) -> None:
    queued(store)
    assert deliver(store, refuse, lambda: T0) == Delivery(failed=2)
    assert deliver(store, refuse, lambda: T0) == Delivery()
    platform = Platform()
    assert deliver(store, platform.receive, lambda: later(seconds=10)) == Delivery(sent=2)
    assert platform.works == {"cat": "delist"}


def test_one_that_fails_does_not_keep_the_others(store: Store) -> None:
    queued(store)
    platform = Platform()

    def instructions_alone(message: Message) -> None:
        if message.kind == "notice_queued":
            refuse(message)
        platform.receive(message)

    assert deliver(store, instructions_alone, lambda: T0) == Delivery(sent=1, failed=1)
    assert platform.works == {"cat": "delist"}


def test_what_never_arrives_is_left_to_a_person(store: Store) -> None:
    queued(store)
    now = T0
    results = []
    for _ in range(ATTEMPTS):
        results.append(deliver(store, refuse, lambda: now))  # noqa: B023
        now += LONGEST_WAIT
    assert results[-1] == Delivery(dead=2)
    assert deliver(store, refuse, lambda: now) == Delivery()
    dead = store.dead_letters()
    assert len(dead) == 2
    for one in dead:
        store.revive(one.id)
    assert sent(store, Platform(), now).works == {"cat": "delist"}


def test_waiting_grows_and_ends(store: Store) -> None:
    assert [wait(attempts).total_seconds() for attempts in (1, 2, 3)] == [10, 20, 40]
    assert wait(10_000) == LONGEST_WAIT
    assert timedelta(days=1) < sum(map(wait, range(1, ATTEMPTS)), timedelta()) < timedelta(days=7)


def test_an_instruction_that_comes_late_changes_nothing(store: Store) -> None:
    queued(store)
    with store.reading() as reader:
        (decision,) = reader.decisions_about("cat")
        delist = next(one for one in reader.messages(decision=decision.id) if one.topic == "delist")
    platform = Platform()
    restored = Message(
        **{
            **vars(delist),
            "id": "later",
            "sequence": delist.sequence + 1,
            "topic": "restore",
            "body": {"work": "cat", "stands": "publish"},
        }
    )
    platform.receive(restored)
    platform.receive(delist)
    assert platform.works == {"cat": "publish"}
