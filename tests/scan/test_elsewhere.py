"""Scans of archives that are not folders: the rows are those of the same files in a folder."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from scan import scan
from scan.errors import OtherScanError
from serving.sources.source import Source
from tests.fakes import FakeEncoder, fake_judge
from tests.objects import Storage
from tests.scan.making import picture, write_folder, write_tar
from tests.scan.test_local import FailingEncoder, rows

FILES = {f"{i % 3}/{i:03}.png": picture(i, side=40 + i) for i in range(60)}
FILES |= {"x/cut.png": picture(91)[:60], "notes.txt": b"words"}


def below(out: Path, place: str) -> dict[str, dict[str, Any]]:
    """Rows without where they lie."""
    return {
        path.removeprefix(f"{place}/"): {**row, "path": path.removeprefix(f"{place}/")}
        for path, row in rows(out).items()
    }


@pytest.fixture
def expected(tmp_path: Path) -> dict[str, dict[str, Any]]:
    folder = write_folder(tmp_path / "folder", FILES)
    scan([folder], tmp_path / "expected", fake_judge())
    return below(tmp_path / "expected", str(folder))


def interrupted_and_resumed(source: Source, out: Path) -> int:
    """Scan, be interrupted in the third batch, and go on; returns how many were judged."""
    first, second = FailingEncoder(), FakeEncoder()
    with pytest.raises(KeyboardInterrupt):
        scan(source, out, fake_judge(first))
    scan(source, out, fake_judge(second), resume=True)
    third = FakeEncoder()
    scan(source, out, fake_judge(third), resume=True)
    assert third.seen == [], "all of it was known"
    return sum(first.seen) + sum(second.seen)


def test_a_bucket_and_what_lies_in_it(
    storage: Storage, tmp_path: Path, expected: dict[str, Any]
) -> None:
    place = storage.put("archive", FILES)
    out = tmp_path / "out"
    assert interrupted_and_resumed(Source((place,)), out) == 60
    assert below(out, place) == expected
    with pytest.raises(OtherScanError, match="paths"):
        scan(Source((f"{place}/0",)), out, fake_judge(), resume=True)


def test_shards_in_a_bucket(storage: Storage, tmp_path: Path, expected: dict[str, Any]) -> None:
    names = sorted(FILES)
    shards = {}
    for number in range(2):
        some = {name: FILES[name] for name in names[number::2]}
        shards[f"s-{number}.tar"] = write_tar(tmp_path / "s.tar", some).read_bytes()
    place = storage.put("shards", shards)
    out = tmp_path / "out"
    assert interrupted_and_resumed(Source((f"{place}/s-{{0..1}}.tar",)), out) == 60
    found = below(out, place)
    assert {name.partition("/")[2] for name in found} == set(expected)
    storage.delete("shards", "s-1.tar")
    scan(Source((f"{place}/s-{{0..1}}.tar",)), out, fake_judge(), resume=True)
    gone = below(out, place).pop("s-1.tar")
    assert "nothing at this address" in gone["error"]
    assert gone["error_code"] == "source"


def test_rows_of_parquet(tmp_path: Path, expected: dict[str, Any]) -> None:
    names = [name for name in sorted(FILES) if name.endswith("png")]
    images = [{"bytes": FILES[name], "path": name} for name in names]
    place = tmp_path / "a.parquet"
    pq.write_table(pa.table({"image": images}), place, row_group_size=25)
    out = tmp_path / "out"
    assert interrupted_and_resumed(Source((place,)), out) == 60
    found = below(out, str(place))
    assert [int(name.partition("-")[0]) for name in sorted(found, key=_row)] == list(range(61))
    by_digest = {row["sha256"]: {**row, "path": ""} for row in found.values()}
    assert by_digest == {row["sha256"]: {**row, "path": ""} for row in expected.values()}


def _row(name: str) -> int:
    return int(name.partition("-")[0])


def test_a_list_of_paths_and_addresses(
    storage: Storage, tmp_path: Path, expected: dict[str, Any]
) -> None:
    bucket = storage.put("listed", FILES)
    folder = write_folder(tmp_path / "in", FILES)
    lines = [f"{bucket if i % 2 else folder}/{name}" for i, name in enumerate(sorted(FILES))]
    place = tmp_path / "list"
    place.write_text("\n".join([*lines, f"{bucket}/gone.png"]))
    out = tmp_path / "out"
    assert interrupted_and_resumed(Source(lists=(str(place),)), out) == 60
    found = {**below(out, str(folder)), **below(out, bucket)}
    assert "nothing at this address" in found.pop("gone.png")["error"]
    assert {name: row for name, row in found.items() if "://" not in name and name[0] != "/"} == (
        expected
    )


def test_secrets_of_addresses_are_kept_nowhere(web: tuple[str, Path], tmp_path: Path) -> None:
    address, folder = web
    write_folder(folder, {"a.png": picture(1), "gone": b""})
    write_tar(folder / "x.tar", FILES)
    host = address.partition("://")[2]
    secret = "0123abcdef"  # noqa: S105 - of nobody
    places = [f"http://me:{secret}@{host}/a.png", f"{address}/x.tar?X-Amz-Signature={secret}"]
    places += [f"{address}/gone.png?token={secret}"]
    out = tmp_path / "out"
    summary = scan(places, out, fake_judge())
    assert (summary.counts.images, summary.counts.errors) == (63, 2)
    for path in out.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
