"""Rows to `results.parquet`."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from scan.schema import ROW_COLUMNS, ScanRow, parquet_schema

ROW_GROUP = 8_192


def write_results(rows: Iterable[ScanRow], path: Path) -> None:
    """Write a table, row group by row group, and put it in place whole.

    Args:
        rows: In the order of the table.
        path: The file; replaced if it is there.
    """
    schema = parquet_schema()
    source = iter(rows)
    unfinished = path.with_suffix(".parquet.part")
    with pq.ParquetWriter(unfinished, schema, compression="zstd") as writer:
        while group := list(islice(source, ROW_GROUP)):
            columns = [
                pa.array([getattr(row, name) for row in group], schema.field(name).type)
                for name in ROW_COLUMNS
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))
    unfinished.replace(path)
