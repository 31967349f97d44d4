"""A gallery in a PostgreSQL database with pgvector, for more than one machine.

The ledger's tables, and beside them the vectors and hashes once more, in columns that the database
can search. Needs the extra `postgres`.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pgvector.sqlalchemy import BIT, HALFVEC
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    ForeignKey,
    MetaData,
    Table,
    insert,
    select,
    text,
)

from databases.engines import PATIENCE, postgres_database
from databases.erasure import holder_of_deleted_rows
from similarity.description import HASH_BYTES, USABLE_QUALITY
from similarity.errors import IndexBusy
from similarity.gallery.gallery import Identity, Measure
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.codec import HALF, PackedWork
from similarity.gallery.ledger.failures import database_errors
from similarity.gallery.ledger.ledger import Clock, utc_now
from similarity.gallery.ledger.state import read_state
from similarity.gallery.ledger.tables import METADATA, PREFIX, WORKS
from similarity.gallery.ledger.vectors import region_ids
from similarity.gallery.recorded import RecordedGallery
from similarity.gallery.state import RecordedState, Records
from similarity.vectors.base import Neighbours
from similarity.vectors.pgvector import PgVectorIndex

ERASURE_PATIENCE = 30.0
"""Seconds that a withdrawal waits for transactions that still see what is withdrawn."""

GRAPH = 20_000
"""Works from which on a graph finds neighbours; below, all are compared."""

CLEARING = "VACUUM (INDEX_CLEANUP ON)"
"""Clears away deleted rows. Where few are dead, a plain VACUUM leaves them in the graph, vectors
and all."""


class VectorTables:
    """Vectors and hashes in columns that can be searched, one table for each index.

    The first migration makes them (`similarity.gallery.ledger.migrations`).

    Attributes:
        by_space: `style`, `copy`, `hash` -> table with the columns `id`, `work_id` and `row`.
    """

    def __init__(self, identity: Identity, metadata: MetaData | None = None) -> None:
        """Tables for vectors of the lengths of an identity.

        Args:
            identity: Of the index.
            metadata: That takes them up; one with the ledger's tables, or a copy of it.
        """
        self._identity = identity
        if metadata is None:
            metadata = MetaData(naming_convention=METADATA.naming_convention)
            for table in METADATA.sorted_tables:
                table.to_metadata(metadata)
        kinds = {
            "style": HALFVEC(identity.style),
            "copy": HALFVEC(identity.copy),
            "hash": BIT(8 * HASH_BYTES),
        }
        self.metadata = metadata
        self.by_space = {space: self._table(space, kind) for space, kind in kinds.items()}

    def add(self, connection: Connection, ids: Sequence[int], works: Sequence[PackedWork]) -> None:
        """Follow new works; see `similarity.gallery.ledger.ledger.SideTables`."""
        rows: dict[str, list[dict[str, Any]]] = {space: [] for space in self.by_space}
        for work_id, work in zip(ids, works, strict=True):
            regions = np.frombuffer(work.copy, HALF).reshape(-1, self._identity.copy)
            numbers = region_ids(np.array([work_id]), len(regions)).tolist()
            style = np.frombuffer(work.style, HALF)
            rows["style"].append({"id": work_id, "work_id": work_id, "row": style})
            rows["copy"] += [
                {"id": number, "work_id": work_id, "row": region}
                for number, region in zip(numbers, regions, strict=True)
            ]
            if work.hash_quality >= USABLE_QUALITY:
                bits = "".join(map(str, np.unpackbits(np.frombuffer(work.hash, np.uint8))))
                rows["hash"].append({"id": work_id, "work_id": work_id, "row": bits})
        for space, some in rows.items():
            if some:
                connection.execute(insert(self.by_space[space]), some)

    def _table(self, space: str, kind: Any) -> Table:
        work = ForeignKey(f"{WORKS.name}.id", ondelete="CASCADE")
        return Table(
            f"{PREFIX}{space}_rows",
            self.metadata,
            Column("id", BigInteger, primary_key=True, autoincrement=False),
            Column("work_id", BigInteger, work, nullable=False, index=True),
            Column("row", kind, nullable=False),
        )


class PostgresState(RecordedState):
    """Implements `similarity.gallery.gallery.State`: every search is a short transaction.

    Within it, what was enrolled later is left out, and that nothing was taken out is seen to.
    """

    def __init__(
        self, ledger: Ledger, records: Records, indices: Mapping[str, PgVectorIndex]
    ) -> None:
        """With what to search, by space."""
        super().__init__(ledger, records)
        self._indices = indices

    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The works nearest in style; see `State`."""
        return self._search("style", queries, k)

    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The regions of works nearest in content; see `State`."""
        return self._search("copy", queries, k)

    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        """The works nearest by hash; see `State`."""
        return self._search("hash", queries, k)

    def _search(
        self, space: str, queries: NDArray[np.float32] | NDArray[np.uint8], k: int
    ) -> Neighbours:
        last = self._records.last
        if space == "copy":
            last = int(region_ids(np.array([last + 1]), 1)[0]) - 1

        def search(connection: Connection) -> Neighbours:
            # The condition costs the planner something: none while there is nothing newer.
            newer = read_state(connection).sequence != self.recorded.sequence
            upto = last if newer else None
            return self._indices[space].search_within(connection, queries, k, upto)

        return self._read(search)


class PostgresGallery(RecordedGallery):
    """Implements `similarity.gallery.gallery.Gallery`; what one process changes, all others find.

    A withdrawn creator is found no more when the transaction of `withdraw` ends. When it returns,
    an index of up to `GRAPH` works has been written anew, and the files of its tables hold nothing
    of theirs. In a larger one the graphs hold nothing of theirs either, but of the tables VACUUM
    has only freed the space: the last bytes go as new rows are written there, or with a `VACUUM
    FULL` when the operator chooses. What PostgreSQL keeps beside its tables (its log of writes,
    backups, replicas) goes by their own retention.

    PostgreSQL clears away no row that a transaction which began earlier may still see, whatever
    table that one reads: a withdrawal waits until all of them have ended.
    """

    def __init__(
        self,
        ledger: Ledger,
        measure: Measure | None,
        tables: VectorTables,
        *,
        graph: int,
        erasure_patience: float,
    ) -> None:
        """See `open`."""
        super().__init__(ledger, measure)
        self._graph = graph
        self._erasure_patience = erasure_patience
        self._tables = tables
        self._indices = {
            space: PgVectorIndex(self._engine, table.c.id, table.c.row)
            for space, table in tables.by_space.items()
        }
        self._graphs = False
        self._state: PostgresState | None = None
        if not ledger.database.read_only:
            with suppress(IndexBusy):  # Then the other process does it, or the next one.
                self._erase()

    @classmethod
    def open(
        cls,
        address: str,
        identity: Identity,
        measure: Measure | None = None,
        *,
        create: bool = False,
        read_only: bool = False,
        graph: int = GRAPH,
        patience: float = PATIENCE,
        erasure_patience: float = ERASURE_PATIENCE,
        clock: Clock = utc_now,
    ) -> "PostgresGallery":
        """Open a gallery.

        Args:
            address: Of the database: `postgresql://user:password@host/database`.
            identity: What descriptions are made with.
            measure: How a creator's works stand out; None leaves that to whoever can measure it.
            create: Whether to make the tables if there are none.
            read_only: Whether to change nothing; a role that may only read is enough.
            graph: Works from which on a graph finds neighbours.
            patience: Seconds that a change waits for another process.
            erasure_patience: Seconds that a withdrawal waits for transactions that still see what
                is withdrawn.
            clock: The time, with a zone.

        Raises:
            BadAddress: That is no address.
            IndexNotFound: The database has none.
            IndexOutdated: Its tables are of another revision.
            IndexDiffers: It was made with another encoder or other heads.
            IndexBusy: Another process is making it.
            BrokenIndex: It cannot be reached or read.
        """
        database = postgres_database(address, patience=patience, read_only=read_only)
        tables = VectorTables(identity)
        ledger = Ledger(database, identity, clock=clock, side_tables=tables)
        try:
            if create and not read_only:
                ledger.create()
            ledger.check()
            return cls(ledger, measure, tables, graph=graph, erasure_patience=erasure_patience)
        except BaseException:
            ledger.close()
            raise

    def state(self, *, newest: bool = False) -> PostgresState:
        """The state that is searched now; see `Gallery`."""
        known = self._state

        def current(connection: Connection) -> PostgresState:
            now = read_state(connection)
            if known is not None and known.recorded.sequence == now.sequence:
                return known
            return PostgresState(self._ledger, Records(connection, now), self._indices)

        self._state = found = self._ledger.read(current)
        return found

    @property
    def _engine(self) -> Engine:
        return self._ledger.database.engine

    def _has_changed(self) -> None:
        self._state = None  # Also where the sequence is the same: standings are derived later.

    def _lay_out_when_due(self) -> None:
        if self._graphs or not self._has_more_than(self._graph):
            return
        with database_errors(self._ledger.place):
            for index in self._indices.values():
                index.build()
        self._graphs = True

    def _erase(self) -> None:
        unclean = self._ledger.state().unclean
        if not unclean:
            return
        # What was deleted lies in the free part of a page until something else is written there.
        # FULL writes the pages anew, but nobody can search meanwhile.
        how = CLEARING if self._has_more_than(self._graph) else "VACUUM (FULL)"
        names = ", ".join(table.name for table in self._tables.metadata.sorted_tables)
        autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with database_errors(self._ledger.place), autocommit.connect() as connection:
            self._wait_for_others(connection)
            connection.execute(text(f"{how} {names}"))
        self._ledger.cleaned(unclean)

    def _wait_for_others(self, connection: Connection) -> None:
        """Wait for all transactions that may still see what is deleted now.

        Raises:
            IndexBusy: One does not end; names it.
        """
        holder = holder_of_deleted_rows(connection, self._erasure_patience)
        if holder is not None:
            raise IndexBusy(f"{holder} may still see them in {self._ledger.place}")

    def _has_more_than(self, works: int) -> bool:
        first = select(WORKS.c.id).offset(works).limit(1)
        return self._ledger.read(lambda connection: connection.scalar(first)) is not None
