"""Pages of the console over many waiting cases: how long the service takes to make them.

    python -m benchmarks.console --out out/console.json
    python -m benchmarks.console --database postgresql://user:password@host/database

Fills records with uploads that all wait for a moderator, signs in, and asks for pages in turns,
within the process: from the request to its answer, without a network. Bars: the queue below 300 ms
and a case below 150 ms, with 100,000 waiting.
"""

import asyncio
import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from types import SimpleNamespace
from typing import Annotated, Any, cast

import httpx2
import typer
from rich.console import Console
from rich.table import Table

from api.console import console
from api.service import Service, now
from benchmarks.command import Out, Rounds, run, write
from benchmarks.replay import decisions
from labelling import Action
from labelling.policy.library import open_policy
from moderation import events, staff
from moderation.events import About
from moderation.people import RAKKAN, Act
from moderation.submitting import UNDO
from storage import Event, Store, open_store
from storage.people import StaffRole
from storage.waiting import Wanted

POLICY = "pixiv"
NAME, PASSWORD = "mia", "of nobody, and nowhere else"
TOGETHER = 2000


def waiting(count: int) -> Iterator[Event]:
    """Decisions, each with a review that waits; due a minute apart."""
    begun = now() - timedelta(days=2)
    for number, decision in enumerate(decisions(count, POLICY)):
        yield decision
        yield events.review_opened(
            Act(decision.at, RAKKAN, f"review {number}"),
            review=f"review-{number}",
            decision=str(number),
            account=decision.account,
            work=decision.work,
            about=About.WORK,
            due_at=begun + timedelta(minutes=number),
            row="ai-unlabelled",
            choices=(Action.LABEL, Action.DELIST),
        )


def fill(store: Store, count: int) -> None:
    """Record what waits, and who looks at it."""
    remaining = waiting(count)
    while some := list(islice(remaining, TOGETHER)):
        with store.transaction() as tx:
            tx.append(*some)
    with store.transaction() as tx:
        tx.keep_policy(open_policy(POLICY))
    staff.add(store, NAME, StaffRole.SENIOR, PASSWORD, at=now())


def pages(store: Store, count: int) -> Mapping[str, str]:
    """What is asked for."""
    with store.reading() as reader:
        there = reader.waiting.page(1, Wanted(account="account 1"))[0]
        (middle,) = (reader.review(f"review-{count // 2}"),)
    later = httpx2.QueryParams({"after": middle.id, "due": middle.due_at.isoformat()})
    return {
        "queue": "/queue",
        "queue, from the middle": f"/queue?{later}",
        "queue of a service": f"/queue?service={POLICY}",
        "queue of a kind of evidence that none has": "/queue?evidence=proven",
        "queue of the busiest account": "/queue?account=account+1",
        "case": f"/cases/review-{count // 3}",
        "case of the busiest account": f"/cases/{there.id}",
        "account, the busiest": "/account?name=account+1",
        "account, its oldest page": "/account?name=account+1&before=2000",
        "events of a kind that is rare": "/audit?type=signed_in",
        "events, from the middle": f"/audit?before={count}",
        "statistics of 12 weeks": "/statistics",
        "appeals": "/appeals",
    }


async def measure(store: Store, count: int, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Wall and CPU seconds of each page, in turns; the first turn does not count."""
    service = SimpleNamespace(store=store, undo=UNDO, preview_days=30.0, openid=None)
    transport = httpx2.ASGITransport(console(cast(Service, service)))
    found: dict[str, list[tuple[float, float]]] = {}
    async with httpx2.AsyncClient(transport=transport, base_url="http://console") as client:
        form = re.search('name="form_token" value="(\\w+)"', (await client.get("/sign-in")).text)
        if form is None:
            raise RuntimeError("the sign-in has no form")
        said = {"form_token": form[1], "name": NAME, "password": PASSWORD}
        await client.post("/sign-in", data=said)
        for turn in range(rounds + 1):
            for name, place in pages(store, count).items():
                wall, cpu = time.perf_counter(), time.process_time()
                answer = await client.get(place)
                spent = time.perf_counter() - wall, time.process_time() - cpu
                if answer.status_code != 200:
                    raise RuntimeError(f"{place} answers {answer.status_code}")
                if turn:
                    found.setdefault(name, []).append(spent)
    return found


def main(
    cases: Annotated[int, typer.Option("--cases", min=100)] = 100_000,
    database: Annotated[
        str | None, typer.Option("--database", help="An empty one; a file by default.")
    ] = None,
    rounds: Rounds = 20,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(database or f"sqlite:///{Path(scratch, 'records.sqlite3')}")
        fill(store, cases)
        found = asyncio.run(measure(store, cases, rounds))
        store.close()
    table = Table("page", "wall, median", "wall, 90 %", "CPU, median", title=f"{cases:,} waiting")
    record: dict[str, Any] = {"cases": cases, "load": os.getloadavg()[0], "pages": {}}
    for name, spent in found.items():
        walls, cpus = zip(*spent, strict=True)
        figures = median(walls), quantiles(walls, n=10)[-1], median(cpus)
        table.add_row(name, *(f"{1000 * one:.0f} ms" for one in figures))
        record["pages"][name] = dict(zip(("wall", "wall_90", "cpu"), figures, strict=True))
    Console().print(table)
    write(out, record)


if __name__ == "__main__":
    run(main)
