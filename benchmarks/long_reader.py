"""What a transaction that reads for long, as a back-up's, costs those who write meanwhile.

    python -m benchmarks.long_reader --database postgresql://user:password@host/database

PostgreSQL keeps every version of a row that an open transaction may still see. Two rows are changed
all the time: the end of the chain, by every act, and each message, when it is claimed and when it
was delivered. Messages are queued and delivered, one after the other, at first while nobody reads
and then beside a reader who does not end. It is told how many pages of the database are looked at
to find the end of the chain, and the next message that is due: no other load changes these.
The database should hold nothing else.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Select, text

from benchmarks.command import Out, run, write
from storage import Event, EventType, Role, Store, open_store
from storage.appending import _HEAD
from storage.outbox import _due
from storage.state import OUTBOX
from storage.tables import DELIVERIES, HEAD

TOGETHER = 1000
"""Messages that are queued in one transaction."""

CLAIMED = 100


def queue(store: Store, messages: int) -> None:
    """Have messages wait."""
    run_id = f"{time.time_ns():x}"
    for first in range(0, messages, TOGETHER):
        with store.transaction() as tx:
            tx.append(*(_message(f"{run_id} {n}") for n in range(first, first + TOGETHER)))


def _message(id_: str) -> Event:
    return Event(
        type=EventType.NOTICE_QUEUED,
        at=datetime.now(UTC),
        actor="benchmark",
        names={Role.RECIPIENT: ("somebody",)},
        data={"message": id_, "topic": "labelled"},
        private={"body": {"to": "somebody"}},
    )


def deliver(store: Store, messages: int) -> None:
    """Deliver messages one by one."""
    left = messages
    while left > 0:
        for message in store.claim(datetime.now(UTC), limit=min(left, CLAIMED)):
            store.delivered(message.id, at=datetime.now(UTC), actor="benchmark")
            left -= 1


def pages(store: Store, question: Select[Any]) -> int:
    """Pages of the database that are looked at for an answer, the second time it is asked."""
    engine = store.database.engine
    asked = question.compile(engine, compile_kwargs={"literal_binds": True})
    with engine.connect() as connection:
        for _ in range(2):
            found = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {asked}")
            plan = found.scalar_one()[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def look(store: Store, when: str) -> dict[str, Any]:
    """What is to be told at a time."""
    soon = datetime.now(UTC) + timedelta(days=1)
    sizes = text("SELECT pg_relation_size(CAST(:table AS regclass))")
    with store.database.engine.connect() as connection:
        taken = [
            connection.execute(sizes, {"table": table.name}).scalar_one() // 1024
            for table in (HEAD, OUTBOX, DELIVERIES)
        ]
    found = {"when": when, "head, pages": pages(store, _HEAD)}
    found["due, pages"] = pages(store, _due(soon).limit(1))
    return found | dict(zip(("head, kB", "outbox, kB", "deliveries, kB"), taken, strict=True))


@contextmanager
def reader(store: Store) -> Iterator[None]:
    """A transaction that sees one state, and does not end."""
    with store.reading() as reading:
        reading.head()
        yield


def main(
    database: Annotated[str, typer.Option("--database", help="Address of the records.")],
    messages: Annotated[int, typer.Option("--messages", min=TOGETHER)] = 10_000,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    store = open_store(database)
    queue(store, 3 * messages)
    vacuum(store)
    rows = [look(store, f"{3 * messages:,} messages wait")]
    deliver(store, messages)
    rows.append(look(store, f"{messages:,} were delivered"))
    with reader(store):
        deliver(store, messages)
        rows.append(look(store, f"{messages:,} more, beside a reader"))
    vacuum(store)
    rows.append(look(store, "the reader has ended, vacuumed"))
    with store.database.engine.connect() as connection:
        query = text(
            "SELECT n_tup_hot_upd, n_tup_upd FROM pg_stat_user_tables WHERE relname = :name"
        )
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        hot, changed = connection.execute(query, {"name": DELIVERIES.name}).one()
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*map(str, row.values()))
    said = f"claims that wrote no index: {hot:,} of {changed:,}"
    Console(width=120).print(table, said)
    write(out, {"rows": rows, "hot": hot, "changed": changed})
    store.close()


def vacuum(store: Store) -> None:
    """Clear away what nobody can see, and count rows anew."""
    engine = store.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")


if __name__ == "__main__":
    run(main)
