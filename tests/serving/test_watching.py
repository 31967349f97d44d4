"""What is in use is looked at, and what changed takes its place, or is told."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from models import Kind, Registry
from serving.current import CurrentJudge
from serving.judge import Judge
from serving.settings import Settings
from serving.watching import Watcher, in_use
from similarity.errors import IndexDiffers, IndexNotFound
from similarity.gallery.open import open_gallery
from tests.fakes import FakeEncoder, fake_judge
from tests.similarity.fakes import IDENTITY


@dataclass
class World:
    """What a judge is opened from: a word that can be changed, or cannot be read or opened."""

    word: str = "one"
    wrong: Exception | None = None
    unseen: Exception | None = None
    opened: int = 0
    told: list[str | None] = field(default_factory=list)

    def look(self) -> str:
        if self.unseen is not None:
            raise self.unseen
        return self.word

    def reopen(self, beside: Judge) -> Judge:
        self.opened += 1
        if self.wrong is not None:
            raise self.wrong
        judge = fake_judge(beside.encoder)  # type: ignore[arg-type]
        return replace(judge, model=replace(judge.model, name=self.word))

    def tell(self, judge: Judge | None) -> None:
        self.told.append(None if judge is None else judge.model.name)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def current(world: World) -> Iterator[CurrentJudge]:
    current = CurrentJudge(world.reopen(fake_judge(FakeEncoder())))
    world.opened = 0
    yield current
    current.close()


@pytest.fixture
def watcher(world: World, current: CurrentJudge) -> Watcher:
    return Watcher(current, world.look, world.reopen, since="one", seconds=0.01, told=world.tell)


def test_what_changed_is_in_use_after_a_look(
    world: World, current: CurrentJudge, watcher: Watcher
) -> None:
    watcher.look()
    assert (world.opened, current.judge.model.name) == (0, "one")
    for word in ("two", "one"):
        world.word = word
        watcher.look()
        watcher.look()
        assert (current.judge.model.name, watcher.problem) == (word, None)
    assert (world.opened, world.told) == (2, ["two", "one"])


def test_what_cannot_be_opened_is_told_and_what_was_in_use_stays(
    world: World, current: CurrentJudge, watcher: Watcher
) -> None:
    world.word, world.wrong = "two", IndexDiffers("another encoder")
    for _ in range(3):
        watcher.look(again=False)
        assert (current.judge.model.name, watcher.problem) == ("one", "index_differs")
    assert (world.opened, world.told) == (1, [None])
    watcher.look()
    assert world.opened == 2
    world.wrong = None
    watcher.look()
    assert (current.judge.model.name, watcher.problem) == ("two", None)


def test_going_back_ends_the_problem(world: World, watcher: Watcher) -> None:
    world.word, world.wrong = "two", MemoryError()
    watcher.look()
    assert watcher.problem == "internal"
    world.word = "one"
    watcher.look()
    assert watcher.problem is None


def test_what_cannot_be_looked_at_is_told_once(world: World, watcher: Watcher) -> None:
    world.unseen = IndexNotFound("it was moved")
    for _ in range(3):
        watcher.look(again=False)
    assert (watcher.problem, world.told) == ("index_not_found", [None])
    world.unseen = None
    watcher.look(again=False)
    assert watcher.problem is None


def test_it_looks_by_itself_until_it_is_stopped(world: World, watcher: Watcher) -> None:
    seen = threading.Event()
    world.tell = lambda _: seen.set()  # type: ignore[method-assign]
    watcher._told = world.tell
    watcher.start()
    world.word = "two"
    seen.wait()
    watcher.stop()
    assert not watcher._thread.is_alive()


def test_asked_it_looks_at_once(world: World, current: CurrentJudge) -> None:
    seen = threading.Event()
    watcher = Watcher(
        current, world.look, world.reopen, since="none", seconds=1e6, told=lambda _: seen.set()
    )
    watcher.start()
    watcher.soon()
    seen.wait()
    watcher.stop()


def test_all_that_a_judge_is_opened_from_is_seen(tmp_path: Path) -> None:
    anchors, place = tmp_path / "trusted.pem", tmp_path / "index"
    anchors.write_bytes(b"a")
    settings = Settings(home=tmp_path, trust_anchors=anchors)
    held = [open_gallery(str(place), IDENTITY, create=True)]
    names = [in_use(settings, str(place))]
    assert in_use(settings, str(place)) == names[0]

    def changed() -> bool:
        names.append(in_use(settings, str(place)))
        return names[-1] not in names[:-1]

    registry = Registry(settings.models)
    registry.promote("linear-v1-int8", {Kind.DETECTOR: lambda _: None})
    assert changed()
    manifest = settings.models / "linear-v1-int8" / "manifest.json"
    manifest.parent.mkdir()
    manifest.write_text("{}")
    assert changed()
    anchors.write_bytes(b"b")
    assert changed()
    # Made anew at the same place, while the one before is open still.
    shutil.rmtree(place)
    held.append(open_gallery(str(place), IDENTITY, create=True))
    assert changed()
    shutil.rmtree(place)
    held.append(open_gallery(str(place), replace(IDENTITY, heads="others"), create=True))
    assert changed()
    for gallery in held:
        gallery.close()
    registry.rollback()
    shutil.rmtree(manifest.parent)
    anchors.unlink()
    with pytest.raises(OSError, match="No such file"):
        in_use(settings, str(place))
