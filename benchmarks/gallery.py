"""A whole index in a folder as it grows: what an enrolment takes, and how long others wait for it.

    python -m benchmarks.gallery --data FOLDER --works 100000 --out out/gallery.json

Enrols creator after creator with vectors that are given, grown from real works
(`benchmarks.embeddings`); hashes and local features are random. What is stated: CPU seconds, the
longest time that anybody held the lock of the ledger, memory of the process alone, and at the end
what it takes to open the index, to search it, to enrol one more creator, and to withdraw one. Each
figure is written as soon as it is there.
"""

import hashlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from sqlalchemy import Connection, Engine, event

from benchmarks.command import Data, Out, run, write
from benchmarks.embeddings import grown_from, unit
from databases.engines import EXCLUSIVE
from similarity.description import HASH_BYTES, Description
from similarity.gallery.creators import Consent, Enrolment
from similarity.gallery.folder import DiskGallery
from similarity.gallery.gallery import Identity, NewWork

COPY_WIDTH = 384
SEARCHES = 20
REPORTS = 10
"""How often figures are given while the index grows."""


class Watch:
    """How long the lock of the ledger is held, and the memory of this process, while it goes on."""

    def __init__(self) -> None:
        """Listen to all connections."""
        self.longest = 0.0
        self.longest_cpu = 0.0
        self.memory = 0
        self._began: tuple[float, float] | None = None
        event.listen(Engine, "begin", self._take)
        event.listen(Engine, "commit", self._give)
        event.listen(Engine, "rollback", self._give)
        threading.Thread(target=self._look, daemon=True).start()

    @contextmanager
    def measured(self, facts: dict[str, Any]) -> Iterator[None]:
        """Take the figures of a block."""
        self.longest = self.longest_cpu = self.memory = 0
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        facts |= {
            "cpu": round(time.process_time() - cpu, 2),
            "wall": round(time.perf_counter() - wall, 1),
            "lock_cpu": round(self.longest_cpu, 2),
            "lock_wall": round(self.longest, 2),
            "memory": self.memory,
        }

    def _take(self, connection: Connection) -> None:
        if EXCLUSIVE in connection.get_execution_options():
            self._began = time.perf_counter(), time.process_time()

    def _give(self, connection: Connection) -> None:
        if EXCLUSIVE in connection.get_execution_options() and self._began:
            wall, cpu = self._began
            self.longest = max(self.longest, time.perf_counter() - wall)
            self.longest_cpu = max(self.longest_cpu, time.process_time() - cpu)
            self._began = None

    def _look(self) -> None:
        while True:
            lines = Path("/proc/self/status").read_text().splitlines()
            own = next(int(line.split()[1]) for line in lines if line.startswith("RssAnon"))
            self.memory = max(self.memory, 1024 * own)
            time.sleep(0.05)


def works_of(
    rows: NDArray[np.float16], first: int, regions: int, local: int, rng: np.random.Generator
) -> list[NewWork]:
    """Works with these style vectors; regions of a picture lie around it."""
    style = unit(rows.astype(np.float32))
    found = []
    for number, vector in enumerate(style, first):
        near = vector[:COPY_WIDTH] + 0.05 * rng.standard_normal((regions, COPY_WIDTH), np.float32)
        description = Description(
            style=vector,
            copy=unit(near),
            hash=rng.integers(0, 256, HASH_BYTES, np.uint8),
            hash_quality=100,
        )
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        found.append(NewWork(f"{number}.jpg", digest, description, rng.bytes(local)))
    return found


def main(
    data: Data,
    works: Annotated[int, typer.Option("--works", min=100, help="Works in all.")] = 100_000,
    each: Annotated[int, typer.Option("--each", min=1, help="Works of a creator.")] = 100,
    regions: Annotated[int, typer.Option("--regions", min=1, help="Regions of a work.")] = 1,
    local: Annotated[int, typer.Option("--local", help="Bytes of local features.")] = 8_000,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    real, rows = grown_from(data, works + each, strangers=SEARCHES)
    identity = Identity("benchmark", "benchmark", rows.shape[1], COPY_WIDTH)
    rng = np.random.default_rng(0)
    record: dict[str, Any] = {}
    watch = Watch()

    def measure(name: str, work: Callable[[], Any], **facts: Any) -> None:
        with watch.measured(facts):
            work()
        record[name] = facts
        Console().print(f"{name}: {facts}")
        write(out, record)

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "index")
        gallery = DiskGallery.open(folder, identity, create=True)

        def enrol(first: int, stop: int) -> None:
            for start in range(first, stop, each):
                some = works_of(rows[start : min(start + each, stop)], start, regions, local, rng)
                consent = Consent("a benchmark", datetime.now(UTC))
                gallery.enrol(Enrolment(f"creator {start}", consent), some)

        def search() -> None:
            for query in real.strangers:
                gallery.state().search_style(query[None], 10)

        steps = np.linspace(0, works // each, REPORTS + 1).astype(int) * each
        for start, stop in zip(steps[:-1].tolist(), steps[1:].tolist(), strict=True):
            measure(f"enrolled up to {stop}", partial(enrol, start, stop))
        measure("searched, the first time", search, searches=SEARCHES)
        measure("searched", search, searches=SEARCHES)
        measure("one more creator", lambda: enrol(works, works + each), works=each)
        measure("searched after it", search, searches=SEARCHES)
        gallery.close()

        def reopen() -> None:
            nonlocal gallery
            gallery = DiskGallery.open(folder, identity)

        measure("opened", reopen)
        measure("withdrawn", lambda: gallery.withdraw("creator 0"), works=each)
        gallery.close()
        sizes = {
            file.name: file.stat().st_size for file in sorted(folder.rglob("*")) if file.is_file()
        }
        measure("size", lambda: None, **sizes)


if __name__ == "__main__":
    run(main)
