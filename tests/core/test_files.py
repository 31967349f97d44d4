import os
import stat
from pathlib import Path

import pytest

from core.files import whole_file, write_whole


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
    with pytest.raises(KeyError), whole_file(path) as file:
        file.write(b"half")
        raise KeyError
    assert path.read_bytes() == b"one two"
    assert list(tmp_path.iterdir()) == [path]
