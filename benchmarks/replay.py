"""Replay of a policy over recorded decisions: how long it takes, and how much memory.

    python -m benchmarks.replay --out out/replay.json
    python -m benchmarks.replay --database postgresql://user:password@host/database

Fills records with decisions of many accounts, most of them small and some very large, and replays
a policy over a quarter and over all of them, each in a process of its own. Bars: below 60 s for
100,000 decisions, and the larger within 10 % of the memory of the smaller.
"""

import random
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Out, run, write
from evidence import (
    AiEvidence,
    ArtefactId,
    CreatorMatch,
    CreatorVerdict,
    EvidenceKind,
    GeneratorFamily,
    ImageFacts,
    Information,
    Judgement,
    PixelEvidence,
    Provenance,
    SimilarityEvidence,
    Verdict,
    reason,
)
from labelling import Context, decide
from labelling.policy.library import open_policy
from labelling.replay import Replay
from moderation.replay import replay
from storage import Event, decided, open_store

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=300)
TOGETHER = 1000
"""Decisions that are recorded in one transaction."""

_MADE_BY = Provenance("0", "encoder", "int8", ArtefactId("detector", "0" * 64), ())


@dataclass(frozen=True)
class Measured:
    """One replay; seconds and bytes."""

    decisions: int
    changed: int
    wall: float
    cpu: float
    peak: int


def judgement(chance: random.Random) -> Judgement:
    """A judgement with as much in it as a scan against an index gives."""
    verdict = chance.choices(list(Verdict), (1, 6, 3))[0]
    why = reason("pixels_above", share=0.01, low=0.005, high=0.02, n=4000)
    # The nearest is as near as chance has it for somebody's works, and the others are less near.
    nearest = chance.random()
    p_values = sorted(chance.uniform(nearest, 1) for _ in range(4))
    creators = tuple(
        CreatorMatch(
            f"creator {chance.randrange(500)}",
            0.5,
            1.0,
            p_value,
            CreatorVerdict.NONE,
            9,
            (),
            why,
            chance.randrange(500),
        )
        for p_value in (nearest, *p_values)
    )
    pixels = PixelEvidence(
        score=0.1,
        probability=chance.random(),
        scored=verdict,
        verdict=verdict,
        withheld=(),
        reasons=(why,),
        information=Information(0.1, 0.5, too_plain=False),
    )
    return Judgement(
        ImageFacts(f"{chance.getrandbits(256):064x}", 1200, 1700, "jpeg"),
        AiEvidence(
            verdict,
            pixels.probability,
            EvidenceKind.INFERRED,
            None,
            GeneratorFamily.UNKNOWN,
            pixels,
            (why,),
        ),
        SimilarityEvidence((), creators, "index"),
        _MADE_BY,
    )


def decisions(count: int, policy_name: str) -> Iterator[Event]:
    """Decisions of many accounts, ten each on the average; the first has a tenth of all (Zipf)."""
    chance = random.Random(1)  # noqa: S311 - to be repeated, not secret
    policy = open_policy(policy_name)
    accounts = range(1, count // 10 + 1)
    owners = chance.choices(accounts, [1 / number for number in accounts], k=count)
    for number, account in enumerate(owners):
        context = Context(
            service=policy_name,
            at=BEGIN + SPAN * (number / count),
            account=f"account {account}",
            work=f"work {number}",
        )
        said = judgement(chance)
        decision = decide(said, context, None, policy)
        yield decided(str(number), said, context, decision, at=context.at, actor="benchmark")


def fill(address: str, count: int, policy_name: str) -> None:
    """Record decisions."""
    store = open_store(address)
    remaining = decisions(count, policy_name)
    while some := list(islice(remaining, TOGETHER)):
        with store.transaction() as tx:
            tx.append(*some)
    store.close()


def measure(address: str, policy_name: str, since: datetime) -> Measured:
    """Replay once, in a fresh process."""
    store = open_store(address)
    policy = open_policy(policy_name)
    cpu, wall = time.process_time(), time.perf_counter()
    found = Replay()
    for _ in found.count(replay(store, policy, since=since)):
        pass
    return Measured(
        decisions=found.decided,
        changed=found.changed,
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
        peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def main(
    decisions_: Annotated[int, typer.Option("--decisions", min=100)] = 100_000,
    policy: Annotated[str, typer.Option("--policy", help="Of those that ship.")] = "pixiv",
    database: Annotated[
        str | None, typer.Option("--database", help="An empty one; a file by default.")
    ] = None,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        address = database or f"sqlite:///{Path(scratch, 'records.sqlite3')}"
        fill(address, decisions_, policy)
        rounds = []
        for since in (BEGIN + SPAN * 0.75, BEGIN):
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
                rounds.append(process.submit(measure, address, policy, since).result())
    table = Table("decisions", "wall", "CPU", "a decision", "peak memory", title="replay")
    for one in rounds:
        table.add_row(
            f"{one.decisions:,}",
            f"{one.wall:.1f} s",
            f"{one.cpu:.1f} s",
            f"{one.wall / one.decisions * 1e6:.0f} µs",
            f"{one.peak / 1e6:.0f} MB",
        )
    Console().print(table)
    write(out, {"rounds": [asdict(one) for one in rounds]})


if __name__ == "__main__":
    run(main)
