"""A gallery in a PostgreSQL database with pgvector, for more than one machine.

The ledger's tables, and beside them the vectors and hashes once more, in columns that the database
can search. Needs the extra `postgres`.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
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
from sqlalchemy.exc import DBAPIError

from core.errors import MissingExtra
from similarity.description import HASH_BYTES, USABLE_QUALITY
from similarity.errors import BrokenIndex, IndexBusy
from similarity.gallery.gallery import Identity, Measure
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger import state as facts
from similarity.gallery.ledger.base import RecordedGallery
from similarity.gallery.ledger.codec import HALF, PackedWork
from similarity.gallery.ledger.engines import postgres_engine, told
from similarity.gallery.ledger.ledger import Clock, utc_now
from similarity.gallery.ledger.tables import METADATA, WORKS
from similarity.gallery.ledger.vectors import region_ids
from similarity.vectors.base import Neighbours

try:
    import psycopg  # noqa: F401 - the driver that SQLAlchemy loads by its name
    from pgvector.sqlalchemy import BIT, HALFVEC

    from similarity.vectors.pgvector import PgVectorIndex
except ImportError as error:
    raise MissingExtra(
        "an index on PostgreSQL needs psycopg and pgvector: pip install 'rakkan[postgres]'"
    ) from error

PATIENCE = 5.0
"""Seconds that a change waits for another process."""

GRAPH = 20_000
"""Works from which on a graph finds neighbours; below, all are compared."""


class VectorTables:
    """Vectors and hashes in columns that can be searched, one table for each index.

    Attributes:
        by_space: `style`, `copy`, `hash` -> table with the columns `id`, `work_id` and `row`.
    """

    def __init__(self, identity: Identity) -> None:
        """Tables for vectors of the lengths of an identity."""
        self._identity = identity
        self._metadata = MetaData()
        kinds = {
            "style": HALFVEC(identity.style),
            "copy": HALFVEC(identity.copy),
            "hash": BIT(8 * HASH_BYTES),
        }
        self.by_space = {space: self._table(space, kind) for space, kind in kinds.items()}

    def create(self, connection: Connection) -> None:
        """Make the tables; see `similarity.gallery.ledger.ledger.Beside`.

        Raises:
            BrokenIndex: The database has no pgvector.
        """
        try:
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS vector"))
        except DBAPIError as error:
            raise BrokenIndex(
                f"the database needs the extension pgvector: {' '.join(str(error.orig).split())}"
            ) from error
        self._metadata.create_all(connection)

    def add(self, connection: Connection, ids: Sequence[int], works: Sequence[PackedWork]) -> None:
        """Follow new works; see `similarity.gallery.ledger.ledger.Beside`."""
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
        work = ForeignKey(WORKS.c.id, ondelete="CASCADE")
        return Table(
            f"{space}_rows",
            self._metadata,
            Column("id", BigInteger, primary_key=True, autoincrement=False),
            Column("work_id", BigInteger, work, nullable=False, index=True),
            Column("row", kind, nullable=False),
        )


class PostgresGallery(RecordedGallery):
    """Implements `similarity.gallery.gallery.Gallery`; what one process changes, all others find.

    A withdrawn creator is found no more when the transaction of `withdraw` ends. When it returns,
    an index of up to `GRAPH` works has been written anew, and the files of its tables hold nothing
    of theirs; in a larger one VACUUM has freed the space, and the last bytes go as new rows are
    written there, or with a `VACUUM FULL` when the operator chooses. What PostgreSQL keeps beside
    its tables (its log of writes, backups, replicas) goes by their own retention.
    """

    def __init__(
        self, engine: Engine, ledger: Ledger, tables: VectorTables, place: str, *, graph: int
    ) -> None:
        """See `open`."""
        super().__init__(ledger)
        self._graph = graph
        self._engine = engine
        self._tables = tables
        self._place = place
        self._indices = {
            space: PgVectorIndex(engine, table.c.id, table.c.row)
            for space, table in tables.by_space.items()
        }
        self._graphs = False
        with suppress(IndexBusy):  # Then the other process does it, or the next one.
            self._erase()

    @classmethod
    def open(
        cls,
        address: str,
        identity: Identity,
        measure: Measure,
        *,
        create: bool = False,
        graph: int = GRAPH,
        patience: float = PATIENCE,
        clock: Clock = utc_now,
    ) -> "PostgresGallery":
        """Open a gallery.

        Args:
            address: Of the database: `postgresql://user:password@host/database`.
            identity: What descriptions are made with.
            measure: How a creator's works stand out.
            create: Whether to make the tables if there are none.
            graph: Works from which on a graph finds neighbours.
            patience: Seconds that a change waits for another process.
            clock: The time, with a zone.

        Raises:
            IndexNotFound: The database has none, or cannot be reached.
            IndexDiffers: It was made with another encoder or other heads.
            IndexBusy: Another process is making it.
            BrokenIndex: It cannot be read.
        """
        engine, place = postgres_engine(address, patience=patience)
        tables = VectorTables(identity)
        ledger = Ledger(engine, identity, measure, place=place, clock=clock, beside=tables)
        try:
            if create:
                ledger.create()
            ledger.check()
            return cls(engine, ledger, tables, place, graph=graph)
        except BaseException:
            ledger.close()
            raise

    @property
    def name(self) -> str:
        """Names the state that is searched now."""
        with self._ledger.reading() as connection:
            return facts.read(connection).name

    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The works nearest in style; see `Gallery`."""
        return self._search("style", queries, k)

    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The regions of works nearest in content; see `Gallery`."""
        return self._search("copy", queries, k)

    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        """The works nearest by hash; see `Gallery`."""
        return self._search("hash", queries, k)

    def _search(
        self, space: str, queries: NDArray[np.float32] | NDArray[np.uint8], k: int
    ) -> Neighbours:
        with told(self._place):
            return self._indices[space].search(queries, k)

    def _lay_out_when_due(self) -> None:
        if self._graphs:
            return
        with self._ledger.reading() as connection:
            many = _has_more_than(connection, self._graph)
        if many:
            with told(self._place):
                for index in self._indices.values():
                    index.build()
            self._graphs = True

    def _erase(self) -> None:
        with self._ledger.reading() as connection:
            unclean = facts.read(connection).unclean
            many = _has_more_than(connection, self._graph)
        if not unclean:
            return
        tables = [*METADATA.sorted_tables, *self._tables.by_space.values()]
        # What was deleted lies in the free part of a page until something else is written there.
        # FULL writes the pages anew, but nobody can search meanwhile.
        how = "VACUUM" if many else "VACUUM (FULL)"
        autocommit = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with told(self._place), autocommit.connect() as connection:
            connection.execute(text(f"{how} {', '.join(table.name for table in tables)}"))
        with self._ledger.writing() as connection:
            if facts.read(connection).unclean == unclean:
                facts.change(connection, unclean=0)


def _has_more_than(connection: Connection, works: int) -> bool:
    return connection.execute(select(WORKS.c.id).offset(works).limit(1)).first() is not None
