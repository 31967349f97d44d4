"""How many decisions one PostgreSQL takes from several processes that write into it at once.

    python -m benchmarks.replicas --database postgresql://user:password@host/database

Writers are processes of their own, as replicas of the service are, and record as it does; a reader
asks beside them for histories and for the console's queue. Whoever records has the chain of events
to itself for a part of the time, and that part bounds what all together can do: it is told in CPU
time of the writer, in statements, each of which is a way to the server and back, and in wall time.
Of each number of writers it is told how many decisions a second came out, what CPU time one took in
the writer and in the server (where that is on this machine), and what share of its time a writer
waited for others. On a machine that others use, the quickest tenth of acts (`held_10`) is nearest
to what one of its own would show. In the end every decision that was answered is looked for, and
the chain is verified. The database is filled with made decisions first: take an empty one, on a
server that does nothing else.
"""

import random
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from threading import Barrier
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import Connection, event, text

from benchmarks.command import Out, run, write
from benchmarks.decisions import END, Uploads, fill, live
from benchmarks.replay import judgement
from core.errors import RakkanError
from labelling.policy.library import open_policy
from moderation.effects import PAST
from moderation.record import record
from storage import Store, open_store
from storage.waiting import Wanted

PATIENCE = 300.0
KINDS = 300
"""Judgements of other images, which uploads take in turn."""

EXCLUSIVE = "rakkan_exclusive"
"""The option of a transaction that no other writes beside (`databases.engines`)."""

LOCK = "pg_advisory_xact_lock"


def seconds_of(process: int) -> float:
    """Seconds of CPU of a process on this machine; 0 where there is none."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        return 0.0


@dataclass
class Section:
    """The times in which a process had the records to itself.

    Attributes:
        waited: Seconds until it had them, of each act.
        held: Seconds for which it had them, of each act.
        cpu: Seconds of this process's CPU in that time.
        server: The same of its session's process, where the server is on this machine.
        statements: In that time, of each act.
    """

    waited: list[float] = field(default_factory=list)
    held: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)

    def watch(self, store: Store) -> None:
        """Listen to what a store does."""
        engine = store.database.engine
        asked, since, cpu, count = 0.0, 0.0, 0.0, 0
        session, server = 0, 0.0

        def before(*told: Any) -> None:
            nonlocal asked
            if LOCK in told[2]:
                asked = time.perf_counter()

        def after(*told: Any) -> None:
            nonlocal since, cpu, count, session, server
            count += 1
            if LOCK in told[2]:
                since, cpu, count = time.perf_counter(), time.process_time(), 0
                self.waited.append(since - asked)
                session = told[1].connection.info.backend_pid
                server = seconds_of(session)

        def ended(*_: Any) -> None:
            # It has them until its commit is answered: the next statement, or its connection back.
            nonlocal since
            if since:
                self.held.append(time.perf_counter() - since)
                self.cpu.append(time.process_time() - cpu)
                self.server.append(seconds_of(session) - server)
                self.statements.append(count + 1)
                since = 0.0

        def begun(connection: Connection) -> None:
            if connection.get_execution_options().get(EXCLUSIVE) is None:
                ended()

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "after_cursor_execute", after)
        event.listen(engine, "begin", begun)
        event.listen(engine.pool, "checkin", ended)


@dataclass(frozen=True)
class Written:
    """What one writer did."""

    keys: list[str]
    acts: list[float]
    cpu: float
    section: Section
    errors: Counter[str]


@dataclass(frozen=True)
class Asked:
    """What one reader did: seconds of each question, by its name."""

    histories: list[float]
    queues: list[float]


def uploads(accounts: int, count: int, policy: str) -> Uploads:
    """Uploads of made accounts, the same in every process."""
    chance = random.Random(1)  # noqa: S311 - to be repeated, not secret
    found = [judgement(chance) for _ in range(KINDS)]
    return Uploads(found, live(open_policy(policy)), accounts, count)


def writes(address: str, source: Uploads, name: str, seconds: float, gate: Barrier) -> Written:
    """Record decisions for some time."""
    store = open_store(address)
    section = Section()
    draw = random.Random(name)  # noqa: S311 - to be repeated, not secret
    keys: list[str] = []
    acts: list[float] = []
    errors = Counter[str]()
    _act(store, source, draw, f"{name} first")
    section.watch(store)
    gate.wait(PATIENCE)
    cpu, end = time.process_time(), time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        key = f"{name} {len(acts)}"
        try:
            keys.append(_act(store, source, draw, key))
        except RakkanError as error:
            errors[error.code] += 1
        acts.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    store.close()
    return Written(keys, acts, cpu, section, errors)


def _act(store: Store, source: Uploads, draw: random.Random, key: str) -> str:
    number = draw.randrange(source.count)
    said, context = source.upload(number, source.owner(draw))
    context = replace(context, at=END, work=f"new {key}")
    at = datetime.now(UTC)
    return record(store, said, context, source.policy, at=at, key=key).id


def asks(address: str, source: Uploads, name: str, seconds: float, gate: Barrier) -> Asked:
    """Ask for histories, and for the queue, for some time."""
    store = open_store(address)
    draw = random.Random(name)  # noqa: S311 - to be repeated, not secret
    found = Asked([], [])
    gate.wait(PATIENCE)
    end = time.perf_counter() + seconds
    while (start := time.perf_counter()) < end:
        with store.reading() as reader:
            account = f"account {source.owner(draw)}"
            reader.history(account, since=END - PAST, until=END, service=source.policy.id.name)
        between = time.perf_counter()
        with store.reading() as reader:
            reader.waiting.page(50)
            reader.waiting.count(Wanted())
        found.histories.append(between - start)
        found.queues.append(time.perf_counter() - between)
        time.sleep(0.05)
    store.close()
    return found


def server_cpu(store: Store) -> float | None:
    """Seconds of CPU of sessions that ended, where the server is on this machine."""
    with store.database.engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    try:
        parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
        if Path(f"/proc/{pid}/comm").read_text().strip() != "postgres":
            return None
        times = Path(f"/proc/{parent}/stat").read_text().rpartition(")")[2].split()[13:15]
    except OSError:
        return None
    return sum(map(int, times)) / 100


def contest(
    address: str, store: Store, source: Uploads, writers: int, readers: int, seconds: float
) -> dict[str, Any]:
    """One round."""
    context = get_context("spawn")
    with context.Manager() as manager:
        gate = manager.Barrier(writers + readers)
        run_id = f"{time.time_ns():x}"
        with ProcessPoolExecutor(writers + readers, mp_context=context) as processes:
            before = server_cpu(store)
            writing = [
                processes.submit(writes, address, source, f"{run_id} {n}", seconds, gate)
                for n in range(writers)
            ]
            asking = [
                processes.submit(asks, address, source, f"{run_id} r{n}", seconds, gate)
                for n in range(readers)
            ]
            written = [one.result() for one in writing]
            asked = [one.result() for one in asking]
    after = server_cpu(store)
    done = sum(len(one.keys) for one in written)
    waited = [one for each in written for one in each.section.waited]
    held = [one for each in written for one in each.section.held]
    statements = [one for each in written for one in each.section.statements]
    acts = [one for each in written for one in each.acts]
    errors = sum((one.errors for one in written), Counter[str]())
    with store.database.engine.connect() as connection:
        keys = [key for one in written for key in one.keys]
        query = text("SELECT count(*) FROM rakkan_records_decisions WHERE id = ANY(:ids)")
        kept = connection.execute(query, {"ids": keys}).scalar_one()
    return {
        "writers": writers,
        "decisions": done,
        "a second": done / seconds,
        "cpu_ms": 1e3 * sum(one.cpu for one in written) / done,
        "server_cpu_ms": None if before is None or after is None else 1e3 * (after - before) / done,
        "act_ms": 1e3 * median(acts),
        "act_99_ms": 1e3 * quantiles(acts, n=100)[98],
        "held_ms": 1e3 * median(held),
        "held_10_ms": 1e3 * quantiles(held, n=10)[0],
        "held_cpu_ms": 1e3 * median([one for each in written for one in each.section.cpu]),
        "held_server_ms": 1e3 * median([one for each in written for one in each.section.server]),
        "statements": median(statements),
        "waited": sum(waited) / sum(acts),
        "errors": dict(errors),
        "lost": done - kept,
        "history_ms": 1e3 * median([t for one in asked for t in one.histories] or [0]),
        "queue_ms": 1e3 * median([t for one in asked for t in one.queues] or [0]),
    }


def show(rows: list[dict[str, Any]]) -> None:
    """Print a table."""
    table = Table(*rows[0], title="milliseconds; waited: share of the time of acts")
    for row in rows:
        table.add_row(
            *(f"{value:.3g}" if isinstance(value, float) else str(value) for value in row.values())
        )
    Console(width=200).print(table)


def main(
    database: Annotated[str, typer.Option("--database", help="Address of the records.")],
    writers: Annotated[str, typer.Option("--writers")] = "1,2,4,8",
    readers: Annotated[int, typer.Option("--readers", min=0)] = 1,
    seconds: Annotated[float, typer.Option("--seconds", min=1)] = 20,
    decisions: Annotated[int, typer.Option("--decisions", min=1000)] = 20_000,
    accounts: Annotated[int, typer.Option("--accounts", min=1)] = 2_000,
    policy: Annotated[str, typer.Option("--policy")] = "pixiv",
    verify: Annotated[
        bool, typer.Option(help="Verify the chain; not where `fill` has copied rows.")
    ] = True,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    source = uploads(accounts, min(decisions, 20_000), policy)
    store = open_store(database)
    fill(store, source, decisions)
    rows = [
        contest(database, store, source, n, readers, seconds) for n in map(int, writers.split(","))
    ]
    verified = store.verify() if verify else None
    show(rows)
    if verified is not None:
        print("the chain is whole" if verified.whole else verified.wrong)
    write(out, {"rounds": rows})
    store.close()


if __name__ == "__main__":
    run(main)
