"""No name leads out of the folder of archives."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scan.errors import ArchiveNotFound
from scan.jobs.place import place_of


@pytest.fixture(scope="module")
def archives() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        root = Path(folder) / "archives"
        (root / "a" / "b").mkdir(parents=True)
        (root / "a" / "one.zip").touch()
        (Path(folder) / "secret").mkdir()
        (Path(folder) / "archives-too").mkdir()
        (root / "out").symlink_to("../secret")
        (root / "a" / "up").symlink_to("..")
        (root / "a" / "far").symlink_to("/etc")
        (root / "loop").symlink_to("loop")
        yield root


PARTS = ["a", "b", "one.zip", "out", "up", "far", "loop", "..", ".", "", "/", "etc", "passwd", "~"]
NAMES = st.one_of(
    st.lists(st.sampled_from(PARTS), max_size=8).map("/".join),
    st.lists(st.sampled_from(PARTS), max_size=8).map(os.sep.join).map("/".__add__),
    st.text(max_size=40),
)


@given(NAMES)
def test_what_is_named_lies_below(archives: Path, name: str) -> None:
    with suppress(ArchiveNotFound):
        place = place_of(archives, name)
        assert place == archives.resolve() or archives.resolve() in place.parents
        assert place.exists()


@pytest.mark.parametrize("name", [".", "a", "a/b", "a/one.zip", "a/up/a", "./a//b"])
def test_what_is_there_is_found(archives: Path, name: str) -> None:
    assert place_of(archives, name) == (archives / name).resolve()


@pytest.mark.parametrize(
    "name",
    [
        *(
            "/etc",
            "..",
            "../secret",
            "a/../..",
            "out",
            "a/far/passwd",
            "loop",
            "x",
            "\0",
            "a" * 5000,
        ),
        *("../archives-too", "a/up/../../secret", "a/..", "a" * 5000),
    ],
)
def test_what_is_elsewhere_is_not_told_from_what_is_not_there(archives: Path, name: str) -> None:
    with pytest.raises(ArchiveNotFound, match="there is no archive"):
        place_of(archives, name)
