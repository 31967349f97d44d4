"""An index on PostgreSQL with pgvector, for several machines, held to the same results.

Vectors are `halfvec` columns, hashes `bit` columns; the table may have others beside. Until `build`
is called, every row is compared, which is exact. Then a graph (HNSW) finds candidates, which are
compared exactly.

Graph: Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using
Hierarchical Navigable Small World graphs", 2016 - https://arxiv.org/abs/1603.09320
"""

from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from pgvector.sqlalchemy import BIT, HALFVEC, VECTOR
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from similarity.vectors.base import Neighbours, Rows, check, check_search, nothing_found

SPARE = 20
"""Candidates compared exactly beyond those wanted: a halfvec rounds, and the order with it."""

EFFORT, MOST_EFFORT = 400, 1000
"""Size of the list of candidates in a search of the graph: at least, and pgvector's limit."""

_ADDED_AT_ONCE = 1_000


class PgVectorIndex:
    """Rows in two columns of a table, of which others may be changing at the same time.

    A search sees the rows that were committed when it began.
    """

    def __init__(self, engine: sa.Engine, ids: sa.Column[int], rows: sa.Column[Any]) -> None:
        """Search a table.

        Args:
            engine: Of a database where the extension `vector` is installed.
            ids: Column of unique ids, BIGINT.
            rows: Column of the rows: HALFVEC(D), or BIT(8 B) for hashes. NULLs are passed over.

        Raises:
            ValueError: The columns have other types.
        """
        self._engine, self._ids, self._rows = engine, ids, rows
        self._kind: type[np.generic]
        match rows.type:
            case HALFVEC(dim=int(width)):
                self._kind, self.width = np.float32, width
            case BIT(impl=postgresql.BIT(length=int(bits))):
                self._kind, self.width = np.uint8, bits // 8
            case other:
                raise ValueError(f"no index over a column of type {other}")
        self._there = sa.true() if not rows.nullable else rows.is_not(None)

    def __len__(self) -> int:
        with self._engine.connect() as connection:
            query = sa.select(sa.func.count()).select_from(self._ids.table).where(self._there)
            return int(connection.execute(query).scalar_one())

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest rows of every query; see `VectorIndex`."""
        with self._engine.begin() as connection:
            return self.search_within(connection, queries, k)

    def search_within(
        self, connection: sa.Connection, queries: Rows, k: int, upto: int | None = None
    ) -> Neighbours:
        """Search as a part of a transaction.

        Args:
            connection: In it.
            queries: As of `search`.
            k: As of `search`.
            upto: Rows with ids above this one are left out; None leaves out none.
        """
        check_search(queries, self._kind, self.width, k)
        found = nothing_found(len(queries), k)
        candidates = k + SPARE
        effort = min(max(EFFORT, 2 * candidates), MOST_EFFORT)
        # For this transaction only. Iterative: where more is wanted than the effort gives, or
        # what the graph gives is deleted, it goes on.
        for name, value in (("ef_search", str(effort)), ("iterative_scan", "relaxed_order")):
            connection.execute(sa.select(sa.func.set_config(f"hnsw.{name}", value, True)))
        where = self._there if upto is None else self._there & (self._ids <= upto)
        for query, ids, scores in zip(queries, found.ids, found.scores, strict=True):
            nearest = connection.execute(self._nearest(query, candidates, k, where)).all()
            ids[: len(nearest)] = [row.id for row in nearest]
            scores[: len(nearest)] = [-row.distance for row in nearest]
        return found

    def rows(self, ids: NDArray[np.int64]) -> Rows:
        """The rows themselves, in the order of the ids; see `VectorIndex`."""
        with self._engine.connect() as connection:
            query = sa.select(self._ids, self._rows).where(self._among(ids), self._there)
            found = {row[0]: row[1] for row in connection.execute(query)}
        out = np.empty((len(ids), self.width), self._kind)
        for number, one in enumerate(ids.tolist()):
            if one not in found:
                raise KeyError(f"no row has the id {one}")
            out[number] = self._from_database(found[one])
        return out

    def contains(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which of the ids are there: bool [n]."""
        with self._engine.connect() as connection:
            query = sa.select(self._ids).where(self._among(ids), self._there)
            found = connection.execute(query).scalars().all()
        return np.isin(ids, np.array(found, np.int64))

    def add(self, ids: NDArray[np.int64], rows: Rows) -> None:
        """Add rows of new ids, to a table without other columns; see `MutableVectorIndex`."""
        check(rows, self._kind, self.width)
        if len(ids) != len(rows):
            raise ValueError(f"{len(ids)} ids for {len(rows)} rows")
        try:
            with self._engine.begin() as connection:
                for start in range(0, len(ids), _ADDED_AT_ONCE):
                    part = slice(start, start + _ADDED_AT_ONCE)
                    connection.execute(
                        sa.insert(self._ids.table),
                        [
                            {self._ids.name: one, self._rows.name: self._to_database(row)}
                            for one, row in zip(ids[part].tolist(), rows[part], strict=True)
                        ],
                    )
        except IntegrityError as error:
            raise ValueError("an id is there already, or comes twice") from error

    def remove(self, ids: NDArray[np.int64]) -> None:
        """Remove rows; ids that are not there are passed over."""
        with self._engine.begin() as connection:
            connection.execute(sa.delete(self._ids.table).where(self._among(ids)))

    def build(self, memory: str = "1GB") -> None:
        """Build the graph, if there is none; later rows are added to it by the database.

        Worth it above some 20,000 rows. Searches go on meanwhile, changes wait.

        Args:
            memory: PostgreSQL's `maintenance_work_mem`; faster where the graph fits into it, and a
                million vectors of 256 values take about 1 GB.
        """
        preparer = self._engine.dialect.identifier_preparer
        table, column = self._ids.table, self._rows
        name = preparer.quote(f"{table.name}_{column.name}_nearest")
        operators = "halfvec_ip_ops" if self._kind is np.float32 else "bit_hamming_ops"
        with self._engine.begin() as connection:
            connection.execute(sa.select(sa.func.set_config("maintenance_work_mem", memory, True)))
            where = preparer.format_table(table)
            connection.exec_driver_sql(
                f"CREATE INDEX IF NOT EXISTS {name} ON {where} USING hnsw"
                f" ({preparer.format_column(column)} {operators})"
                " WITH (m = 24, ef_construction = 128)"
            )
            connection.exec_driver_sql(f"ANALYZE {where}")

    def _nearest(
        self, query: NDArray[Any], candidates: int, k: int, where: sa.ColumnElement[bool]
    ) -> sa.Select[Any]:
        """Ids and distances of the k nearest of the candidates."""
        operator = "<~>" if self._kind is np.uint8 else "<#>"
        distance = self._rows.op(operator, return_type=sa.Float)(
            sa.cast(self._to_database(query), self._rows.type)
        )
        likely = (
            sa.select(self._ids.label("id"), self._rows.label("row"), distance.label("distance"))
            .where(where)
            .order_by(distance)
            .limit(candidates)
            .subquery()
        )
        exact: sa.ColumnElement[float] = likely.c.distance
        if self._kind is np.float32:
            # In the precision of the query.
            kind = VECTOR(self.width)
            exact = sa.cast(likely.c.row, kind).op("<#>", return_type=sa.Float)(
                sa.cast(query.tolist(), kind)
            )
        return sa.select(likely.c.id, exact.label("distance")).order_by(exact, likely.c.id).limit(k)

    def _among(self, ids: NDArray[np.int64]) -> sa.ColumnElement[bool]:
        return self._ids == sa.any_(sa.literal(ids.tolist(), sa.ARRAY(sa.BigInteger)))

    def _to_database(self, row: NDArray[Any]) -> Any:
        if self._kind is np.uint8:
            return "".join(map(str, np.unpackbits(row)))
        return row

    def _from_database(self, value: Any) -> Any:
        if self._kind is np.uint8:
            return np.packbits(np.array(list(value), np.uint8))
        return value
