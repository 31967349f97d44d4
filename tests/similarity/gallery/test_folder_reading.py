"""Opening a folder for reading writes nothing, whoever else has it open."""

import os
import shutil
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from databases.engines import sqlite_database
from similarity.errors import BrokenIndex, IndexBusy, IndexNotFound, IndexReadOnly
from similarity.gallery.folder import DiskGallery
from similarity.gallery.generations import LEDGER, SNAPSHOTS
from similarity.gallery.ledger import Ledger
from similarity.gallery.open import open_records
from tests.similarity.fakes import IDENTITY, consent, enrol, measure, new_work
from tests.similarity.files import traces

WORKS = [new_work(str(number)) for number in range(12)]
LOG = f"{LEDGER}-wal"


def writer(folder: Path) -> DiskGallery:
    return DiskGallery.open(folder, IDENTITY, measure, create=True, lag=0, patience=0.2)


def reader(folder: Path) -> DiskGallery:
    return DiskGallery.open(folder, IDENTITY, measure, read_only=True, lag=0)


def content(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Of all files and folders: bytes, times of change, and modes."""
    return {
        str(path.relative_to(folder)): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_mtime_ns,
            path.stat().st_mode,
        )
        for path in sorted([folder, *folder.rglob("*")])
    }


def found(gallery: DiskGallery, name: str) -> bool:
    query = new_work(name).description.style[None]
    state = gallery.state()
    near = state.search_style(query, 1)
    return bool(near.scores[0, 0] > 0.99 and state.works(near.ids[0].tolist()))


@pytest.fixture(params=["delta", "compacted", "unclean"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An index that nobody has open, of which an opening for changes would change something."""
    index = tmp_path / "index"
    with closing(writer(index)) as gallery:
        enrol(gallery, "a", consent(), WORKS[:4])
        enrol(gallery, "b", consent(), WORKS[4:8])
        if request.param != "delta":
            gallery.compact()
    if request.param == "unclean":
        ledger = Ledger(sqlite_database(index / LEDGER, patience=1), IDENTITY)
        ledger.withdraw("b")
        ledger.close()
    return index


def test_reading_writes_nothing(folder: Path) -> None:
    before = content(folder)
    with closing(reader(folder)) as gallery:
        assert found(gallery, "1")
        assert len(gallery.state().works_of("a")) == 4
        gallery.keep(gallery.state(), "it", b"nothing")
        assert gallery.state().derived("it") is None
        assert content(folder) == before
        for change in (
            lambda: enrol(gallery, "b", consent(), []),
            lambda: gallery.remove("a", ["1"]),
            lambda: gallery.withdraw("a"),
            gallery.compact,
        ):
            with pytest.raises(IndexReadOnly, match="opened for reading"):
                change()
    with closing(open_records(str(folder), read_only=True)) as records:
        assert records.state().creator("a").works == 4
    assert content(folder) == before


def test_a_folder_that_cannot_be_written(folder: Path) -> None:
    code = (
        "from pathlib import Path;"
        "from tests.similarity.gallery.test_folder_reading import reader, found;"
        f"index = Path({str(folder)!r}); gallery = reader(index); assert found(gallery, '1');"
        "\ntry: (index / 'x').touch()\nexcept OSError: print('read-only')"
    )
    command = [sys.executable, "-c", code]
    if os.geteuid() == 0:  # Modes do not bind root, a read-only mount does.
        mount = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
        command = ["unshare", "--mount", "sh", "-c", f'{mount} && exec "$@"', "sh", *command]
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)
    assert (done.stdout, done.stderr) == ("read-only\n", "")


def test_a_writer_may_come_and_go(tmp_path: Path) -> None:
    with closing(writer(tmp_path)) as gallery:
        enrol(gallery, "a", consent(), WORKS[:4])
    with closing(reader(tmp_path)) as reading:
        assert not (tmp_path / LOG).exists()
        assert found(reading, "1")
        with closing(writer(tmp_path)) as gallery:
            assert (tmp_path / LOG).exists()
            assert found(reading, "1")
            enrol(gallery, "b", consent(), WORKS[4:8])
            assert found(reading, "5")
            gallery.compact()
            assert found(reading, "5")
            gallery.withdraw("b")
            assert not found(reading, "5")
        assert not (tmp_path / LOG).exists()
        assert [one.name for one in reading.state().creators()] == ["a"]
        with closing(writer(tmp_path)) as gallery:
            gallery.withdraw("a")
        assert reading.state().creators() == ()
        assert traces(tmp_path, WORKS) == []


def test_reading_beside_changes_sees_whole_states(tmp_path: Path) -> None:
    """Writers open, change and close all the time, so that the log comes and goes."""
    with closing(writer(tmp_path)) as gallery:
        enrol(gallery, "kept", consent(), WORKS[:1])
    over = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        try:
            with closing(reader(tmp_path)) as reading:
                while not over.is_set():
                    creators = {one.name: one.works for one in reading.state().creators()}
                    assert creators.pop("kept") == 1
                    assert set(creators.values()) <= {3}
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for number in range(12):
            with closing(writer(tmp_path)) as gallery:
                enrol(gallery, str(number), consent(), [new_work(f"{number}.{n}") for n in "123"])
                if number % 3 == 2:
                    gallery.withdraw(str(number - 1))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert failures == []


@pytest.mark.parametrize("damage", ["gone", "cut"])
def test_a_damaged_snapshot_is_told_and_not_mended(tmp_path: Path, damage: str) -> None:
    with closing(writer(tmp_path)) as gallery:
        enrol(gallery, "a", consent(), WORKS)
        gallery.compact()
    (snapshot,) = (path for path in (tmp_path / SNAPSHOTS).iterdir() if path.is_dir())
    if damage == "gone":
        shutil.rmtree(snapshot)
    else:
        file = snapshot / "style.rows.npy"
        file.write_bytes(file.read_bytes()[:-40])
    before = content(tmp_path)
    with pytest.raises(BrokenIndex, match="made anew when the index is opened for a change"):
        reader(tmp_path)
    assert content(tmp_path) == before
    writer(tmp_path).close()
    with closing(reader(tmp_path)) as gallery:
        assert found(gallery, "1")


def test_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(IndexNotFound):
        DiskGallery.open(tmp_path / "none", IDENTITY, measure, create=True, read_only=True)
    assert list(tmp_path.iterdir()) == []


def test_a_withdrawal_says_that_a_reader_keeps_it_from_clearing_the_files(tmp_path: Path) -> None:
    gallery = writer(tmp_path)
    enrol(gallery, "a", consent(), WORKS)
    gallery.compact()
    slow = sqlite_database(tmp_path / LEDGER, patience=1)
    with slow.engine.begin() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM rakkan_index_works").one()
        with pytest.raises(IndexBusy, match=r"withdrawn and found no more.*reading the index"):
            gallery.withdraw("a")
        assert gallery.state().creators() == ()
        assert traces(tmp_path, WORKS)
    slow.engine.dispose()
    gallery.close()
    writer(tmp_path).close()
    assert traces(tmp_path, WORKS) == []
