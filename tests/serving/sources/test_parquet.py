from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imaging import Limits
from serving.sources.files import count, items
from serving.sources.find_again import read_at
from serving.sources.source import Source
from tests.scan.making import picture
from tests.serving.sources.test_files import outcome

PICTURES = [picture(seed) for seed in range(50)]


def write(path: Path, columns: dict[str, object], rows_of_group: int = 20) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=rows_of_group)
    return path


def structs(path: Path) -> Path:
    """As the library `datasets` writes images."""
    images = [{"bytes": data, "path": f"in/{i}.png"} for i, data in enumerate(PICTURES)]
    return write(path, {"label": list(range(50)), "image": images})


def found(path: Path, column: str | None = None) -> dict[str, str]:
    source = Source((path,), column=column)
    return {
        item.path.removeprefix(f"{path}/"): outcome(item) for item in source.items(Limits(10_000))
    }


def test_images_are_read_row_by_row_and_again_by_their_locators(tmp_path: Path) -> None:
    for path in (structs(tmp_path / "a.parquet"), write(tmp_path / "b.parquet", {"x": PICTURES})):
        there = [(item, item.read()) for item in items([path], Limits())]
        assert [data for _, data in there] == PICTURES
        assert count([path]) == 50
        for item, data in there[::7]:
            assert item.locator is not None
            assert read_at(item.locator, Limits()) == data
    assert [item.path for item in items([tmp_path / "a.parquet"], Limits())][:2] == [
        f"{tmp_path}/a.parquet/0-0.png",
        f"{tmp_path}/a.parquet/1-1.png",
    ]
    assert "49" in found(tmp_path / "b.parquet")


def test_which_column(tmp_path: Path) -> None:
    two = write(tmp_path / "two.parquet", {"left": PICTURES[:2], "right": PICTURES[2:4]})
    assert found(two) == {
        str(two): "Several of its columns hold bytes (left, right): say which by --column."
    }
    assert found(two, "right") == {"0": "image", "1": "image"}
    assert found(two, "up") == {str(two): "It has no column up that holds bytes."}
    both = write(tmp_path / "both.parquet", {"image": PICTURES[:1], "mask": PICTURES[1:2]})
    assert found(both) == {"0": "image"}
    none = write(tmp_path / "none.parquet", {"words": ["a", "b"]})
    assert found(none) == {str(none): "skipped"}


def test_rows_without_an_image_are_errors(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", {"image": [b"x" * 20_000, None, PICTURES[0]]})
    result = found(path)
    assert "larger than the limit" in result["0"]
    assert result["1"] == "The row holds no bytes in its column image."
    assert result["2"] == "image"


def test_other_bytes_of_that_name(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(b"words")
    assert found(path) == {str(path): "This is not a readable Parquet file."}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 10_000), at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_damage_is_told_and_never_raised(tmp_path: Path, cut: int, at: int, byte: int) -> None:
    path = structs(tmp_path / "a.parquet")
    data = bytearray(path.read_bytes())
    data[at % len(data)] = byte
    path.write_bytes(data[: max(1, len(data) - cut % 50)] if cut % 2 else data)
    assert found(path)


@pytest.mark.parametrize("rows_of_group", [5, 500])
def test_what_lies_before_is_passed_over(tmp_path: Path, rows_of_group: int) -> None:
    path = write(tmp_path / "a.parquet", {"image": PICTURES}, rows_of_group)
    (last,) = [item for item in items([path], Limits()) if item.path.endswith("/49")]
    assert last.locator is not None
    assert last.locator.position == 49
    assert read_at(last.locator, Limits()) == PICTURES[49]
