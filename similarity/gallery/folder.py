"""A gallery in a folder: the ledger, and a snapshot made from it that is searched.

    FOLDER/ledger.sqlite3     creators, consent, works, vectors: the truth
    FOLDER/snapshots/NAME/    vectors and hashes laid out for search; never changed
    FOLDER/generations/       others, described by other heads: `similarity.gallery.generations`

The ledger names the snapshot that counts, so that one transaction moves from one to the next.
"""

import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, select

from databases.engines import PATIENCE, sqlite_database, sqlite_reader
from similarity.errors import BrokenIndex, CreatorNotFound, IndexBusy
from similarity.gallery.creators import Creator, Enrolment, EnrolmentResult
from similarity.gallery.folder_state import FolderState, Layers, follow, read_difference
from similarity.gallery.gallery import Identity, Measure, NewWork
from similarity.gallery.generations import (
    LEDGER,
    SNAPSHOTS,
    generations,
    in_use,
    unfinished,
)
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.failures import rewrite
from similarity.gallery.ledger.ledger import Clock, identity_of, not_found, utc_now
from similarity.gallery.ledger.state import LedgerState, change_state, read_state
from similarity.gallery.ledger.tables import GONE
from similarity.gallery.ledger.vectors import read_spaces, work_ids
from similarity.gallery.recorded import RecordedGallery
from similarity.vectors.folders import HIDDEN, being_written, clear_leftovers
from similarity.vectors.snapshot import write_snapshot

LAG = 1.0
"""Seconds after which a search looks for what other processes have changed."""

DELTA, SHARE = 25_000, 64
"""Works beside the snapshot beyond which a new one is made; or one for so many in it, if more.

They are in memory, and all compared with every upload.
"""

ATTEMPTS = 3
"""How often a snapshot is begun anew because works were taken out; then nobody may change any."""


@dataclass(frozen=True)
class Made:
    """A snapshot that was written.

    Attributes:
        before: The state of the ledger that it holds.
        name: Of it; empty where there was no work.
        upto: Highest id of a work in it.
    """

    before: LedgerState
    name: str
    upto: int


class DiskGallery(RecordedGallery):
    """Implements `similarity.gallery.gallery.Gallery`; may be open in many processes.

    What one process changes, the others search after `LAG` seconds. A withdrawn creator is gone
    from all files when `withdraw` returns, and from the memory of another process at its first
    search that comes more than `LAG` seconds after its last look. Single works that are removed
    are found no more, and leave the files at the next compaction or withdrawal.

    Changes exclude each other, each for some hundredths of a second. A compaction is none: it reads
    what the ledger holds when it begins, and only the step to its snapshot is a change. What others
    enrol meanwhile stays beside that; if they take works out, it begins anew. Searches never wait.
    """

    def __init__(
        self,
        folder: Path,
        ledger: Ledger,
        measure: Measure | None,
        *,
        lag: float,
        delta: int,
        index: Path | None,
    ) -> None:
        """See `open`; `index` is the folder whose other generations follow, None for none."""
        super().__init__(ledger, measure)
        self._index = index
        self._place = folder
        self._read_only = ledger.database.read_only
        self._snapshots = folder / SNAPSHOTS
        self._lag = lag
        self._delta = delta
        # A new object at every change of our own; `_seen` is the last that is searched.
        self._change = self._seen = object()
        self._refreshing = threading.Lock()
        self._looked = time.monotonic()
        if not self._read_only:
            with suppress(IndexBusy):  # Then the other process does it, or the next one.
                self._erase()
                self._sweep_when_left()
        self._layers = self._opened()

    @classmethod
    def open(
        cls,
        folder: Path,
        identity: Identity,
        measure: Measure | None = None,
        *,
        create: bool = False,
        read_only: bool = False,
        lag: float = LAG,
        delta: int = DELTA,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
        generation: Path | None = None,
    ) -> "DiskGallery":
        """Open a gallery; a damaged snapshot is made anew from the ledger.

        Args:
            folder: Where it lies.
            identity: What descriptions are made with.
            measure: How a creator's works stand out; None leaves that to whoever can measure it.
            create: Whether to make one if there is none.
            read_only: Whether to write nothing at all: a damaged snapshot is told, not mended.
            lag: Seconds after which a search looks for changes of other processes.
            delta: Works beside the snapshot beyond which a new one is made.
            patience: Seconds that a change waits for another process.
            clock: The time, with a zone.
            generation: The folder of a generation that is not in use; None for the one that is.

        Raises:
            IndexNotFound: There is none.
            IndexOutdated: Its tables are of another revision.
            IndexDiffers: It was made with another encoder or other heads.
            IndexBusy: Another process is making it.
            BrokenIndex: It cannot be read, or the folder not be made.
        """
        place = generation or in_use(folder)
        path = place / LEDGER
        if create and not read_only:
            with _writing(place):
                place.mkdir(parents=True, exist_ok=True)
        elif not path.exists():
            raise not_found(str(folder))
        opening = sqlite_reader if read_only else sqlite_database
        ledger = Ledger(opening(path, patience=patience), identity, clock=clock)
        try:
            if create and not read_only:
                ledger.create()
            ledger.check()
            index = folder if generation is None else None
            return cls(place, ledger, measure, lag=lag, delta=delta, index=index)
        except BaseException:
            ledger.close()
            raise

    def state(self, *, newest: bool = False) -> FolderState:
        """The state that is searched now; see `Gallery`."""
        if newest or self._seen is not self._change:
            self.refresh()
        elif time.monotonic() - self._looked > self._lag:
            self.refresh(wait=False)
        return self._layers.state

    def enrol(self, enrolment: Enrolment, works: Sequence[NewWork]) -> EnrolmentResult:
        """Enrol a creator, or add to one; see `Gallery`.

        Raises:
            IndexBusy: Also where the index has gone on with other heads since it was opened.
        """
        result = super().enrol(enrolment, works)
        if self._index is not None and in_use(self._index) != self._place:
            raise IndexBusy(
                f"the index {self._index} has gone on with other heads: open it anew, and enrol"
                " again"
            )
        return result

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        """Remove single works, of all generations; see `Gallery`."""
        mine = self.state(newest=True).works_of(creator)
        gone = {one.sha256 for one in mine if {one.name, one.sha256} & set(works)}
        left = super().remove(creator, works)
        for other in self._others():
            with suppress(CreatorNotFound):
                there = {work.sha256 for work in other.state().works_of(creator)}
                other.remove(creator, sorted(gone & there))
        return left

    def withdraw(self, creator: str) -> int:
        """Remove a creator with all works, of all generations; see `Gallery`."""
        found = []
        with suppress(CreatorNotFound):
            found.append(super().withdraw(creator))
        for other in self._others():
            with suppress(CreatorNotFound):
                found.append(other.withdraw(creator))
        if not found:
            self.state(newest=True).creator(creator)
        return max(found)

    def _others(self) -> Iterator["DiskGallery"]:
        """All generations of the index but this one, in use or not, open for changes."""
        if self._index is None or self._read_only:
            return
        for place in generations(self._index):
            if place != self._place:
                identity = identity_of(sqlite_reader(place / LEDGER, patience=PATIENCE))
                gallery = DiskGallery.open(place, identity, generation=place)
                with closing(gallery):
                    yield gallery
        for place in unfinished(self._index):
            shutil.rmtree(place, ignore_errors=True)

    def compact(self) -> None:
        """Make a snapshot of all works, and delete the one before.

        Raises:
            IndexBusy: Another process is changing the index, or makes a snapshot.
            IndexReadOnly: It was opened for reading.
        """
        self._ledger.require_writable()
        if not any(self._compacted() for _ in range(ATTEMPTS)):
            with self._ledger.writing() as connection:
                self._count_on(connection, self._written(connection))
        self._has_changed()
        self._sweep()

    def _compacted(self) -> bool:
        """Make a snapshot while others change the ledger; whether it can be searched."""
        made = self._ledger.read(self._written)
        with self._ledger.writing() as connection:
            now = read_state(connection)
            if now.removed > made.before.sequence:
                return False
            # Another process may have gone on to one of its own, and swept ours away.
            if now.snapshot == made.before.snapshot:
                if made.name and not (self._snapshots / made.name).exists():
                    return False
                self._count_on(connection, made)
        return True

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

    def _opened(self) -> Layers:
        try:
            return self._followed(None)
        except BrokenIndex as error:
            if self._read_only:
                raise BrokenIndex(
                    f"{error}: it is made anew when the index is opened for a change next"
                ) from error
            self._mend()
            return self._followed(None)

    def _followed(self, before: Layers | None) -> Layers:
        while True:
            found = self._ledger.read(
                lambda connection: read_difference(connection, self._ledger.identity, before)
            )
            if isinstance(found, Layers):
                return found
            try:
                return follow(self._ledger, self._snapshots, before, found)
            except BrokenIndex:
                if self._ledger.state().snapshot == found.records.state.snapshot:
                    raise
            # Another process has compacted, and deleted the snapshot under our hands.

    def _mend(self) -> None:
        with self._ledger.writing() as connection:
            # One of that name would be taken for whole.
            broken = self._snapshots / (read_state(connection).snapshot or "none")
            shutil.rmtree(broken, ignore_errors=True)
            self._count_on(connection, self._written(connection))

    def _lay_out_when_due(self) -> None:
        if being_written(self._snapshots):
            return

        def newer(connection: Connection) -> tuple[int, int]:
            upto = read_state(connection).upto
            return upto, len(work_ids(connection, after=upto))

        upto, count = self._ledger.read(newer)
        if count > max(self._delta, upto // SHARE):
            self.compact()
            self._erase()  # What a withdrawal meanwhile could not clear away.

    def _written(self, connection: Connection) -> Made:
        """Write a snapshot of what the ledger holds in a transaction."""
        before, ids, name = read_state(connection), work_ids(connection), ""
        if len(ids):
            spaces = read_spaces(connection, self._ledger.identity)
            with _writing(self._snapshots):
                name = write_snapshot(self._snapshots, self._ledger.identity, spaces).name
        return Made(before, name, int(ids[-1]) if len(ids) else 0)

    def _count_on(self, connection: Connection, made: Made) -> None:
        """Search a snapshot from now on: nothing was taken out since it was begun."""
        connection.execute(delete(GONE))
        change_state(connection, snapshot=made.name, upto=made.upto)

    def _sweep(self) -> None:
        """Delete all snapshots but the one that counts; who has one open keeps it open."""
        if not self._snapshots.exists():
            return
        # Nobody goes on to another meanwhile.
        with self._ledger.writing() as connection:
            name = read_state(connection).snapshot
            for folder in self._snapshots.iterdir():
                if folder.is_dir() and folder.name != name and not folder.name.startswith(HIDDEN):
                    with _writing(folder):
                        shutil.rmtree(folder)
        with _writing(self._snapshots):
            clear_leftovers(self._snapshots)

    def _sweep_when_left(self) -> None:
        """Delete what a process that was killed while it compacted has left."""
        name = self._ledger.state().snapshot
        # What is hidden may be being written.
        if any(
            folder.is_dir() and folder.name != name and not folder.name.startswith(HIDDEN)
            for folder in self._snapshots.glob("*")
        ):
            self._sweep()

    def _erase(self) -> None:
        unclean = self._ledger.state().unclean
        if not unclean:
            return
        if self._ledger.read(lambda found: found.scalar(select(func.count()).select_from(GONE))):
            self.compact()
        rewrite(self._ledger.database)
        # Not before: whoever still made a snapshot of what was there has ended now.
        self._sweep()
        self._ledger.cleaned(unclean)


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn errors of the disk into ours.

    Raises:
        BrokenIndex: It is full, or does not let us.
    """
    try:
        yield
    except OSError as error:
        raise BrokenIndex(f"{path} cannot be written: {error.strerror}") from error
