"""A folder is there as a whole, or not at all."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.files import published


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
