import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core.files import published, whole_file, write_whole


def test_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(b"old")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_readable_by_whom_the_umask_lets(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_whole(tmp_path / "shared", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "shared").stat().st_mode) == 0o644


def test_a_failure_keeps_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    (target / "inside").write_bytes(b"kept")
    with pytest.raises(OSError, match="taken"):
        write_whole(target, b"new")
    assert (target / "inside").read_bytes() == b"kept"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_written_in_pieces_is_whole_or_not_there(tmp_path: Path) -> None:
    path = tmp_path / "table"
    with whole_file(path) as file:
        file.write(b"one ")
        assert not path.exists()
        file.write(b"two")
    assert path.read_bytes() == b"one two"

    def fail() -> None:
        with whole_file(path) as file:
            file.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert path.read_bytes() == b"one two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_appears_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "folder"
    with published(target) as draft:
        assert draft.name == "folder"
        (draft / "a").write_bytes(b"1")
        (draft / "sub").mkdir()
        (draft / "sub" / "b").write_bytes(b"2")
        assert not target.exists()
    assert sorted(p.name for p in target.rglob("*")) == ["a", "b", "sub"]
    assert list(target.parent.iterdir()) == [target]


def test_an_empty_folder_is_replaced_and_a_full_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with published(tmp_path / "folder") as draft:
        (draft / "a").write_bytes(b"1")
    with pytest.raises(OSError, match="not empty"), published(tmp_path / "folder") as draft:
        (draft / "a").write_bytes(b"2")
    assert (tmp_path / "folder" / "a").read_bytes() == b"1"
    assert list(tmp_path.iterdir()) == [tmp_path / "folder"]


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def fail() -> None:
        with published(tmp_path / "folder") as draft:
            (draft / "a").write_bytes(b"1")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_writer_leaves_no_folder_of_that_name(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from core.files import published\n"
        "with published(Path(sys.argv[1])) as draft:\n"
        "    (draft / 'a').write_bytes(b'1'); os._exit(9)"
    )
    done = subprocess.run([sys.executable, "-c", program, tmp_path / "folder"], check=False)
    assert done.returncode == 9
    assert not (tmp_path / "folder").exists()
    assert all(path.name.startswith(".folder.") for path in tmp_path.iterdir())
