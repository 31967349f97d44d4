import contextlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from similarity.errors import BrokenIndex, IndexBusy, IndexDiffers
from similarity.gallery.gallery import Identity
from similarity.vectors.folders import LOCK
from similarity.vectors.snapshot import Snapshot, open_snapshot, write_snapshot
from tests.similarity.vectors.making import WIDTH, agree, definition, hashes, ids_of, vectors

ROOT = Path(__file__).parents[3]
ME = Identity(encoder="encoder-1", heads="heads-1", style=WIDTH, copy=WIDTH)

Spaces = dict[str, tuple[NDArray[np.int64], Any]]


def left_in(folder: Path) -> list[Path]:
    """What lies in a folder, but for the lock."""
    return [place for place in folder.iterdir() if place.name != LOCK]


def spaces(count: int, seed: int = 0) -> Spaces:
    return {
        "style": (ids_of(count), vectors(count, seed)),
        "copy": (ids_of(2 * count), vectors(2 * count, seed + 1)),
        "hash": (ids_of(count), hashes(count, seed)),
    }


def state(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def check(snapshot: Snapshot, content: Spaces) -> None:
    assert set(snapshot.indices) == set(content)
    for space, (ids, rows) in content.items():
        assert len(snapshot.indices[space]) == len(ids)
        np.testing.assert_array_equal(snapshot.indices[space].rows(ids), rows)
        assert agree(snapshot.indices[space], definition(ids, rows), rows[:10], 5) >= 0.99


@pytest.mark.parametrize("count", [0, 1, 500])
def test_gives_back_what_was_written(tmp_path: Path, count: int) -> None:
    content = spaces(count)
    place = write_snapshot(tmp_path / "snapshots", ME, content)
    snapshot = open_snapshot(place, ME, verify=True)
    assert snapshot.path == place
    assert snapshot.name == place.name
    assert place.parent == tmp_path / "snapshots"
    check(snapshot, content)


def test_many_rows_get_lists(tmp_path: Path) -> None:
    rows = np.tile(vectors(2500, seed=0), (41, 1))
    rows += np.random.default_rng(0).normal(0, 0.03, rows.shape).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = ids_of(len(rows))
    batches = (rows[start : start + 10_000] for start in range(0, len(rows), 10_000))
    snapshot = open_snapshot(write_snapshot(tmp_path, ME, {"style": (ids, batches)}), ME)
    plan = snapshot.manifest.spaces["style"].plan
    assert plan is not None
    assert plan.kind == "ivf"
    assert min(plan.recall.values()) >= 0.99
    kept = rows.astype(np.float16).astype(np.float32)
    assert agree(snapshot.indices["style"], definition(ids, kept), vectors(100, 9), 10) >= 0.99
    shutil.rmtree(snapshot.path)
    assert agree(snapshot.indices["style"], definition(ids, kept), vectors(20, 8), 10) >= 0.99


def test_equal_content_is_written_once(tmp_path: Path) -> None:
    first = write_snapshot(tmp_path, ME, spaces(50))
    before = (state(tmp_path), first.stat().st_ino)

    def batches(rows: Any) -> Iterator[Any]:
        return (rows[start : start + 7] for start in range(0, len(rows), 7))

    again = {space: (ids, batches(rows)) for space, (ids, rows) in reversed(spaces(50).items())}
    assert write_snapshot(tmp_path, ME, again) == first
    assert (state(tmp_path), first.stat().st_ino) == before
    assert write_snapshot(tmp_path / "elsewhere", ME, spaces(50)).name == first.name


def test_other_content_has_another_name(tmp_path: Path) -> None:
    other_ids = spaces(50) | {"hash": (ids_of(50) + 1, hashes(50, 0))}
    other_rows = spaces(50) | {"hash": (ids_of(50), hashes(50, 1))}
    fewer = {space: part for space, part in spaces(50).items() if space != "hash"}
    names = [
        write_snapshot(tmp_path, identity, content).name
        for identity, content in [
            (ME, spaces(50)),
            (ME, other_ids),
            (ME, other_rows),
            (ME, fewer),
            (Identity("encoder-2", "heads-1", WIDTH, WIDTH), spaces(50)),
            (Identity("encoder-1", "heads-2", WIDTH, WIDTH), spaces(50)),
        ]
    ]
    assert len(set(names)) == len(names)


def test_refuses_another_identity_and_names_both(tmp_path: Path) -> None:
    place = write_snapshot(tmp_path, ME, spaces(5))
    with pytest.raises(IndexDiffers, match=r"encoder-1.*heads-1.*encoder-2.*heads-1"):
        open_snapshot(place, Identity("encoder-2", "heads-1", WIDTH, WIDTH))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"styles": (ids_of(5), vectors(5, 0))}, "no space styles"),
        ({"style": (ids_of(5)[::-1], vectors(5, 0))}, "rising"),
        ({"style": (np.zeros(5, np.int64), vectors(5, 0))}, "rising"),
        ({"style": (ids_of(5) - 6, vectors(5, 0))}, "0 or above"),
        ({"style": (ids_of(4), vectors(5, 0))}, "4 ids for 5 rows"),
        ({"style": (ids_of(5), [vectors(3, 0)])}, "5 ids for 3 rows"),
        ({"style": (ids_of(5), vectors(5, 0)[:, 1:])}, "32 values"),
        ({"style": (ids_of(5), hashes(5, 0))}, "32 values"),
        ({"hash": (ids_of(5), vectors(5, 0))}, "32 values"),
        ({"style": (ids_of(5), vectors(5, 0) * np.nan)}, "not finite"),
    ],
)
def test_refuses_rows_that_are_not_as_they_should_be(
    tmp_path: Path, content: Spaces, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        write_snapshot(tmp_path, ME, content)
    assert left_in(tmp_path) == []


@pytest.fixture(scope="module")
def whole() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield write_snapshot(Path(folder), ME, spaces(20))


FILES = [
    "manifest.json",
    *(f"{space}.{part}.npy" for space in ("style", "copy", "hash") for part in ("ids", "rows")),
]


@given(file=st.sampled_from(FILES), where=st.integers(0), bit=st.integers(0, 7))
def test_finds_any_damage(whole: Path, file: str, where: int, bit: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(shutil.copytree(whole, Path(folder, whole.name)))
        data = bytearray((place / file).read_bytes())
        data[where % len(data)] ^= 1 << bit
        (place / file).write_bytes(data)
        if file == "manifest.json":
            # White space, or a figure that nothing depends on: whatever it is, no crash.
            with contextlib.suppress(BrokenIndex, IndexDiffers):
                check(open_snapshot(place, ME, verify=True), spaces(20))
            return
        with pytest.raises(BrokenIndex):
            open_snapshot(place, ME, verify=True)
        try:
            open_snapshot(place, ME)
        except BrokenIndex:
            return
        assert file.endswith("rows.npy"), "only the digests of the rows are left for later"


@given(file=st.sampled_from(FILES), kept=st.floats(0, 0.99), longer=st.booleans())
def test_finds_files_of_another_length(whole: Path, file: str, kept: float, longer: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(shutil.copytree(whole, Path(folder, whole.name)))
        data = (place / file).read_bytes()
        (place / file).write_bytes(data + b"x" if longer else data[: int(kept * len(data))])
        with pytest.raises(BrokenIndex):
            open_snapshot(place, ME)


@pytest.mark.parametrize("file", FILES)
def test_finds_that_a_file_is_missing(whole: Path, tmp_path: Path, file: str) -> None:
    place = Path(shutil.copytree(whole, tmp_path / whole.name))
    (place / file).unlink()
    with pytest.raises(BrokenIndex):
        open_snapshot(place, ME)


def test_finds_that_all_is_missing(tmp_path: Path) -> None:
    with pytest.raises(BrokenIndex):
        open_snapshot(tmp_path / "0123456789abcdef", ME)


def test_finds_that_a_snapshot_was_put_in_place_of_another(whole: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(whole, tmp_path / "0123456789abcdef"))
    with pytest.raises(BrokenIndex, match="what its name says"):
        open_snapshot(place, ME)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
)


@given(path=st.lists(st.integers(0, 20), min_size=1, max_size=5), value=JSON)
def test_whatever_the_manifest_says(whole: Path, path: list[int], value: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(shutil.copytree(whole, Path(folder, whole.name)))
        manifest = json.loads((place / "manifest.json").read_bytes())
        node = manifest
        for step in path:
            keys = sorted(node)
            key = keys[step % len(keys)]
            if not isinstance(node[key], dict) or not node[key] or step == path[-1]:
                break
            node = node[key]
        node[key] = value
        (place / "manifest.json").write_text(json.dumps(manifest))
        with contextlib.suppress(BrokenIndex, IndexDiffers):
            check(open_snapshot(place, ME, verify=True), spaces(20))


def test_a_broken_one_is_written_anew(tmp_path: Path) -> None:
    place = write_snapshot(tmp_path, ME, spaces(20))
    (place / "style.rows.npy").write_bytes(b"")
    assert write_snapshot(tmp_path, ME, spaces(20)) == place
    check(open_snapshot(place, ME, verify=True), spaces(20))
    assert left_in(tmp_path) == [place]


def test_its_files_may_go_while_it_is_searched(tmp_path: Path) -> None:
    snapshot = open_snapshot(write_snapshot(tmp_path, ME, spaces(200)), ME)
    shutil.rmtree(snapshot.path)
    check(snapshot, spaces(200))


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    place = write_snapshot(tmp_path, ME, spaces(5))
    with FileLock(tmp_path / LOCK), pytest.raises(IndexBusy):
        write_snapshot(tmp_path, ME, spaces(6))
    check(open_snapshot(place, ME), spaces(5))
    write_snapshot(tmp_path, ME, spaces(6))


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def rows() -> Iterator[NDArray[np.float32]]:
        yield vectors(10, 0)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_snapshot(tmp_path, ME, {"style": (ids_of(20), rows())})
    assert left_in(tmp_path) == []


WRITER = """
import sys
from pathlib import Path
from tests.similarity.vectors.test_snapshot import ME, spaces
from similarity.vectors.snapshot import write_snapshot

print("ready", flush=True)
for number in range(1, 100_000):
    write_snapshot(Path(sys.argv[1]), ME, spaces(300, seed=number % 40))
"""


def test_a_kill_leaves_whole_snapshots_only(tmp_path: Path) -> None:
    rng = np.random.default_rng(20230531)
    known = 0
    for _ in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        with writer.stdout as output:
            output.readline()
            time.sleep(rng.uniform(0, 0.2))
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        places = [place for place in tmp_path.iterdir() if not place.name.startswith(".")]
        for place in places:
            open_snapshot(place, ME, verify=True)
        assert len(places) >= known
        known = len(places)
    assert known > 0
    write_snapshot(tmp_path, ME, spaces(5))
    assert not [place for place in left_in(tmp_path) if place.name.startswith(".")]
