"""What others do while a snapshot is made, and what a killed compaction leaves."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from similarity.errors import IndexBusy
from similarity.gallery.folder import DiskGallery, Made
from similarity.gallery.generations import SNAPSHOTS
from tests.similarity.fakes import IDENTITY, consent, enrol, measure, new_work
from tests.similarity.files import traces
from tests.similarity.gallery.folders import WORKS, found, opened, snapshots


class Watched(DiskGallery):
    """Lets others do something while it makes its next snapshot."""

    meanwhile: Callable[[], Any] | None = None

    def _written(self, connection: Connection) -> Made:
        made = super()._written(connection)
        act, self.meanwhile = self.meanwhile, None
        if act is not None:
            act()
        return made


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    gallery = Watched.open(tmp_path, IDENTITY, measure, create=True, lag=0, patience=0.1, delta=5)
    assert isinstance(gallery, Watched)
    enrol(gallery, "a", consent(), WORKS[:3])
    enrol(gallery, "b", consent(), WORKS[3:5])
    yield gallery
    gallery.close()


def test_others_enrol_while_a_snapshot_is_made(watched: Watched, tmp_path: Path) -> None:
    other = opened(tmp_path)
    watched.meanwhile = lambda: enrol(other, "c", consent(), WORKS[6:8])
    enrol(watched, "a", consent(), WORKS[5:6])
    assert watched.meanwhile is None
    assert len(snapshots(tmp_path)) == 1
    for gallery in (watched, other):
        assert [found(gallery, str(number)) for number in range(9)] == [True] * 8 + [False]
    other.close()


def test_what_is_removed_while_a_snapshot_is_made_is_not_in_it(
    watched: Watched, tmp_path: Path
) -> None:
    other = opened(tmp_path)
    watched.compact()
    watched.meanwhile = lambda: other.remove("a", ["1", "2"])
    watched.compact()
    for gallery in (watched, other):
        assert [found(gallery, str(number)) for number in range(4)] == [True, False, False, True]
    assert len(snapshots(tmp_path)) == 1
    assert traces(tmp_path / SNAPSHOTS, WORKS[1:3]) == []
    other.close()


@pytest.mark.parametrize("compacted", [True, False])
def test_a_withdrawal_while_a_snapshot_is_made_is_finished_by_who_makes_it(
    watched: Watched, tmp_path: Path, *, compacted: bool
) -> None:
    other = opened(tmp_path)
    if compacted:
        watched.compact()

    def withdraw() -> None:
        with pytest.raises(IndexBusy, match="withdrawn and found no more"):
            other.withdraw("b")
        assert not found(other, "3")

    watched.meanwhile = withdraw
    enrol(watched, "a", consent(), WORKS[5:15])
    assert watched.meanwhile is None
    assert not found(watched, "3")
    assert found(watched, "14")
    other.close()
    assert traces(tmp_path, WORKS[3:5]) == []
    assert len(snapshots(tmp_path)) == 1


def test_a_snapshot_that_a_killed_compaction_left(tmp_path: Path) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "ada", consent(), [new_work(f"{number}.png") for number in range(9)])
    gallery.compact()
    gallery.close()
    (counts,) = snapshots(tmp_path)
    left = tmp_path / SNAPSHOTS / "left"
    shutil.copytree(tmp_path / SNAPSHOTS / counts, left)
    DiskGallery.open(tmp_path, IDENTITY, measure, read_only=True).close()
    assert left.exists()
    opened(tmp_path).close()
    assert snapshots(tmp_path) == [counts]
