"""What a challenger answered to live uploads beside the model in use, in Parquet files."""

import io
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from core.files import write_whole
from evidence import Verdict

SCHEMA = pa.schema(
    [
        ("at", pa.timestamp("us", tz="UTC")),
        ("sha256", pa.string()),
        ("champion", pa.string()),
        ("challenger", pa.string()),
        ("champion_probability", pa.float64()),
        ("challenger_probability", pa.float64()),
        ("champion_verdict", pa.string()),
        ("challenger_verdict", pa.string()),
        ("partial", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class ShadowAnswer:
    """What two detectors say of one upload.

    Attributes:
        at: When it was judged.
        sha256: Hex digest of its file.
        champion: Digest of the manifest of the one in use.
        challenger: Of the other.
        champion_probability: That its pixels are by an AI, 0 to 1.
        challenger_probability: Likewise.
        champion_verdict: What its pixels alone are called.
        challenger_verdict: Likewise.
        partial: The challenger was in doubt, and there was the first view alone.
    """

    at: datetime
    sha256: str
    champion: str
    challenger: str
    champion_probability: float
    challenger_probability: float
    champion_verdict: Verdict
    challenger_verdict: Verdict
    partial: bool


@dataclass(frozen=True)
class ShadowAnswers:
    """The answers in a folder of Parquet files.

    Attributes:
        folder: Need not exist.
    """

    folder: Path

    def write(self, answers: Collection[ShadowAnswer]) -> None:
        """Keep answers, all or none."""
        if answers:
            rows = [asdict(one) for one in answers]
            buffer = io.BytesIO()
            pq.write_table(pa.Table.from_pylist(rows, SCHEMA), buffer)
            self.folder.mkdir(parents=True, exist_ok=True)
            write_whole(self.folder / f"{uuid4().hex}.parquet", buffer.getvalue())

    def __iter__(self) -> Iterator[ShadowAnswer]:
        """All answers."""
        for file in sorted(self.folder.glob("*.parquet")):
            with suppress(FileNotFoundError):  # another process may be rewriting it
                yield from _read(file)

    def forget(self, digests: Collection[str]) -> None:
        """Delete the answers about images, by the hex digests of their files."""
        for file in sorted(self.folder.glob("*.parquet")):
            answers = _read(file)
            kept = [one for one in answers if one.sha256 not in digests]
            if len(kept) < len(answers):
                self.write(kept)
                file.unlink(missing_ok=True)


def _read(file: Path) -> list[ShadowAnswer]:
    rows = pq.read_table(io.BytesIO(file.read_bytes()), schema=SCHEMA).to_pylist()
    for row in rows:
        for name in ("champion_verdict", "challenger_verdict"):
            row[name] = Verdict(row[name])
    return [ShadowAnswer(**row) for row in rows]
