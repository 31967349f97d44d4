"""A decision with its account's history, where a million were recorded before.

    rakkan scan ARCHIVE --index DIR --format jsonl --out out/scan
    python -m benchmarks.decisions out/scan/results.jsonl --database sqlite:///out/records.sqlite3

Fills a database with decisions about the judgements of a scan, as of other images, and then takes
whole acts: the account's history is read, the decision is made under the policy, and it is recorded
with all that it was made of, in one transaction that survives a power cut. Accounts are drawn as
uploads come: a few post thousands of works and most a handful, and who posts more is drawn more
often. Figures are also shown by the length of the history.

The first decisions (`--told`) are what acts append, in batches: the same events, of decisions that
knew no history (`tests/storage/test_rebuild.py` holds batches to single events). The database then
copies their rows, under other names and numbers and for the same accounts, until there are as many
as asked for; the copies' hashes are no chain. A database that has them already is not filled again.
Bar: below 5 ms in the median.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import accumulate, count, pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select, text, update

from benchmarks.command import Out, run, write
from benchmarks.journal import judgements_of
from evidence import Judgement
from labelling import Context, Decision, decide
from labelling.policy.document import Mode
from labelling.policy.library import open_policy
from labelling.policy.resolved import ResolvedPolicy
from moderation.case import Case
from moderation.effects import PAST
from moderation.people import RAKKAN, Act
from moderation.record import record, recorded
from storage import Event, Store, open_store
from storage.appending import Head
from storage.state import DECISIONS, LABELS, POSTS
from storage.tables import EVENTS, HEAD, NAMES, NEARNESS, PRIVATE

BATCH = 1000
SKEW = 0.8
"""The n-th account's uploads are in proportion to n ** -SKEW."""

LENGTHS = (10, 100, 1000)
"""Posts in a history, up to which acts are shown apart."""

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
END = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Uploads:
    """Uploads of made accounts.

    Attributes:
        judgements: Of real images, taken again and again.
        policy: Under which they are decided.
        accounts: How many there are.
        count: How many uploads, from `BEGIN` to `END`.
    """

    judgements: list[Judgement]
    policy: ResolvedPolicy
    accounts: int
    count: int

    @cached_property
    def _decisions(self) -> dict[tuple[int, bool | None], Decision]:
        return {}

    @cached_property
    def shares(self) -> list[float]:
        """Of the accounts, added up."""
        return list(accumulate(n**-SKEW for n in range(1, self.accounts + 1)))

    def upload(self, number: int, account: int) -> tuple[Judgement, Context]:
        """One of them."""
        at = BEGIN + (END - BEGIN) * (number / self.count)
        found = self.judgements[number % len(self.judgements)]
        image = replace(found.image, sha256=f"{number:064x}")
        context = Context(
            service=self.policy.id.name,
            at=at,
            account=f"account {account}",
            work=f"work {number}",
            declared_ai=(None, False, True)[number % 3],
        )
        return replace(found, image=image), context

    def owner(self, draw: random.Random) -> int:
        """Whose upload comes next."""
        (account,) = draw.choices(range(self.accounts), cum_weights=self.shares)
        return account

    def _decide(self, judgement: Judgement, context: Context, number: int) -> Decision:
        """Without a history only the time differs from the last of its kind."""
        kind = (number % len(self.judgements), context.declared_ai)
        if kind not in self._decisions:
            self._decisions[kind] = decide(judgement, context, None, self.policy)
        return replace(self._decisions[kind], at=context.at)

    def events(self, numbers: range) -> Iterator[Event]:
        """What recording some of them appends."""
        draw = random.Random(numbers.start)  # noqa: S311 - the same in every run
        for number in numbers:
            judgement, context = self.upload(number, self.owner(draw))
            decision = self._decide(judgement, context, number)
            act = Act(context.at, RAKKAN, f"filled {number}")
            image = judgement.image.sha256
            case = Case(act.id("decision"), image, decision, context, self.policy)
            yield from recorded(act, case, judgement)


def fill(store: Store, uploads: Uploads, decisions: int) -> float:
    """Record uploads in batches, then copy them, as far as they are not there; takes seconds."""
    start = time.perf_counter()
    with store.transaction() as transaction:
        transaction.keep_policy(uploads.policy)
    for first in range(_decisions(store), uploads.count, BATCH):
        with store.transaction() as transaction:
            transaction.append(*uploads.events(range(first, first + BATCH)))
    with store.reading() as reader:
        head = reader.head()
    for copy in count(1):
        if _decisions(store) >= decisions:
            return time.perf_counter() - start
        _copy(store, head, copy)
    raise AssertionError


def _copy(store: Store, head: Head, copy: int) -> None:
    """Copy the rows that were told, under names and numbers after the last."""
    after = {"sequence": copy * head.sequence, "decided": copy * head.sequence}
    after |= {"work": copy * head.names, "number": copy * head.names}
    with store.database.engine.begin() as connection:
        for table in (EVENTS, PRIVATE, NEARNESS, NAMES, DECISIONS, POSTS, LABELS):
            shown = [
                column + after[column.name]
                if column.name in after
                else column.concat(f" copy {copy}")
                if column.name in ("name", "id")
                else column
                for column in table.c
            ]
            told = select(*shown)
            for name, last in (("sequence", head.sequence), ("work", head.names)):
                if name in table.c:
                    told = told.where(table.c[name] <= last)
            if table is NAMES:
                told = told.where(NAMES.c.kind == "work", NAMES.c.number <= head.names)
            connection.execute(insert(table).from_select(list(table.c), told))
        end = {"sequence": (copy + 1) * head.sequence, "names": (copy + 1) * head.names}
        connection.execute(update(HEAD).values(end))


@dataclass(frozen=True)
class Taken:
    """What one act took, in milliseconds.

    Attributes:
        posts: In the history.
        decision: To read the history and decide.
        decision_cpu: Of this process; a PostgreSQL server's comes beside.
        act: To do so and record it with all that follows, in one transaction.
        act_cpu: As `decision_cpu`.
    """

    posts: int
    decision: float
    decision_cpu: float
    act: float
    act_cpu: float


def measure(store: Store, uploads: Uploads, acts: int) -> list[Taken]:
    """Take acts about new uploads of accounts that are there."""
    taken = []
    draw = random.Random(time.time_ns())  # noqa: S311 - of each run others
    run_id = draw.getrandbits(40)
    for number in range(acts):
        account = uploads.owner(draw)
        judgement, context = uploads.upload(uploads.count + number, account)
        context = replace(context, at=END, work=f"new {run_id} {number}")
        start = _clocks()
        with store.reading() as reader:
            past = reader.history(
                f"account {account}", since=END - PAST, until=END, service=context.service
            )
        decide(judgement, context, past, uploads.policy)
        between = _clocks()
        key = f"new {run_id} {number}"
        record(store, judgement, context, uploads.policy, at=END, key=key)
        end = _clocks()
        taken.append(
            Taken(
                len(past.posts),
                *(1e3 * (then - now) for now, then in zip(start, between, strict=True)),
                *(1e3 * (then - now) for now, then in zip(between, end, strict=True)),
            )
        )
    return taken


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def figures(taken: list[Taken]) -> list[dict[str, float]]:
    """Medians and 99th percentiles: of all acts, then by the length of the history."""
    most = max(one.posts for one in taken)
    rows = []
    for above, upto in ((-1, most), *pairwise((-1, *LENGTHS, most))):
        some = [one for one in taken if above < one.posts <= upto]
        if len(some) > 1:
            row: dict[str, float] = {"acts": len(some)}
            row["posts up to"] = max(one.posts for one in some)
            for name in ("decision", "decision_cpu", "act", "act_cpu"):
                values = [getattr(one, name) for one in some]
                row |= {name: median(values), f"{name} 99 %": quantiles(values, n=100)[98]}
            rows.append(row)
    return rows


def size(store: Store) -> int:
    """Bytes of the database."""
    engine = store.database.engine
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            query = text("SELECT pg_database_size(current_database())")
            return int(connection.execute(query).scalar_one())
    file = Path(str(engine.url.database))
    return sum(path.stat().st_size for path in file.parent.glob(f"{file.name}*"))


def _decisions(store: Store) -> int:
    with store.database.engine.connect() as connection:
        query = text("SELECT count(*) FROM rakkan_records_decisions")
        return int(connection.execute(query).scalar_one())


def main(
    results: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="results.jsonl")],
    database: Annotated[str, typer.Option("--database", help="Address of the records.")],
    decisions: Annotated[int, typer.Option("--decisions", min=BATCH)] = 1_000_000,
    told: Annotated[int, typer.Option("--told", min=BATCH)] = 1_000_000,
    accounts: Annotated[int, typer.Option("--accounts", min=1)] = 50_000,
    acts: Annotated[int, typer.Option("--acts", min=100)] = 1000,
    policy: Annotated[str, typer.Option("--policy")] = "pixiv",
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    found = [judgement for _, judgement in judgements_of(results)]
    uploads = Uploads(found, live(open_policy(policy)), accounts, min(told, decisions))
    store = open_store(database)
    filled = fill(store, uploads, decisions)
    taken = measure(store, uploads, acts)
    there, taking = _decisions(store), size(store)
    rows = figures(taken)
    table = Table(*rows[0], title=f"{there:,} decisions, {store.place}; milliseconds")
    for row in rows:
        table.add_row(
            *(
                f"{value:,.3g}" if isinstance(value, float) else f"{value:,}"
                for value in row.values()
            )
        )
    Console().print(
        table,
        f"{taking / 1e9:.2f} GB, {taking / there:,.0f} bytes each; filled in {filled:,.0f} s",
    )
    write(out, {"decisions": there, "bytes": taking, "filled_s": filled, "acts": rows})
    store.close()


def live(policy: ResolvedPolicy) -> ResolvedPolicy:
    """The same policy, carried out: acts are whole."""
    *inherited, own = policy.documents
    return ResolvedPolicy.of((*inherited, own.model_copy(update={"mode": Mode.LIVE})))


if __name__ == "__main__":
    run(main)
