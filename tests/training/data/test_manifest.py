from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from training.data.manifest import in_split, read_manifest
from training.errors import ManifestError


def _write(folder: Path, text: str, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_reads_columns_in_any_order_and_ignores_others(tmp_path: Path) -> None:
    (row,) = read_manifest(
        _write(tmp_path, "kind,extra,label,path,creator\ncomic,?,Human,a/ü.png,B. Ü\n")
    )
    assert (row.path, row.name) == (tmp_path / "a/ü.png", "a/ü.png")
    assert (row.label, row.kind, row.creator) == ("human", "comic", "B. Ü")
    assert row.source == "a", "without a source, images of one folder belong together"
    assert row.line == 2


def test_parquet_gives_the_same_rows(tmp_path: Path) -> None:
    text = "path,label,source,split\na.png,ai,s,train\nb.png,human,,dev\n"
    table = pa.table(
        {"path": ["a.png", "b.png"], "label": ["ai", "human"], "source": ["s", None]}
        | {"split": ["train", "dev"], "unused": [1, 2]}
    )
    pq.write_table(table, tmp_path / "m.parquet")
    of_csv = read_manifest(_write(tmp_path, text))
    of_parquet = read_manifest(tmp_path / "m.parquet")
    assert [(r.path, r.label, r.source, r.split) for r in of_csv] == [
        (r.path, r.label, r.source, r.split) for r in of_parquet
    ]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert len(read_manifest(_write(tmp_path, "\ufeffpath,label\na.png,ai\n"))) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("path\na.png\n", "no column label"),
        ("", "no column path and no column label"),
        ("path,label\na.png,ai\nb.png,robot\n", "line 3: the label is 'robot'"),
        ("path,label\n,ai\n", "line 2: no path"),
        ("path,label\na.png,ai\nb.png,ai\na.png,human\n", "line 4: a.png stands in line 2"),
        ("path,label\na.png,ai,x\n", "line 2: more fields"),
        ('path,label\n"a.png,ai\n', "is no valid CSV"),
    ],
)
def test_says_what_is_wrong_and_where(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ManifestError, match=message) as caught:
        read_manifest(_write(tmp_path, text))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["absent.csv", "absent.parquet"])
def test_a_missing_manifest_is_said_to_be_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(tmp_path / name)


@pytest.mark.parametrize("name", ["m.csv", "m.parquet", "m.jpg"])
def test_a_picture_is_said_to_be_no_manifest(tmp_path: Path, name: str) -> None:
    Image.new("RGB", (8, 8), "red").save(tmp_path / "picture.jpg")
    (tmp_path / name).write_bytes((tmp_path / "picture.jpg").read_bytes())
    with pytest.raises(ManifestError, match="is no CSV or Parquet: it lists images"):
        read_manifest(tmp_path / name)


@given(st.binary(max_size=300), st.sampled_from(["m.csv", "m.parquet"]))
def test_whatever_the_bytes_the_error_is_its_own(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    path = tmp_path_factory.mktemp("manifest") / name
    path.write_bytes(data)
    with suppress(ManifestError):
        read_manifest(path)


def test_splits_are_honoured_where_there_are_any(tmp_path: Path) -> None:
    rows = read_manifest(_write(tmp_path, "path,label,split\na,ai,train\nb,ai,dev\nc,ai,\n"))
    assert [r.name for r in in_split(rows, "train")] == ["a"]
    assert [r.name for r in in_split(rows, "dev", "train")] == ["a", "b"]
    bare = read_manifest(_write(tmp_path, "path,label\na,ai\nb,ai\n"))
    assert in_split(bare, "train") == bare
