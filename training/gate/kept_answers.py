"""What a detector answered to the images of the gate, kept so that it need not be run again.

One Parquet file for each detector, named by the digest of its manifest, with a row for each image
and tier. An anchor is asked by every gate, and its answers never change: to an image that it has
answered once, it gives the same answer for good.
"""

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.files import write_whole
from evidence import Verdict
from imaging.perturbations.web import Tier
from training.data.features import FeatureTable
from training.evaluation.figures import Answers

SCHEMA = pa.schema(
    [
        ("tier", pa.string()),
        ("sha256", pa.string()),
        ("score", pa.float64()),
        ("probability", pa.float64()),
        ("verdict", pa.string()),
    ]
)

Ask = Callable[[Tier, FeatureTable], Answers]
"""Lets the detector answer to a table, whose groups do not matter."""

_Answer = tuple[float, float, Verdict]


@dataclass(frozen=True)
class KeptAnswers:
    """The answers of detectors, in a folder.

    Attributes:
        folder: Need not exist.
    """

    folder: Path

    def answers(
        self,
        detector: str,
        tables: Mapping[Tier, FeatureTable],
        groups: Sequence[str],
        ask: Ask,
    ) -> dict[Tier, Answers]:
        """The answers of a detector, asked for those alone that are not kept.

        Args:
            detector: Hex digest of its manifest.
            tables: N images in every tier.
            groups: The group of each image.
            ask: Lets it answer.
        """
        known = self._read(detector)
        new: dict[tuple[str, str], _Answer] = {}
        for tier, table in tables.items():
            missing = np.array([(tier.value, d) not in known for d in table.sha256], bool)
            if missing.any():
                some = table.where(missing)
                found = ask(tier, some)
                for i, digest in enumerate(some.sha256):
                    new[tier.value, digest] = (
                        float(found.scores[i]),
                        float(found.probabilities[i]),
                        found.verdicts[i],
                    )
        if new:
            known |= new
            self._write(detector, known)
        return {
            tier: _answers(table, groups, [known[tier.value, d] for d in table.sha256])
            for tier, table in tables.items()
        }

    def forget(self, digests: Collection[str]) -> None:
        """Delete the answers to images, by the hex digests of their files."""
        for file in sorted(self.folder.glob("*.parquet")):
            known = self._read(file.stem)
            kept = {key: value for key, value in known.items() if key[1] not in digests}
            if len(kept) < len(known):
                self._write(file.stem, kept)

    def _read(self, detector: str) -> dict[tuple[str, str], _Answer]:
        try:
            data = (self.folder / f"{detector}.parquet").read_bytes()
            rows = pq.read_table(io.BytesIO(data), schema=SCHEMA).to_pylist()
            return {
                (row["tier"], row["sha256"]): (
                    row["score"],
                    row["probability"],
                    Verdict(row["verdict"]),
                )
                for row in rows
            }
        except (OSError, pa.ArrowException, ValueError):
            return {}  # What is not kept, or damaged, is asked for once more.

    def _write(self, detector: str, known: Mapping[tuple[str, str], _Answer]) -> None:
        rows = [
            {"tier": tier, "sha256": digest, "score": s, "probability": p, "verdict": v.value}
            for (tier, digest), (s, p, v) in known.items()
        ]
        buffer = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, SCHEMA), buffer)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(self.folder / f"{detector}.parquet", buffer.getvalue())


def _answers(table: FeatureTable, groups: Sequence[str], found: Sequence[_Answer]) -> Answers:
    scores, probabilities, verdicts = zip(*found, strict=True)
    return Answers(table.rows, groups, np.array(scores), np.array(probabilities), verdicts)
