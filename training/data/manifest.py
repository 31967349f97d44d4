"""Reading a manifest: which images there are, who made them, and where they come from."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from training.errors import ManifestError

LABELS = ("ai", "human")
TRAIN = "train"
"""The only split that anything is ever fitted on, in a manifest that has splits."""

REQUIRED = ("path", "label")
OPTIONAL = (
    *("split", "source", "generator", "creator", "kind"),
    *("licence", "pair_group", "title", "prompted_artist"),
)


@dataclass(frozen=True)
class Row:
    """One image of a manifest.

    Attributes:
        line: Where it stands: line of the CSV, or row of the Parquet file counted from 1.
        name: The path as written in the manifest.
        path: The file.
        label: `ai` or `human`.
        split: Name of the split; empty if the manifest has none.
        source: Where it was published. The image's folder if the manifest does not say.
        generator: Family of the generator, for AI pictures; may be empty.
        creator: Who made it, for human works; may be empty.
        kind: What it shows or how it is made (`painting`, `comic`, ...); may be empty.
        licence: As stated by the source; may be empty.
        pair_group: Images that belong together and must not be parted; may be empty.
        title: What a human work shows; may be empty.
        prompted_artist: In whose style an AI picture was asked for; may be empty.
    """

    line: int
    name: str
    path: Path
    label: str
    split: str = ""
    source: str = ""
    generator: str = ""
    creator: str = ""
    kind: str = ""
    licence: str = ""
    pair_group: str = ""
    title: str = ""
    prompted_artist: str = ""


def read_manifest(manifest: Path) -> tuple[Row, ...]:
    """Read a manifest.

    Args:
        manifest: CSV (UTF-8, with a header) or Parquet (`.parquet`). Columns `path` (relative to
            the manifest's folder, or absolute) and `label`; optionally those of `Row`; others are
            ignored.

    Raises:
        ManifestError: It cannot be read, a column is missing, or a row is not valid.
    """
    records = _parquet(manifest) if manifest.suffix.lower() == ".parquet" else _csv(manifest)
    return tuple(_rows(records, manifest))


def in_split(rows: Iterable[Row], *splits: str) -> tuple[Row, ...]:
    """The rows of some splits; all rows, if the manifest has no splits."""
    rows = tuple(rows)
    if not any(row.split for row in rows):
        return rows
    return tuple(row for row in rows if row.split in splits)


def read_training_rows(manifest: Path) -> tuple[Row, ...]:
    """The rows that may be learnt from: of the split `train`, or all if there are no splits.

    Raises:
        ManifestError: The manifest cannot be read, a column is missing, or a row is not valid.
    """
    return in_split(read_manifest(manifest), TRAIN)


def _csv(manifest: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _require(reader.fieldnames or (), manifest)
            for record in reader:
                if None in record:
                    raise ManifestError(
                        f"{manifest.name} line {reader.line_num}: more fields than the header"
                    )
                yield reader.line_num, record
    except UnicodeDecodeError as error:
        raise _no_manifest(manifest) from error
    except csv.Error as error:
        raise ManifestError(f"{manifest} is no valid CSV: {error}") from error
    except OSError as error:
        raise ManifestError(f"{manifest} cannot be read: {error.strerror}") from error


def _parquet(manifest: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with pq.ParquetFile(manifest) as file:
            names = [name for name in file.schema_arrow.names if name in REQUIRED + OPTIONAL]
            _require(names, manifest)
            number = 0
            for batch in file.iter_batches(columns=names):
                for record in batch.to_pylist():
                    number += 1
                    yield number, record
    except pa.ArrowInvalid as error:
        raise _no_manifest(manifest) from error
    except (OSError, pa.ArrowException) as error:
        raise ManifestError(f"{manifest} cannot be read: {error}") from error


def _no_manifest(path: Path) -> ManifestError:
    return ManifestError(
        f"{path} is no CSV or Parquet: a manifest lists images, one a line, with the columns "
        f"{' and '.join(REQUIRED)}"
    )


def _require(names: Iterable[str], manifest: Path) -> None:
    missing = [name for name in REQUIRED if name not in set(names)]
    if missing:
        raise ManifestError(f"{manifest.name} has no column {' and no column '.join(missing)}")


def _rows(records: Iterable[tuple[int, Mapping[str, Any]]], manifest: Path) -> Iterator[Row]:
    lines: dict[str, int] = {}
    for line, record in records:
        text = {name: str(record.get(name) or "").strip() for name in REQUIRED + OPTIONAL}
        where = f"{manifest.name} line {line}"
        name, label = text.pop("path"), text.pop("label").lower()
        if not name:
            raise ManifestError(f"{where}: no path")
        if label not in LABELS:
            raise ManifestError(f"{where}: the label is {label!r}, not `ai` or `human`")
        if name in lines:
            raise ManifestError(f"{where}: {name} stands in line {lines[name]} already")
        lines[name] = line
        text["source"] = text["source"] or str(Path(name).parent)
        yield Row(line=line, name=name, path=manifest.parent / name, label=label, **text)
