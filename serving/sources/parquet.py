"""Rows of Parquet files that hold the bytes of images, as items."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from core.text import printable, valid
from imaging import Limits
from serving.errors import SourceError
from serving.sources.bounded import Allowance
from serving.sources.item import File, Item, Locator, broken, require_length

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

SUFFIXES = (".parquet",)

AT_ONCE = 16
"""Rows that are in memory at once."""

BUFFER = 1 << 20
"""Bytes of a column that are read at once."""

USUAL = "image"
"""The column that is taken where several hold bytes: its usual name."""


def count(file: File) -> int:
    """How many rows a file has.

    Raises:
        SourceError: What lies behind an address cannot be read.
        OSError, ValueError: It is no Parquet.
    """
    import pyarrow.parquet as pq

    with file.open() as stream:
        return int(pq.ParquetFile(stream).metadata.num_rows)


def rows(
    file: File, limits: Limits, allowance: Allowance, start: int, column: str | None
) -> Iterator[Item]:
    """The images of a Parquet file, row by row; one item that is none if it has no such column.

    An image is a column of bytes, or one of structs {bytes, path}, as the library `datasets`
    writes them.

    Args:
        file: The file.
        limits: Bounds on what is read of one row.
        allowance: Bytes that may come out of the file.
        start: The first row, from 0.
        column: That of the images; None for the one that is found.

    Raises:
        SourceError: There is no such column, or it cannot be told which one is meant.
        OSError, ValueError: It is damaged, or no Parquet.
    """
    import pyarrow.parquet as pq  # only here, as elsewhere below: it takes long to load

    with file.open() as stream:
        try:
            table = pq.ParquetFile(stream, buffer_size=BUFFER, pre_buffer=False)
        except (OSError, ValueError) as error:
            raise SourceError("This is not a readable Parquet file.") from error
        chosen = _column(table.schema_arrow, column)
        if chosen is None:
            yield Item(file.name, file.size, file.stamp, lambda: None)
            return
        made = _Rows(file, chosen.name, limits, allowance)
        for row, value in _values(table, chosen, start):
            yield made.item(row, value)


def _values(
    table: "pq.ParquetFile", column: "pa.Field", start: int
) -> Iterator[tuple[int, object]]:
    """The values of a column with their rows; groups of rows before `start` are not read."""
    parts = [column.name]
    if _part(column, "bytes") is not None:
        parts = [f"{column.name}.{part}" for part in ("bytes", "path") if _part(column, part)]
    row = 0
    for group in range(table.num_row_groups):
        length = table.metadata.row_group(group).num_rows
        if row + length <= start:
            row += length
            continue
        groups = {"row_groups": [group], "use_threads": False}
        for batch in table.iter_batches(AT_ONCE, columns=parts, **groups):
            for value in batch.column(0):
                if row >= start:
                    yield row, value.as_py()
                row += 1


@dataclass(frozen=True)
class _Rows:
    """Makes items of the rows of a file."""

    file: File
    column: str
    limits: Limits
    allowance: Allowance

    def item(self, row: int, value: object) -> Item:
        """One row: the bytes of an image, or a struct of these and their path."""
        data, path = value, None
        if isinstance(value, dict):
            data, path = value.get("bytes"), value.get("path")
        name = f"{self.file.name}/{row}"
        if isinstance(path, str) and (last := PurePosixPath(path).name):
            name = valid(f"{name}-{last}")
        if not isinstance(data, bytes):
            return broken(name, f"The row holds no bytes in its column {printable(self.column)}.")
        self.allowance.spend(len(data))
        place = Locator(self.file.path, name, row, self.column)
        return Item(name, len(data), self.file.stamp, partial(self.read, data), True, place)

    def read(self, data: bytes) -> bytes:
        """The bytes of a row, which claims to hold an image: what is none is an error."""
        require_length(len(data), self.limits)
        return data


def _column(schema: "pa.Schema", asked: str | None) -> "pa.Field | None":
    """The column of the images; None where none could hold any.

    Raises:
        SourceError: There is no such column, or it cannot be told which one is meant.
    """
    found = {one.name: one for one in schema if _holds_bytes(one)}
    if asked is not None:
        if asked not in found:
            raise SourceError(f"It has no column {printable(asked)} that holds bytes.")
        return found[asked]
    if len(found) > 1 and USUAL not in found:
        names = printable(", ".join(found))
        raise SourceError(f"Several of its columns hold bytes ({names}): say which by --column.")
    return found.get(USUAL) or next(iter(found.values()), None)


def _holds_bytes(column: "pa.Field") -> bool:
    import pyarrow as pa

    kind = (_part(column, "bytes") or column).type
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _part(column: "pa.Field", name: str) -> "pa.Field | None":
    """The part of that name of a column of structs."""
    import pyarrow as pa

    if not pa.types.is_struct(column.type) or column.type.get_field_index(name) < 0:
        return None
    return column.type.field(name)
