"""Labels to files: a manifest to train on, or the claims for other tools."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.files import write_whole
from training.data.manifest import Row, read_manifest
from training.labels.claim import FACTS, Claim, Origin
from training.labels.formats.folder import write_folder
from training.labels.formats.label_studio import dump_full, dump_min
from training.labels.formats.table import COLUMNS, dump_csv, dump_table, row_of
from training.labels.importing import Format
from training.labels.splitting import split

MANIFEST_COLUMNS = (*COLUMNS, "split")
"""Of a manifest of the label store."""

DISAGREEMENTS = "disagreements.csv"
"""Name of the table of disagreements, beside what is written."""

REPLAY = "replay"
"""Whose word the labels of an old manifest are."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    """One row of the manifest that is written.

    Attributes:
        label: With the path of its image.
        split: `train` or `dev`.
    """

    label: Claim
    split: str


def examples(
    labels: Sequence[Claim],
    *,
    newest: float = 0.1,
    held_out: Sequence[str] = (),
    replay: Path | None = None,
) -> tuple[Example, ...]:
    """What is trained on, and what it is judged by.

    Args:
        labels: One per image, each with the path of its image, or none where that is gone.
        newest: See `training.labels.splitting.split`; so the following.
        held_out: Generators.
        replay: Manifest of old data, whose images are learnt from again, so that nothing old is
            forgotten. They keep their split; what has a label of the store is not among them.

    Raises:
        ManifestError: The old manifest is not valid.
    """
    splits = split(labels, newest=newest, held_out=held_out)
    new = [Example(one, where) for one, where in zip(labels, splits, strict=True)]
    known = {one.sha256 for one in labels}
    old = (
        []
        if replay is None
        else [one for one in _replayed(replay) if one.label.sha256 not in known]
    )
    return (*new, *old)


def write_manifest(found: Iterable[Example], out: Path) -> None:
    """Write a manifest, as CSV or Parquet by its name.

    An image that is gone stands in it by its digest: its features may be kept.
    """
    rows = [
        {
            **row_of(one.label),
            "path": one.label.path or f"{one.label.sha256}.gone",
            "split": one.split,
        }
        for one in found
    ]
    dump = dump_table if out.suffix.lower() == ".parquet" else dump_csv
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, dump(rows, MANIFEST_COLUMNS))


def write_claims(claims: Iterable[Claim], out: Path, format_: Format) -> None:
    """Write claims for other tools.

    Args:
        claims: For a folder one per image, with its path.
        out: File or folder.
        format_: Of it.
    """
    if format_ is Format.FOLDER:
        write_folder((one for one in claims if one.path), out)
        return
    out.parent.mkdir(parents=True, exist_ok=True)
    match format_:
        case Format.LABEL_STUDIO:
            data = dump_full(claims)
        case Format.LABEL_STUDIO_MIN:
            data = dump_min(claims)
        case Format.PARQUET:
            data = dump_table(map(row_of, claims))
        case _:
            data = dump_csv(map(row_of, claims))
    write_whole(out, data)


def _replayed(manifest: Path) -> Iterator[Example]:
    for row in read_manifest(manifest):
        digest = row.sha256 or _digest(row.path)
        if digest:
            facts = {name: value for name in FACTS if (value := str(getattr(row, name)))}
            label = Claim(
                *(digest, row.label, REPLAY, _at(row), row.certainty, Origin.IMPORT),
                path=str(row.path.resolve()) if row.path.is_file() else "",
                facts=facts,
            )
            yield Example(label, row.split or "train")


def _at(row: Row) -> datetime:
    return datetime.fromisoformat(row.at) if row.at else _BEGINNING


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
