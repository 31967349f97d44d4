"""One search over 1,000,000 works, against comparing with every one of them.

    OMP_NUM_THREADS=1 python -m benchmarks.search --data FOLDER --out out/search.json

Searched with embeddings of works that the index does not know, one at a time: of real works, in an
index of real works and in one grown from these (`benchmarks.embeddings`). How alike the two are is
said by their local intrinsic dimension, at the same number of works. The contestants take turns.

Bar: below 5 ms of CPU at recall@10 of 0.99.
"""

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, Any, Protocol

import faiss
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, Rounds, run, write
from benchmarks.embeddings import Real, Vectors, dimension, grow, real_embeddings, unit
from core.extras import require_extra
from serving.settings import Settings
from similarity.description import HASH_BYTES
from similarity.gallery.gallery import Identity
from similarity.vectors.base import Neighbours, Rows
from similarity.vectors.exact import ExactIndex
from similarity.vectors.fast import FaissIndex, recalled
from similarity.vectors.hamming import FaissHammingIndex, HammingIndex
from similarity.vectors.snapshot import open_snapshot, write_snapshot

COPY_WIDTH = 384
K = 10
PER_ROUND = 10
"""Queries of one turn, each searched alone; they differ from turn to turn."""


class Searched(Protocol):
    """What is measured."""

    def search(self, queries: Any, k: int) -> Neighbours:
        """The k nearest of every query."""
        ...


@dataclass(frozen=True)
class Row:
    """The figures of one contestant; times in milliseconds per query, medians of its turns."""

    name: str
    cpu: float
    wall: float
    recall: float


@dataclass(frozen=True)
class Times:
    """Seconds that something took."""

    cpu: float
    wall: float


def timed(work: Callable[[], Any]) -> tuple[Any, Times]:
    """Do something and take the times."""
    cpu, wall = time.process_time(), time.perf_counter()
    done = work()
    return done, Times(time.process_time() - cpu, time.perf_counter() - wall)


def compete(
    contestants: Mapping[str, Searched], queries: Rows, defined: Searched, rounds: int
) -> list[Row]:
    """Let all search in turns, and measure recall with all queries."""
    times: dict[str, list[Times]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        chosen = (turn * PER_ROUND + np.arange(PER_ROUND)) % len(queries)
        for name, index in contestants.items():
            taken = _one_by_one(index, queries[chosen])
            if turn:  # The first warms up.
                times[name].append(taken)
    true = defined.search(queries, K)
    return [
        Row(
            name,
            cpu=1000 * median(one.cpu for one in times[name]) / PER_ROUND,
            wall=1000 * median(one.wall for one in times[name]) / PER_ROUND,
            recall=recalled(index.search(queries, K), true),
        )
        for name, index in contestants.items()
    ]


def _one_by_one(index: Searched, queries: Rows) -> Times:
    return timed(lambda: [index.search(query[None], K) for query in queries])[1]


class FlatFaiss:
    """The plain index of FAISS, on float32."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        """Of float16 [N, D]; the ids are the places."""
        self._index = faiss.IndexFlatIP(rows.shape[1])
        self._index.add(rows.astype(np.float32))

    def search(self, queries: Vectors, k: int) -> Neighbours:
        """The k nearest."""
        scores, ids = self._index.search(np.ascontiguousarray(queries), k)
        return Neighbours(ids, scores)


def contestants_of(rows: NDArray[np.float16], fast: Searched) -> dict[str, Searched]:
    """The two ways to compare with all rows, and ours."""
    ids = np.arange(len(rows))
    exact = ExactIndex(rows.shape[1])
    exact.add(ids, rows.astype(np.float32))
    return {
        "NumPy, all": exact,
        "FAISS, all": FlatFaiss(rows),
        "snapshot": fast,
    }


def memory(place: Path, identity: Identity, queries: Vectors, pipe: Any) -> None:
    """Open a snapshot, search it, and send what it added to this process, in bytes."""
    before = _resident()
    snapshot = open_snapshot(place, identity)
    for query in queries:
        snapshot.indices["style"].search(query[None], K)
    pipe.send({kind: size - before[kind] for kind, size in _resident().items()})


def _resident() -> dict[str, int]:
    """Memory of this process alone, and pages of mapped files that it has touched."""
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Rss")}
    return {"own": 1024 * int(sizes["RssAnon"]), "mapped": 1024 * int(sizes["RssFile"])}


def build_graphs(
    rows: NDArray[np.float16], queries: Vectors, true: Neighbours
) -> tuple[dict[str, Searched], dict[str, dict[str, float]]]:
    """The graphs of others, and of each: CPU seconds to build it, and what a search looks at."""
    require_extra("peers", "the graphs of others", "usearch")
    from benchmarks.search_peers import GRAPHS, tuned  # only here: they are an extra

    graphs: dict[str, Searched] = {}
    facts: dict[str, dict[str, float]] = {}
    for name, build in GRAPHS.items():
        graph, times = timed(partial(build, rows))
        facts[name] = {"build_cpu": times.cpu, "looked_at": tuned(graph, queries, true)}
        graphs[name] = graph
    return graphs, facts


def hashes_alone(count: int, rounds: int) -> list[Row]:
    """Random hashes; what a search of them costs does not depend on what they are."""
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 256, (count, HASH_BYTES), np.uint8)
    ids = np.arange(count)
    exact = HammingIndex(HASH_BYTES)
    exact.add(ids, hashes)
    fast = FaissHammingIndex(ids, hashes)
    contestants: dict[str, Searched] = {"NumPy, all": exact, "FAISS, all": fast}
    return compete(contestants, hashes[: (rounds + 1) * PER_ROUND], exact, rounds)


def real_alone(real: Real, rounds: int) -> list[Row]:
    """Real queries among real works, once with lists though there are few."""
    rows = real.works.astype(np.float16)
    ids = np.arange(len(rows))
    contestants = contestants_of(rows, FaissIndex.build(ids, rows)) | {
        "lists": FaissIndex.build(ids, rows, flat_up_to=0)
    }
    return compete(contestants, real.strangers, contestants["NumPy, all"], rounds)


def dimensions(real: Real, grown: NDArray[np.float16]) -> dict[str, tuple[float, float]]:
    """Of real works among real ones, of grown among as many grown ones, and of the queries."""
    count = len(real.works)
    few = grown[:count].astype(np.float32)
    ids = np.arange(count)

    def among(queries: Vectors, works: Vectors, own: bool) -> tuple[float, float]:
        index = ExactIndex(works.shape[1])
        index.add(ids[: len(works)], works)
        return dimension(index.search(queries, 20 + own).scores[:, int(own) :])

    return {
        "real works among real": among(real.works, real.works, True),
        "grown works among as many grown": among(few, few, True),
        "other real works among real": among(real.strangers, real.works, False),
        "other real works among as many grown": among(real.strangers, few, False),
    }


def enrolment(parent: Path, identity: Identity, rows: NDArray[np.float16], regions: int) -> Times:
    """Write a snapshot of works with their style, hash and regions; the vectors are given."""
    count = len(rows)
    rng = np.random.default_rng(0)
    ids = np.arange(count)
    owners = np.repeat(ids, regions)

    def copies() -> Any:
        # Regions of a picture lie around it.
        for start in range(0, len(owners), 50_000):
            near = rows[owners[start : start + 50_000], :COPY_WIDTH].astype(np.float32)
            near += 0.05 * rng.standard_normal(near.shape, np.float32)
            yield unit(near)

    spaces = {
        "style": (ids, rows),
        "copy": (16 * owners + np.arange(len(owners)) % regions, copies()),
        "hash": (ids, rng.integers(0, 256, (count, HASH_BYTES), np.uint8)),
    }
    return timed(lambda: write_snapshot(parent, identity, spaces))[1]


def main(
    data: Data,
    split: Annotated[str, typer.Option("--split", help="Whose works are searched.")] = "train",
    works: Annotated[int, typer.Option("--works", min=1, help="Grown from the real ones.")] = (
        1_000_000
    ),
    enrolled: Annotated[int, typer.Option("--enrolled", help="Works of one snapshot.")] = 100_000,
    regions: Annotated[int, typer.Option("--regions", min=1, help="Regions of a work.")] = 1,
    neighbours: Annotated[
        int, typer.Option("--neighbours", min=1, help="Real works that a grown one lies between.")
    ] = 10,
    noise: Annotated[float, typer.Option("--noise", help="How far a grown work is moved.")] = 1.0,
    rounds: Rounds = 10,
    strangers: Annotated[int, typer.Option("--strangers", min=1, help="Queries.")] = 500,
    peers: Annotated[
        bool, typer.Option("--peers", help="Graphs of others, too (the extra `peers`).")
    ] = False,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    faiss.omp_set_num_threads(1)
    console = Console()

    settings = Settings.of()
    real = real_embeddings(
        data / "manifest.csv",
        settings.features,
        settings.encoder_cache,
        split=split,
        strangers=strangers,
    )
    identity = Identity("benchmark", "benchmark", real.works.shape[1], COPY_WIDTH)
    tables = {f"{len(real.works):,} real works": real_alone(real, rounds)}
    grown = grow(real, works, neighbours=neighbours, noise=noise)
    facts: dict[str, Any] = {"dimension": dimensions(real, grown)}
    with tempfile.TemporaryDirectory() as scratch:
        given = {"style": (np.arange(len(grown)), grown)}
        place, facts["built"] = timed(lambda: write_snapshot(Path(scratch), identity, given))
        snapshot, facts["opened"] = timed(lambda: open_snapshot(place, identity))
        plan = snapshot.manifest.spaces["style"].plan
        facts["plan"] = plan.model_dump()
        facts["disk"] = {path.name: path.stat().st_size for path in sorted(place.iterdir())}
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(target=memory, args=(place, identity, real.strangers, sender))
        process.start()
        facts["memory"] = receiver.recv()
        process.join()
        contestants = contestants_of(grown, snapshot.indices["style"])
        if peers:
            true = contestants["NumPy, all"].search(real.strangers, K)
            graphs, facts["graphs"] = build_graphs(grown, real.strangers, true)
            contestants |= graphs
        tables[f"{len(grown):,} works"] = compete(
            contestants, real.strangers, contestants["NumPy, all"], rounds
        )
        del contestants
        tables[f"{len(grown):,} hashes"] = hashes_alone(len(grown), 3)
        facts["enrolled"] = enrolment(
            Path(scratch, "enrolled"), identity, grown[:enrolled], regions
        )

    for title, rows in tables.items():
        table = Table("index", "CPU ms", "wall ms", f"recall@{K}", title=title)
        for row in rows:
            table.add_row(row.name, f"{row.cpu:.2f}", f"{row.wall:.2f}", f"{row.recall:.4f}")
        console.print(table)
    for name, fact in facts.items():
        console.print(f"{name}: {fact}")
    record: dict[str, Any] = {
        title: [asdict(row) for row in rows] for title, rows in tables.items()
    }
    for name, fact in facts.items():
        record[name] = asdict(fact) if isinstance(fact, Times) else fact
    write(out, record)


if __name__ == "__main__":
    run(main)
