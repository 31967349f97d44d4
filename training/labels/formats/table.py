"""Labels as CSV or Parquet: the columns of a manifest, with whose word each label is."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from training.data.manifest import records
from training.errors import LabelsError
from training.labels.claim import FACTS, Claim, Origin
from training.labels.formats.found import Found

PROVENANCE = ("sha256", "certainty", "origin", "by", "at")
COLUMNS = ("path", "label", *PROVENANCE, *FACTS)
"""Of what is written. Of what is read, `label` and one of `path` and `sha256` are needed."""


def read_table(file: Path) -> Iterator[Found]:
    """The labels of a CSV or Parquet file.

    Raises:
        ManifestError: It cannot be read, or has no label.
        LabelsError: A value of a row cannot be.
    """
    for line, record in records(file, COLUMNS, required=("label",)):
        text = {name: _text(record.get(name)) for name in COLUMNS}
        where = f"{file.name} line {line}"
        yield Found(
            where=where,
            label=text["label"].lower(),
            path=text["path"],
            sha256=text["sha256"].lower(),
            by=text["by"] or None,
            at=moment(text["at"], where) if text["at"] else None,
            certainty=number(text["certainty"], where) if text["certainty"] else None,
            origin=_origin(text["origin"], where) if text["origin"] else None,
            facts={name: text[name] for name in FACTS if text[name]},
        )


def claims_of(file: Path) -> Iterator[Claim]:
    """The claims of a file that `dump_parquet` wrote.

    Raises:
        LabelsError: Something is missing in a row.
        ManifestError: It cannot be read.
    """
    for one in read_table(file):
        if not (one.sha256 and one.by and one.at and one.certainty and one.origin):
            raise LabelsError(f"{one.where} is no label as Rakkan keeps them: import it anew")
        yield Claim(
            *(one.sha256, one.label, one.by, one.at, one.certainty, one.origin),
            path=one.path,
            facts=one.facts,
        )


def row_of(claim: Claim) -> dict[str, str]:
    """A claim by the names in `COLUMNS`."""
    return {
        "path": claim.path,
        "label": claim.label,
        "sha256": claim.sha256,
        "certainty": format(claim.certainty, ".6g"),
        "origin": claim.origin.value,
        "by": claim.by,
        "at": claim.at.isoformat(),
        **{name: claim.facts.get(name, "") for name in FACTS},
    }


def dump_csv(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = COLUMNS) -> bytes:
    """Rows as CSV, in UTF-8 with a header."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def dump_table(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = COLUMNS) -> bytes:
    """Rows as Parquet, all columns texts."""
    schema = pa.schema([(name, pa.string()) for name in columns])
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows], schema), buffer)
    return buffer.getvalue()


def dump_parquet(claims: Iterable[Claim]) -> bytes:
    """Claims as Parquet."""
    return dump_table(map(row_of, claims))


def moment(text: str, where: str) -> datetime:
    """A time in ISO 8601, in UTC where it names no zone.

    Raises:
        LabelsError: It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise LabelsError(f"{where}: {text!r} is no date or time (as 2026-11-29)") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def number(text: str, where: str) -> float:
    """A certainty.

    Raises:
        LabelsError: It is no number.
    """
    try:
        return float(text)
    except ValueError:
        raise LabelsError(f"{where}: the certainty {text!r} is no number") from None


def _origin(text: str, where: str) -> Origin:
    try:
        return Origin(text)
    except ValueError:
        raise LabelsError(f"{where}: the origin {text!r} is none of {', '.join(Origin)}") from None


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else str(value).strip()
