"""Delivering what waits, in a thread, until it is stopped."""

import threading
from typing import Self

import pytest

from moderation.delivery import Delivery, deliver, retry
from moderation.errors import AlreadySent, NotTaken
from moderation.webhooks.courier import Courier
from storage import Store
from storage.cases import Message, MessageState
from storage.errors import UnknownRecord
from tests.moderation.telling import T0, later
from tests.moderation.test_delivery import queued


class Post:
    """A receiver that can be waited for.

    Attributes:
        taken: Ids of what came.
        open: Whether it is.
    """

    def __init__(self, *errors: Exception) -> None:
        self.taken: list[str] = []
        self.open = False
        self.begun = threading.Semaphore(0)
        self.let = threading.Event()
        self.let.set()
        self._errors = list(errors)

    def __enter__(self) -> Self:
        self.open = True
        return self

    def __exit__(self, *_: object) -> None:
        self.open = False

    def send(self, message: Message) -> None:
        self.begun.release()
        self.let.wait()
        if self._errors:
            raise self._errors.pop(0)
        self.taken.append(message.id)


def test_it_sends_until_it_is_stopped(store: Store) -> None:
    post = Post()
    courier = Courier(store, post, every=0.01)
    courier.start()
    queued(store)
    for _ in range(2):
        assert post.begun.acquire(timeout=30)
    courier.stop()
    assert len(post.taken) == 2
    assert not post.open
    assert store.backlog().waiting == 0


def test_what_it_had_not_begun_is_another_ones_at_once(store: Store) -> None:
    queued(store)
    post = Post()
    post.let.clear()
    courier = Courier(store, post, every=0.01)
    courier.start()
    assert post.begun.acquire(timeout=30)
    stopping = threading.Thread(target=courier.stop)
    stopping.start()
    while not courier._stopping.is_set():
        pass
    post.let.set()
    stopping.join()
    other = Post()
    assert Courier(store, other).once() == Delivery(sent=1)
    assert len(post.taken) == len(other.taken) == 1
    assert set(post.taken).isdisjoint(other.taken)


def test_an_outbox_that_cannot_be_read_is_asked_again(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing:
        """A store that fails once."""

        asked = threading.Semaphore(0)

        def __getattr__(self, name: str) -> object:
            self.asked.release()
            if self.asked._value < 2:
                raise OSError("the disk is gone")
            return getattr(store, name)

    queued(store)
    post = Post()
    courier = Courier(Failing(), post, every=0.01)  # type: ignore[arg-type]
    courier.start()
    for _ in range(2):
        assert post.begun.acquire(timeout=30)
    courier.stop()
    assert len(post.taken) == 2
    assert "the outbox cannot be read" in caplog.text


def test_what_is_refused_for_good_is_left_to_a_person_and_can_be_tried_again(store: Store) -> None:
    queued(store)
    gone = NotTaken("the receiver answered 410", final=True)
    later_please = NotTaken("the receiver answered 503", retry_after=later(hours=1) - T0)
    post = Post(gone, later_please)
    assert deliver(store, post.send, lambda: T0) == Delivery(failed=1, dead=1)
    (dead,) = store.dead_letters()
    (waiting,) = store.messages(MessageState.WAITING)
    assert (dead.error, waiting.retry_at) == ("the receiver answered 410", later(hours=1))
    assert retry(store, dead.id).state is MessageState.WAITING
    assert retry(store, waiting.id).retry_at is None
    assert deliver(store, post.send, lambda: T0) == Delivery(sent=2)
    with pytest.raises(AlreadySent, match="is delivered"):
        retry(store, dead.id)
    with pytest.raises(UnknownRecord):
        retry(store, "none")


def test_nobody_may_ask_to_wait_for_ever(store: Store) -> None:
    queued(store)
    never = NotTaken("no", retry_after=later(days=3000) - T0)
    assert deliver(store, Post(never, never).send, lambda: T0) == Delivery(failed=2)
    assert {one.retry_at for one in store.messages(MessageState.WAITING)} == {later(days=1)}
