"""What a manifest must hold before anything is learnt from it; all doubtful rows are named."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from training.data.features import FeatureTable
from training.data.manifest import Row
from training.errors import ContradictoryLabels, MissingFiles

NAMED = 10
"""Rows that are named in an error; of more it is told how many."""


def require_files(rows: Iterable[Row], *, kept: Collection[Row] | None = None) -> None:
    """Check that every image is there, or at least its features.

    Args:
        rows: Of the manifest.
        kept: Those that there are features of; None before that is known, where it is enough that
            the manifest names the digest of an image that is gone.

    Raises:
        MissingFiles: Images are not there; names the rows.
    """
    missing = [
        f"{row.name} (line {row.line})"
        for row in rows
        if not row.path.is_file() and (not row.sha256 if kept is None else row not in kept)
    ]
    if missing:
        raise MissingFiles(
            f"there is neither an image nor are there kept features of {named(missing)}: put them"
            " there, or leave these rows out by --allow-missing"
        )


def require_one_label(table: FeatureTable) -> None:
    """Check that no image has two labels.

    Raises:
        ContradictoryLabels: The same bytes are called both; names the rows.
    """
    require_agreement(dict(zip(table.rows, table.sha256, strict=True)))


def require_agreement(digests: Mapping[Row, str]) -> None:
    """As `require_one_label`, of rows with the digests of their files."""
    first: dict[str, Row] = {}
    wrong = []
    for row, digest in digests.items():
        other = first.setdefault(digest, row)
        if other.label != row.label:
            wrong.append(
                f"{other.name} ({other.label}, line {other.line}) and {row.name} ({row.label}, line"
                f" {row.line})"
            )
    if wrong:
        raise ContradictoryLabels(f"the same image is called both ai and human: {named(wrong)}")


def named(rows: Sequence[str]) -> str:
    """Rows for a sentence: the first of them, and how many there are besides."""
    more = f" and {len(rows) - NAMED:,} more" if len(rows) > NAMED else ""
    return "; ".join(rows[:NAMED]) + more
