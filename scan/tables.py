"""The journal to a table: Parquet, CSV, or JSON lines with the whole judgement documents."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.files import whole_file
from evidence.document import dump_judgement
from labelling.document import decision_document
from scan.layout import TableFormat
from scan.records import Entry
from scan.schema import COLUMNS, parquet_schema

ROW_GROUP = 8_192


def write_table(rows: Iterable[Sequence[Any]], path: Path, form: TableFormat) -> None:
    """Write a table of rows, and put it in place whole; memory does not grow with it.

    Args:
        rows: The values of `scan.schema.COLUMNS` of each, in the order of the table.
        path: The file; replaced if it is there.
        form: The format: Parquet or CSV.

    Raises:
        OSError: It cannot be written.
    """
    with whole_file(path) as file:
        if form is TableFormat.CSV:
            _write_csv(rows, file)
        else:
            _write_parquet(rows, file)


def write_documents(entries: Iterable[Entry], path: Path) -> None:
    """Write JSON lines with the whole judgements, as `write_table` writes its rows."""
    with whole_file(path) as file:
        file.writelines(map(json_line, entries))


def json_line(entry: Entry) -> bytes:
    """One line: where an image lies, and its judgement document or what is wrong with it."""
    place = {"path": entry.path, "size": entry.size}
    if entry.judgement is not None:
        said = json.loads(dump_judgement(entry.judgement))
        if entry.decision is not None:
            said["decision"] = decision_document(entry.decision)
    else:
        error = {"code": entry.error_code, "message": entry.error}
        said = {"image": {"sha256": entry.sha256}, "error": error}
    return json.dumps(place | said, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _write_csv(rows: Iterable[Sequence[Any]], file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    text.detach()


def _cell(value: Any) -> Any:
    """A list as JSON, for a cell holds one text."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else value


def _write_parquet(rows: Iterable[Sequence[Any]], file: IO[bytes]) -> None:
    schema = parquet_schema()
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for group in _groups(rows):
            columns = [
                pa.array(values, field.type)
                for field, values in zip(schema, zip(*group, strict=True), strict=True)
            ]
            writer.write_batch(pa.record_batch(columns, schema=schema))


def _groups(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    source = iter(rows)
    while group := list(islice(source, ROW_GROUP)):
        yield group
