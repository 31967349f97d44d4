"""Reading a manifest: which images there are, who made them, and where they come from."""

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from training.errors import LeakageError, ManifestError

LABELS = ("ai", "human")
TRAIN = "train"
"""The only split that anything is ever fitted on, in a manifest that has splits."""

REQUIRED = ("path", "label")
OPTIONAL = (
    *("split", "source", "generator", "creator", "kind"),
    *("licence", "pair_group", "title", "prompted_artist"),
)
PROVENANCE = ("sha256", "certainty", "at")
"""Columns that a manifest of the label store has besides."""


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
        sha256: Hex digest of the file, by which features are found whose image is gone; may be
            empty.
        certainty: How sure the label is, above 0 and at most 1: what the image counts for.
        at: When it was labelled, ISO 8601; may be empty.
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
    sha256: str = ""
    certainty: float = 1.0
    at: str = ""


def read_manifest(manifest: Path) -> tuple[Row, ...]:
    """Read a manifest.

    Args:
        manifest: CSV (UTF-8, with a header) or Parquet (`.parquet`). Columns `path` (relative to
            the manifest's folder, or absolute) and `label`; optionally those of `Row`; others are
            ignored.

    Raises:
        ManifestError: It cannot be read, a column is missing, or a row is not valid.
    """
    found = records(manifest, (*REQUIRED, *OPTIONAL, *PROVENANCE), required=REQUIRED)
    return tuple(_rows(found, manifest))


def records(
    file: Path, columns: Collection[str], *, required: Sequence[str]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a CSV or Parquet file, each with its line in the CSV or its number.

    Args:
        file: CSV (UTF-8, with a header) or Parquet (`.parquet`).
        columns: Those that are read of Parquet; a CSV gives all.
        required: Those that must be there.

    Raises:
        ManifestError: It cannot be read, or a column is missing.
    """
    if file.suffix.lower() == ".parquet":
        return _parquet(file, columns, required)
    return _csv(file, required)


def in_split(rows: Iterable[Row], *splits: str) -> tuple[Row, ...]:
    """The rows of some splits; all rows, if the manifest has no splits."""
    rows = tuple(rows)
    if not any(row.split for row in rows):
        return rows
    return tuple(row for row in rows if row.split in splits)


def sample_rows(rows: Sequence[Row], per_label: int, seed: int = 0) -> tuple[Row, ...]:
    """So many rows of each label at most, drawn at random; in their order.

    Args:
        rows: Of a manifest.
        per_label: Of each label.
        seed: Of the draw.
    """
    rng = np.random.default_rng(seed)
    drawn: list[int] = []
    for label in LABELS:
        of_label = [i for i, row in enumerate(rows) if row.label == label]
        drawn += rng.permutation(of_label)[:per_label].astype(int).tolist()
    return tuple(rows[i] for i in sorted(drawn))


def read_training_rows(manifest: Path) -> tuple[Row, ...]:
    """The rows that may be learnt from: of the split `train`, or all if there are no splits.

    Raises:
        ManifestError: The manifest cannot be read, a column is missing, or a row is not valid.
        LeakageError: The same bytes or pair group stand in two splits.
    """
    rows = read_manifest(manifest)
    _require_whole_groups(rows)
    return in_split(rows, TRAIN)


def _require_whole_groups(rows: Iterable[Row]) -> None:
    """Check that nothing that belongs together stands in two splits."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        for what, value in (("pair group", row.pair_group), ("bytes", row.sha256)):
            other = first.setdefault((what, value), row) if value else row
            if other.split != row.split:
                raise LeakageError(
                    f"{other.name} (line {other.line}, {other.split or 'no split'}) and {row.name} "
                    f"(line {row.line}, {row.split or 'no split'}) have the same {what} and stand "
                    "in two splits"
                )


def _csv(manifest: Path, required: Sequence[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with manifest.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            _require(reader.fieldnames or (), required, manifest)
            for record in reader:
                if None in record:
                    raise ManifestError(
                        f"{manifest.name} line {reader.line_num}: more fields than the header"
                    )
                yield reader.line_num, record
    except UnicodeDecodeError as error:
        raise _no_manifest(manifest, required) from error
    except csv.Error as error:
        raise ManifestError(f"{manifest} is no valid CSV: {error}") from error
    except OSError as error:
        raise ManifestError(f"{manifest} cannot be read: {error.strerror}") from error


def _parquet(
    manifest: Path, columns: Collection[str], required: Sequence[str]
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with pq.ParquetFile(manifest) as file:
            names = [name for name in file.schema_arrow.names if name in columns]
            _require(names, required, manifest)
            number = 0
            for batch in file.iter_batches(columns=names):
                for record in batch.to_pylist():
                    number += 1
                    yield number, record
    except pa.ArrowInvalid as error:
        raise _no_manifest(manifest, required) from error
    except (OSError, pa.ArrowException) as error:
        raise ManifestError(f"{manifest} cannot be read: {error}") from error


def _no_manifest(path: Path, required: Sequence[str]) -> ManifestError:
    return ManifestError(
        f"{path} is no CSV or Parquet: it lists images, one a line, with the columns "
        f"{' and '.join(required)}"
    )


def _require(names: Iterable[str], required: Sequence[str], manifest: Path) -> None:
    missing = [name for name in required if name not in set(names)]
    if missing:
        raise ManifestError(f"{manifest.name} has no column {' and no column '.join(missing)}")


def _rows(records: Iterable[tuple[int, Mapping[str, Any]]], manifest: Path) -> Iterator[Row]:
    lines: dict[str, int] = {}
    for line, record in records:
        text = {name: str(record.get(name) or "").strip() for name in _TEXTS}
        certainty = _certainty(record.get("certainty"), f"{manifest.name} line {line}")
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
        place = manifest.parent / name
        yield Row(line=line, name=name, path=place, label=label, certainty=certainty, **text)


_TEXTS = (*REQUIRED, *OPTIONAL, *(name for name in PROVENANCE if name != "certainty"))


def _certainty(value: object, where: str) -> float:
    try:
        found = 1.0 if value in (None, "") else float(str(value))
    except ValueError:
        found = 0.0
    if not 0 < found <= 1:
        raise ManifestError(f"{where}: the certainty is {value!r}, not above 0 and at most 1")
    return found
