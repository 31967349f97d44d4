"""A judge is replaced while others are asking it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

import pytest

from models import Features, Views
from models.errors import BrokenArtefact
from serving.current import CurrentJudge, judges
from serving.errors import Overloaded
from serving.judge import Judge
from serving.online import Upload
from tests.fakes import FakeEncoder, FakeIndex, FakeSearcher, fake_judge
from tests.scan.making import picture
from tests.serving.test_online import HeldEncoder


@dataclass(frozen=True)
class Closable(FakeIndex):
    """An index that knows whether it is closed."""

    closed: threading.Event = field(default_factory=threading.Event)

    def close(self) -> None:
        self.closed.set()


@dataclass
class Searcher(FakeSearcher):
    """Searches an index that knows whether it is closed."""

    index: Closable = field(default_factory=lambda: Closable("index-1"))

    @property
    def gallery(self) -> Closable:
        return self.index


def named(name: str, encoder: FakeEncoder | None = None) -> tuple[Judge, threading.Event]:
    """A judge of a name, and whether it is closed."""
    searcher = Searcher()
    judge = fake_judge(encoder, similarity=searcher)
    return replace(judge, model=replace(judge.model, name=name)), searcher.index.closed


def upload(number: int = 1) -> Upload:
    return Upload(lambda: picture(number))


def test_each_is_answered_by_the_judge_that_was_in_use() -> None:
    """No upload is dropped, however often the judge is replaced, and each judge is closed once."""
    first, *others = [named(f"judge-{number}") for number in range(12)]
    current = CurrentJudge(first[0], most=1000)
    over = threading.Event()

    def ask() -> int:
        asked = 0
        while not over.is_set():
            assert current.submit(upload(asked % 5)).result().made_by
            asked += 1
        return asked

    with ThreadPoolExecutor(4) as pool, ExitStack() as ending:
        ending.callback(over.set)
        asking = [pool.submit(ask) for _ in range(4)]
        before = first
        for judge in others:
            current.replace(judge[0])
            assert before[1].is_set()
            assert current.judge is judge[0]
            assert not judge[1].is_set()
            before = judge
        over.set()
        assert all(one.result() for one in asking)
    current.close()
    assert before[1].is_set()
    with pytest.raises(Overloaded):
        current.submit(upload())


def test_what_the_old_one_has_accepted_is_answered_before_it_closes() -> None:
    encoder = HeldEncoder()
    old, closed = named("old", encoder)
    current = CurrentJudge(old)
    waiting = current.submit(upload())
    with ThreadPoolExecutor(1) as pool:
        replacing = pool.submit(current.replace, named("new")[0])
        while current.judge is old:
            pass
        assert current.submit(upload()).result()
        assert not waiting.done()
        assert not closed.is_set()
        assert current.waiting == 1
        encoder.let.set()
        replacing.result()
    assert waiting.result()
    assert closed.is_set()
    assert current.waiting == 0
    current.close()


def test_one_that_is_lent_stays_open() -> None:
    old, closed = named("old")
    current = CurrentJudge(old)
    with ThreadPoolExecutor(1) as pool:
        with current.lent() as judge:
            replacing = pool.submit(current.replace, named("new")[0])
            while current.judge is old:
                pass
            assert judge is old
            assert not closed.is_set()
        replacing.result()
    assert closed.is_set()
    current.close()


class Broken(FakeEncoder):
    """Gives what is no number."""

    def encode(self, views: Views) -> Features:
        features = super().encode(views)
        features.class_tokens[:] = float("nan")
        return features


class Failing(FakeEncoder):
    """Gives nothing."""

    def encode(self, views: Views) -> Features:
        raise MemoryError


@pytest.mark.parametrize(
    ("encoder", "error"), [(Broken(), BrokenArtefact), (Failing(), MemoryError)]
)
def test_one_that_cannot_judge_takes_nobodys_place(
    encoder: FakeEncoder, error: type[Exception]
) -> None:
    old, _ = named("old")
    new, closed = named("new", encoder)
    assert judges(old)
    assert not judges(new)
    current = CurrentJudge(old)
    with pytest.raises(error):
        current.replace(new)
    assert closed.is_set()
    assert current.judge is old
    assert current.submit(upload()).result()
    current.close()


def test_a_judge_lives_while_its_index_fails() -> None:
    class Gone(FakeSearcher):
        def search(self, *_: object, **__: object) -> None:  # type: ignore[override]
            raise ConnectionError

    assert judges(fake_judge(similarity=Gone()))


def test_many_who_ask_whether_it_lives_cost_one_answer() -> None:
    encoder = FakeEncoder()
    current = CurrentJudge(fake_judge(encoder))
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: current.answers(), range(50)))
    # A second may pass between the first and the last.
    assert 1 <= len(encoder.seen) < 10
    current.close()
