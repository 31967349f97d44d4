"""A standing regression set: the images that a gate judges by, and that nothing ever learns from.

Whole groups are drawn out of a manifest, by what they are called, so that the same are drawn again
as it grows; what stood in the set before stays in it. Of a group from which the model in use has
learnt already, what it has not seen is drawn all the same: champion and challenger know its like
both, and otherwise creators who go on posting could never be judged by.

How much a gate can prove follows from how many human works there are: two detectors that are as
good differ on some all the same.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from scipy.stats import norm

from core.files import write_whole
from training.data.manifest import OPTIONAL, PROVENANCE, REQUIRED, TRAIN, Row
from training.data.splits import group_keys, join_groups
from training.gate.compare import TAIL, least
from training.labels.formats.table import dump_csv

GATE = "gate"
"""The split of the regression set."""

COLUMNS = (*REQUIRED, *OPTIONAL, *PROVENANCE)


def draw(
    rows: Sequence[Row],
    digests: Sequence[str],
    *,
    known: Collection[str],
    standing: Collection[str] = (),
    share: float = 0.5,
) -> list[str]:
    """The split of each row.

    Args:
        rows: N rows; those of another split than `train` keep it.
        digests: Hex digests of their files.
        known: The first 16 digits of the digests of images that the model in use, or the anchor,
            was made from: they are learnt from.
        standing: Digests of what stood in the set before.
        share: Of the groups, about so many are drawn.
    """
    groups = join_groups(rows, group_keys(rows), ())
    labels = [f"{row.label} {group}" for row, group in zip(rows, groups, strict=True)]
    kept = {label for label, digest in zip(labels, digests, strict=True) if digest in standing}
    drawn = {label for label in labels if label in kept or _number(label) < share}
    return [
        row.split
        if row.split not in ("", TRAIN, GATE)
        else GATE
        if label in drawn and (digest in standing or digest[:16] not in known)
        else TRAIN
        for row, digest, label in zip(rows, digests, labels, strict=True)
    ]


def write_set(
    rows: Sequence[Row], digests: Sequence[str], splits: Sequence[str], out: Path
) -> None:
    """Write a manifest with these splits, whose paths hold from everywhere."""
    table = [
        {name: str(getattr(row, name)) for name in COLUMNS if name != "path"}
        | {"path": str(row.path.resolve()), "sha256": digest, "split": split}
        for row, digest, split in zip(rows, digests, splits, strict=True)
    ]
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out, dump_csv(table, COLUMNS))


def counted(rows: Sequence[Row], splits: Sequence[str]) -> Counter[tuple[str, str]]:
    """How many rows there are of each split and label."""
    return Counter((split, row.label) for row, split in zip(rows, splits, strict=True))


def digest_of(row: Row) -> str:
    """Hex digest of the file of a row; empty where it is neither said nor there."""
    if row.sha256:
        return row.sha256
    try:
        with row.path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def chance_of_proof(works: int, rate: float, margin: float) -> float:
    """How often a challenger that is as good as the champion is proven to be no worse.

    Both call `ai` a share of the human works, and not the same ones: the change then varies as much
    as it can, by the normal approximation. Where they agree on some the chance is higher.

    Args:
        works: Human works in the regression set.
        rate: Share that either calls `ai`, above 0 and below 1.
        margin: Of the gate.

    Returns:
        0 to 1; 0 with fewer works than the margin asks for.
    """
    if works < least(margin):
        return 0.0
    deviation = math.sqrt(2 * rate * (1 - rate) / works)
    return float(norm.cdf(margin / deviation - norm.isf(TAIL)))


def works_for(chance: float, rate: float, margin: float) -> int:
    """Human works with which `chance_of_proof` is at least that."""
    deviation = margin / float(norm.ppf(chance) + norm.isf(TAIL))
    return max(math.ceil(least(margin)), math.ceil(2 * rate * (1 - rate) / deviation**2))


def _number(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) / 2**64
