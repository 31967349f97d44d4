"""A gallery in a folder: the ledger, and a snapshot made from it that is searched.

    FOLDER/ledger.sqlite3     creators, consent, works, vectors: the truth
    FOLDER/snapshots/NAME/    vectors and hashes laid out for search; never changed

The ledger names the snapshot that counts, so that one transaction moves from one to the next.
"""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, delete, func, select

from similarity.errors import BrokenIndex, IndexBusy
from similarity.gallery.gallery import Identity, Measure
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger import state as facts
from similarity.gallery.ledger.base import RecordedGallery
from similarity.gallery.ledger.engines import rewrite, sqlite_engine
from similarity.gallery.ledger.ledger import Clock, not_found, utc_now
from similarity.gallery.ledger.tables import GONE
from similarity.gallery.ledger.vectors import read_spaces, work_ids
from similarity.gallery.state import Layers, follow
from similarity.vectors.base import Neighbours
from similarity.vectors.snapshot import write_snapshot

LEDGER = "ledger.sqlite3"
SNAPSHOTS = "snapshots"

LAG = 1.0
"""Seconds after which a search looks for what other processes have changed."""

PATIENCE = 5.0
"""Seconds that a change waits for another process."""

DELTA = 25_000
"""Works beside the snapshot beyond which a new one is made; or half of it, if that is more."""


class DiskGallery(RecordedGallery):
    """Implements `similarity.gallery.gallery.Gallery`; may be open in many processes.

    What one process changes, the others search after `LAG` seconds. A withdrawn creator is gone
    from all files when `withdraw` returns, and from the memory of another process at its first
    search that comes more than `LAG` seconds after its last look. Single works that are removed
    are found no more, and leave the files at the next compaction or withdrawal.

    Changes exclude each other, and a compaction is one: of 100,000 works it takes the better part
    of a minute. Searches never wait.
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        identity: Identity,
        ledger: Ledger,
        *,
        lag: float,
        delta: int,
    ) -> None:
        """See `open`."""
        super().__init__(ledger)
        self._place = str(folder)
        self._engine = engine
        self._snapshots = folder / SNAPSHOTS
        self._identity = identity
        self._lag = lag
        self._delta = delta
        # A new object at every change of our own; `_seen` is the last that is searched.
        self._change = self._seen = object()
        self._refreshing = threading.Lock()
        try:
            self._layers = self._followed(None)
        except BrokenIndex:
            self._mend()
            self._layers = self._followed(None)
        self._looked = time.monotonic()
        with suppress(IndexBusy):  # Then the other process does it, or the next one.
            self._erase()

    @classmethod
    def open(
        cls,
        folder: Path,
        identity: Identity,
        measure: Measure,
        *,
        create: bool = False,
        lag: float = LAG,
        delta: int = DELTA,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
    ) -> "DiskGallery":
        """Open a gallery; a damaged snapshot is made anew from the ledger.

        Args:
            folder: Where it lies.
            identity: What descriptions are made with.
            measure: How a creator's works stand out.
            create: Whether to make one if there is none.
            lag: Seconds after which a search looks for changes of other processes.
            delta: Works beside the snapshot beyond which a new one is made.
            patience: Seconds that a change waits for another process.
            clock: The time, with a zone.

        Raises:
            IndexNotFound: There is none.
            IndexDiffers: It was made with another encoder or other heads.
            IndexBusy: Another process is making it.
            BrokenIndex: The ledger cannot be read, or the folder not be made.
        """
        path = folder / LEDGER
        if create:
            with _written(folder):
                folder.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise not_found(str(folder))
        engine = sqlite_engine(path, patience=patience)
        ledger = Ledger(engine, identity, measure, place=str(folder), clock=clock)
        try:
            if create:
                ledger.create()
            ledger.check()
            return cls(folder, engine, identity, ledger, lag=lag, delta=delta)
        except BaseException:
            ledger.close()
            raise

    @property
    def name(self) -> str:
        """Names the state that is searched now."""
        return self._current().facts.name

    def compact(self) -> None:
        """Make a snapshot of all works, and delete the one before.

        Raises:
            IndexBusy: Another process is changing the index.
        """
        with self._ledger.writing() as connection:
            self._write(connection)
        self._has_changed()
        self._sweep()

    def _has_changed(self) -> None:
        self._change = object()

    def refresh(self, *, wait: bool = True) -> None:
        """Search what is in the ledger now; searches that are under way go on undisturbed.

        Args:
            wait: Whether to wait for a thread that does it already.
        """
        if not self._refreshing.acquire(blocking=wait):
            return
        try:
            change = self._change
            self._layers = self._followed(self._layers)
            self._seen = change
            self._looked = time.monotonic()
        finally:
            self._refreshing.release()

    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The works nearest in style; see `Gallery`."""
        return self._current().indices["style"].search(queries, k)

    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The regions of works nearest in content; see `Gallery`."""
        return self._current().indices["copy"].search(queries, k)

    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        """The works nearest by hash; see `Gallery`."""
        return self._current().indices["hash"].search(queries, k)

    def _current(self) -> Layers:
        if self._seen is not self._change:
            self.refresh()
        elif time.monotonic() - self._looked > self._lag:
            self.refresh(wait=False)
        return self._layers

    def _followed(self, before: Layers | None) -> Layers:
        while True:
            with self._ledger.reading() as connection:
                now = facts.read(connection)
                try:
                    return follow(connection, now, self._identity, self._snapshots, before)
                except BrokenIndex as found:
                    error = found
            with self._ledger.reading() as connection:
                if facts.read(connection).snapshot == now.snapshot:
                    raise error
            # Another process has compacted, and deleted the snapshot under our hands.

    def _mend(self) -> None:
        with self._ledger.writing() as connection:
            # One of that name would be taken for whole.
            broken = self._snapshots / (facts.read(connection).snapshot or "none")
            shutil.rmtree(broken, ignore_errors=True)
            self._write(connection)

    def _lay_out_when_due(self) -> None:
        with self._ledger.reading() as connection:
            upto = facts.read(connection).upto
            newer = len(work_ids(connection, after=upto))
        if newer > max(self._delta, upto // 2):
            self.compact()

    def _write(self, connection: Connection) -> None:
        """Write a snapshot of what the ledger holds, which nobody else is changing."""
        ids = work_ids(connection)
        name, upto = "", 0
        if len(ids):
            spaces = read_spaces(connection, self._identity)
            with _written(self._snapshots):
                name = write_snapshot(self._snapshots, self._identity, spaces).name
            upto = int(ids[-1])
        connection.execute(delete(GONE))
        facts.change(connection, snapshot=name, upto=upto)

    def _sweep(self) -> None:
        """Delete all snapshots but the one that counts; who has one open keeps it open."""
        # Nobody writes one meanwhile.
        with self._ledger.writing() as connection:
            name = facts.read(connection).snapshot
            if self._snapshots.exists():
                for folder in self._snapshots.iterdir():
                    if folder.is_dir() and folder.name != name:
                        with _written(folder):
                            shutil.rmtree(folder)

    def _erase(self) -> None:
        with self._ledger.reading() as connection:
            unclean = facts.read(connection).unclean
            tombstones = connection.scalar(select(func.count()).select_from(GONE))
        if not unclean:
            return
        if tombstones:
            self.compact()
        else:
            self._sweep()
        rewrite(self._engine, self._place)
        with self._ledger.writing() as connection:
            if facts.read(connection).unclean == unclean:
                facts.change(connection, unclean=0)


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Turn errors of the disk into ours.

    Raises:
        BrokenIndex: It is full, or does not let us.
    """
    try:
        yield
    except OSError as error:
        raise BrokenIndex(f"{path} cannot be written: {error.strerror}") from error
