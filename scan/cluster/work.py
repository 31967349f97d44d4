"""What machines of a cluster do: some read files and archives, some judge images.

Neither knows the journal, nor writes anywhere. Whatever is lost with a machine is done again by
another: to read and to judge twice gives the same rows.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import RakkanError
from imaging import DecodedImage, Limits
from models import Precision
from models.encoder.devices import CPU
from scan.cluster.rows import Read, Seen, read_table, reads, seen_table
from scan.engine import small_copy
from scan.errors import ClusterError
from scan.fetching import visited
from scan.identity import identity
from scan.records import Visit
from serving.judge import Judge
from serving.settings import Settings
from serving.sources.item import File
from serving.sources.source import Source
from serving.stream import Fetched, Judged, judge_stream

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 16
"""Items that are sent at once by who reads them."""

BYTES_AT_ONCE = 16 << 20
"""Bytes from which on fewer are sent."""


@dataclass(frozen=True)
class Portion:
    """Files that one task reads.

    Attributes:
        files: One archive, or some files.
        done: Paths and sizes of members that earlier runs did.
    """

    files: tuple[File, ...]
    done: frozenset[tuple[str, int | None]] = frozenset()


class Reader:
    """Reads portions.

    Args:
        source: What of them is wanted.
        limits: Bounds on what is read of one image.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._limits = limits

    def __call__(self, batch: Mapping[str, Iterable[Portion]]) -> "Iterator[pa.Table]":
        """The items of the portions of a batch, some at a time."""
        rows: list[Read] = []
        length = 0
        try:
            for row in self._rows(batch["item"]):
                rows.append(row)
                length += len(row.data or b"")
                if len(rows) >= AT_ONCE or length >= BYTES_AT_ONCE:
                    yield read_table(rows)
                    rows, length = [], 0
            yield read_table(rows)
        except RakkanError as error:
            yield read_table(failure=error)

    def _rows(self, portions: Iterable[Portion]) -> Iterator[Read]:
        for portion in portions:
            for file in portion.files:
                for item in self._source.within(file, self._limits):
                    if (item.path, item.size) in portion.done:
                        yield Read(Visit(item.path, item.size, item.stamp), known=True)
                    else:
                        data, visit = visited(item)
                        yield Read(visit, data)


@dataclass(frozen=True)
class Task:
    """What a machine needs to judge as the one that began the scan would.

    Attributes:
        opening: Opens the judge; runs on each machine.
        source: What is scanned.
        account: Whose uploads they are.
        identity: What the rows depend on.
    """

    opening: Callable[[], Judge]
    source: Source
    account: str | None
    identity: Mapping[str, str]

    def open(self) -> Judge:
        """Open the judge here.

        Raises:
            ClusterError: It is not the one that began the scan.
            RakkanError: It cannot be opened.
        """
        judge = self.opening().at_one_state()
        for name, value in identity(self.source, judge, self.account).items():
            if self.identity[name] != value:
                raise ClusterError(
                    f"a machine of the cluster has the {name} {value}, not"
                    f" {self.identity[name]}: install and fetch the same on each"
                )
        return judge


def open_alike(opening: Callable[..., Judge], precision: str) -> Judge:
    """Open a judge in the precision of another one, by what the settings of this machine say.

    It computes on the CPU, with one thread: who shares a GPU out would be the cluster.

    Args:
        opening: `serving.opening.open_judge`, given all but settings and threads.
        precision: That of the other one. Left alone, each kind of CPU takes its fastest.
    """
    here = {"precision": Precision(precision), "device": CPU}
    settings = Settings.of().model_copy(update=here)
    return opening(settings, threads=1)


class Worker:
    """Judges what was read; opens its judge once.

    Args:
        task: What is to be done.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        # Told when the first images come: an error in here would be tried again without end.
        self._judge: Judge | RakkanError
        try:
            self._judge = task.open()
        except RakkanError as error:
            self._judge = error

    def __call__(self, table: "pa.Table") -> "pa.Table":
        """Judge the rows of a table."""
        if isinstance(self._judge, RakkanError):
            return seen_table(failure=self._judge)
        try:
            return seen_table(self._seen(self._judge, reads(table)))
        except RakkanError as error:  # works were taken out of the index, or nothing could be read
            return seen_table(failure=error)

    def _seen(self, judge: Judge, rows: list[Read]) -> Iterator[Seen]:
        small: dict[str, bytes] = {}

        def look(image: DecodedImage) -> None:
            small[image.sha256] = small_copy(image)

        def fetch(row: Read) -> Fetched[Read]:
            return row.data, row

        batches = judge_stream(judge, rows, fetch, look=look, account=self._task.account, workers=1)
        for batch in batches:
            for one in batch:
                read = one.payload
                judged = Judged(read.visit, one.judgement, one.error)
                yield Seen(judged, small.get(read.visit.sha256 or ""), read.known)
