"""Where imported labels are kept: a folder of Parquet files, one per import.

A file is named by its content, so that the same import twice is one, and is never changed but where
images leave the store. Labels that moderators and appeals gave are not here: the records keep them.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.files import write_whole
from training.labels.claim import Claim
from training.labels.formats.table import claims_of, dump_parquet


@dataclass(frozen=True)
class LabelStore:
    """The imported labels in a folder.

    Attributes:
        folder: Need not exist.
    """

    folder: Path

    def add(self, claims: Sequence[Claim]) -> int:
        """Keep the claims of an import.

        Args:
            claims: All of them.

        Returns:
            How many are new.
        """
        known = set(map(_said, self))
        new = [one for one in claims if _said(one) not in known]
        self._write(new)
        return len(new)

    def __iter__(self) -> Iterator[Claim]:
        """All claims, import by import.

        Raises:
            LabelsError: A file cannot be read.
        """
        for file in self._files():
            yield from claims_of(file)

    def remove(self, digests: Collection[str]) -> int:
        """Let images leave the store.

        Args:
            digests: Hex digests of their files.

        Returns:
            How many claims are gone.
        """
        gone = 0
        for file in self._files():
            claims = list(claims_of(file))
            kept = [one for one in claims if one.sha256 not in digests]
            if len(kept) < len(claims):
                self._write(kept)
                file.unlink()
            gone += len(claims) - len(kept)
        return gone

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))

    def _write(self, claims: Sequence[Claim]) -> None:
        if claims:
            self.folder.mkdir(parents=True, exist_ok=True)
            data = dump_parquet(claims)
            name = hashlib.sha256(data).hexdigest()[:16]
            write_whole(self.folder / f"{name}.parquet", data)


def _said(claim: Claim) -> tuple[object, ...]:
    """What makes a claim another than one before: not where the image lay."""
    return (
        *(claim.sha256, claim.label, claim.by, claim.certainty, claim.origin),
        tuple(sorted(claim.facts.items())),
    )
