import random
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from databases.engines import sqlite_database
from similarity.errors import (
    BrokenIndex,
    IndexBusy,
    IndexDiffers,
    IndexNotFound,
    IndexOutdated,
    StateEnded,
)
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import NewWork
from similarity.gallery.generations import LEDGER, SNAPSHOTS
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.tables import LOG
from similarity.vectors.base import MISSING
from tests.similarity.fakes import IDENTITY, consent, enrol, measure, new_work
from tests.similarity.files import traces
from tests.similarity.gallery.folders import WORKS, found, opened, snapshots

DIFFERENT: dict[str, Any] = {
    "encoder": {"encoder": "another"},
    "heads": {"heads": "others"},
    "style": {"style": 99},
    "copy": {"copy": 99},
}


def test_there_is_none(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(IndexNotFound, match="rakkan creators enrol"):
            opened(folder, create=False)
        assert not (folder / LEDGER).exists()


def test_one_that_was_never_finished(tmp_path: Path) -> None:
    (tmp_path / LEDGER).touch()
    with pytest.raises(IndexNotFound):
        opened(tmp_path, create=False)
    opened(tmp_path).close()
    opened(tmp_path, create=False).close()


@pytest.mark.parametrize("what", DIFFERENT)
@pytest.mark.parametrize("create", [True, False])
def test_another_identity_is_refused(tmp_path: Path, what: str, *, create: bool) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "a", consent(), WORKS[:3])
    gallery.close()
    other = replace(IDENTITY, **DIFFERENT[what])
    with pytest.raises(IndexDiffers) as told:
        opened(tmp_path, other, create=create)
    assert str(getattr(IDENTITY, what)) in str(told.value)
    assert str(getattr(other, what)) in str(told.value)


@pytest.mark.parametrize(
    ("revision", "match"), [("0000", "rakkan creators upgrade --index"), ("9999", "newer version")]
)
def test_a_ledger_of_another_revision(tmp_path: Path, revision: str, match: str) -> None:
    opened(tmp_path).close()
    connection = sqlite3.connect(tmp_path / LEDGER)
    connection.execute("UPDATE rakkan_index_revision SET version_num = ?", (revision,))
    connection.commit()
    connection.close()
    with pytest.raises(IndexOutdated, match=match):
        opened(tmp_path)


@pytest.mark.parametrize("content", [b"no database" * 1000, b"SQLite format 3\0" + bytes(4096)])
def test_a_damaged_ledger(tmp_path: Path, content: bytes) -> None:
    (tmp_path / LEDGER).write_bytes(content)
    with pytest.raises(BrokenIndex):
        opened(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BrokenIndex, match="cannot be written"):
        opened(tmp_path / "file" / "index")


def test_snapshots_that_cannot_be_written(tmp_path: Path) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "a", consent(), WORKS[:3])
    (tmp_path / SNAPSHOTS).touch()
    with pytest.raises(BrokenIndex, match="cannot be written"):
        gallery.compact()
    assert found(gallery, "1")
    gallery.close()


def test_a_missing_state(tmp_path: Path) -> None:
    opened(tmp_path).close()
    connection = sqlite3.connect(tmp_path / LEDGER)
    connection.execute("DELETE FROM rakkan_index_state")
    connection.commit()
    connection.close()
    with pytest.raises(BrokenIndex, match="0 records of its state"):
        opened(tmp_path)


@pytest.mark.parametrize("damage", ["gone", "cut", "emptied"])
def test_a_damaged_snapshot_is_made_anew(tmp_path: Path, damage: str) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "a", consent(), WORKS)
    gallery.compact()
    name = gallery.state().name
    gallery.close()
    (snapshot,) = snapshots(tmp_path)
    for file in (tmp_path / SNAPSHOTS / snapshot).iterdir():
        if damage == "cut":
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        elif damage == "emptied":
            file.unlink()
    if damage == "gone":
        shutil.rmtree(tmp_path / SNAPSHOTS)
    again = opened(tmp_path)
    assert again.state().name == name
    assert found(again, "3")
    again.close()


def test_compacting_leaves_one_snapshot_and_changes_no_answer(tmp_path: Path) -> None:
    gallery = opened(tmp_path)
    gallery.compact()
    assert gallery.state().search_style(WORKS[0].description.style[None], 1).ids.tolist() == [
        [MISSING]
    ]
    for start in range(0, 30, 10):
        enrol(gallery, str(start), consent(), WORKS[start : start + 10])
        name, queries = gallery.state().name, np.stack([work.description.style for work in WORKS])
        before = gallery.state().search_style(queries, 5)
        gallery.compact()
        assert gallery.state().name == name
        np.testing.assert_allclose(
            gallery.state().search_style(queries, 5).scores, before.scores, atol=1e-6
        )
        assert len(snapshots(tmp_path)) == 1
    gallery.withdraw("0")
    gallery.withdraw("10")
    assert gallery.withdraw("20") == 10
    assert gallery.state().search_style(WORKS[0].description.style[None], 1).ids.tolist() == [
        [MISSING]
    ]
    assert not snapshots(tmp_path)
    gallery.close()


def test_it_compacts_when_much_has_come(tmp_path: Path) -> None:
    gallery = opened(tmp_path, delta=10)
    enrol(gallery, "a", consent(), WORKS[:10])
    assert not (tmp_path / SNAPSHOTS).exists()
    enrol(gallery, "b", consent(), WORKS[10:11])
    (first,) = snapshots(tmp_path)
    enrol(gallery, "b", consent(), WORKS[11:20])
    assert snapshots(tmp_path) == [first]
    enrol(gallery, "c", consent(), WORKS[20:30])
    assert snapshots(tmp_path) != [first]
    assert all(found(gallery, str(number)) for number in range(30))
    gallery.close()


def test_what_another_process_changes_is_searched(tmp_path: Path) -> None:
    one, other = opened(tmp_path), opened(tmp_path)
    enrol(one, "a", consent(), WORKS[:5])
    assert found(other, "1")
    assert other.state().name == one.state().name
    one.compact()
    assert found(other, "1")
    enrol(one, "b", consent(), WORKS[5:10])
    other.remove("a", ["2"])
    assert [found(one, name) for name in "1267"] == [True, False, True, True]
    one.withdraw("a")
    enrol(other, "c", consent(), WORKS[10:12])
    other.compact()
    assert [found(one, name) for name in ("1", "6", "10")] == [False, True, True]
    assert [found(other, name) for name in ("1", "6", "10")] == [False, True, True]
    one.close()
    other.close()


def test_a_search_looks_for_changes_only_now_and_then(tmp_path: Path) -> None:
    one = opened(tmp_path)
    lazy = DiskGallery.open(tmp_path, IDENTITY, measure, lag=1e9)
    enrol(one, "a", consent(), WORKS[:5])
    one.compact()
    assert not found(lazy, "1")
    lazy.refresh()
    one.withdraw("a")
    assert found(lazy, "1")
    with pytest.raises(StateEnded):
        lazy.state().works([1, 2])
    lazy.refresh()
    assert not found(lazy, "1")
    one.close()
    lazy.close()


def test_one_writer_at_a_time_and_readers_go_on(tmp_path: Path) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "a", consent(), WORKS[:5])
    code = (
        "import sys; from pathlib import Path; from databases.engines import *;"
        f"engine = sqlite_database(Path({str(tmp_path / LEDGER)!r}), patience=9).engine;"
        "transaction = exclusive(engine, 1).begin(); transaction.__enter__();"
        "print('in', flush=True);"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"in\n"
        for change in (
            lambda: enrol(gallery, "b", consent(), WORKS[5:6]),
            lambda: gallery.remove("a", ["1"]),
            lambda: gallery.withdraw("a"),
            gallery.compact,
        ):
            with pytest.raises(IndexBusy, match="another process"):
                change()
        assert found(gallery, "1")
        assert gallery.state().creator("a").works == 5
        reader = opened(tmp_path, create=False)
        assert found(reader, "1")
        reader.close()
        other.kill()
    assert gallery.withdraw("a") == 5
    gallery.close()


def test_a_withdrawal_leaves_no_byte(tmp_path: Path) -> None:
    """In whatever order creators come and go, compacted or not, with another process looking."""
    gallery, reader = opened(tmp_path), opened(tmp_path)
    draw = random.Random(5)  # noqa: S311 - the same in every run
    enrolled: dict[str, list[NewWork]] = {}
    for number in range(60):
        if enrolled and draw.random() < 0.4:
            name = draw.choice(sorted(enrolled))
            works = enrolled.pop(name)
            assert traces(tmp_path, works)
            assert gallery.withdraw(name) == len(works)
            assert traces(tmp_path, works) == []
        else:
            name = str(number)
            works = [
                new_work(f"{number}.{each}", regions=draw.randint(1, 16))
                for each in range(draw.randint(1, 12))
            ]
            enrolled[name] = works
            enrol(gallery, name, consent(), works)
            if draw.random() < 0.3:
                gallery.compact()
        reader.state().search_style(WORKS[0].description.style[None], 3)
    for works in enrolled.values():
        assert traces(tmp_path, works)
    gallery.close()
    reader.close()


def test_removed_works_leave_with_the_next_compaction_or_withdrawal(tmp_path: Path) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "a", consent(), WORKS[:5])
    gallery.compact()
    gallery.remove("a", ["1"])
    enrol(gallery, "a", consent(), [new_work("2", seed=99)])
    assert gallery.withdraw("a") == 4
    assert traces(tmp_path, WORKS[:5]) == []
    gallery.close()


@pytest.mark.parametrize("compacted", [True, False])
def test_a_withdrawal_that_was_cut_short_is_finished(tmp_path: Path, *, compacted: bool) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "a", consent(), WORKS[:5])
    enrol(gallery, "b", consent(), WORKS[5:9])
    if compacted:
        gallery.compact()
    gallery.close()
    # The transaction alone, as if the process had been killed right after it.
    ledger = Ledger(sqlite_database(tmp_path / LEDGER, patience=1), IDENTITY)
    ledger.withdraw("a")
    ledger.close()
    if compacted:
        assert traces(tmp_path, WORKS[:5])
    again = opened(tmp_path, create=False)
    assert traces(tmp_path, WORKS[:5]) == []
    assert not found(again, "1")
    assert found(again, "6")
    again.close()


def test_what_the_log_keeps(tmp_path: Path) -> None:
    gallery = opened(tmp_path)
    enrol(gallery, "a", consent("an agent", "by letter"), WORKS[:3], aliases=["Her Pen Name"])
    gallery.remove("a", ["1"])
    enrol(gallery, "b", consent("b"), WORKS[3:5], collaborators=["a"])
    gallery.withdraw("a")
    gallery.close()
    engine = sqlite_database(tmp_path / LEDGER, patience=1).engine
    with engine.begin() as connection:
        rows = connection.execute(LOG.select().order_by(LOG.c.id)).all()
    engine.dispose()
    assert [(row.what, row.creator, row.by, row.note, row.works) for row in rows] == [
        ("enrolled", "b", "b", None, 2),
        ("withdrawn", "a", None, None, None),
    ]
    data = (tmp_path / LEDGER).read_bytes()
    assert b"an agent" not in data
    assert b"by letter" not in data
    assert b"Her Pen Name" not in data
