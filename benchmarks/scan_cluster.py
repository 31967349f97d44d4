"""A scan on a cluster of this machine alone against the same scan by one process.

    python -m benchmarks.scan_cluster --out out/scan-cluster.json

Both judge the same archives of two sizes, in turns. What an image costs is what the larger archive
takes more than the smaller one, by image: so what a start costs stands apart, as long as the
smaller one is large enough for all judges to start. CPU time is that of all processes that take
part. Bar: an image costs at most 1.15 times what it costs one process.
"""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import psutil
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.archives import HEIGHT, WIDTH, jpeg_archive
from benchmarks.command import Out, Rounds, run, write
from core.extras import require_extra
from scan import scan
from scan.cluster.engine import Cluster
from scan.cluster.work import open_alike
from scan.engine import Engine
from scan.local import Local
from serving import open_judge
from serving.judge import Judge
from serving.settings import keep_ray_quiet


@dataclass(frozen=True)
class Turn:
    """One scan; seconds of CPU time and of wall time, and what the machine did at its end."""

    images: int
    cpu: float
    wall: float
    load: float


class Spent(threading.Thread):
    """CPU time of this process and of all that it began, also of those that have ended.

    A process that ends takes its figures along, so they are read now and then.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._times: dict[tuple[int, float], float] = {}

    def run(self) -> None:
        """Read the figures until the end."""
        while True:
            self.seconds()
            time.sleep(0.5)

    def seconds(self) -> float:
        """What all took so far."""
        this = psutil.Process()
        for process in (this, *this.children(recursive=True)):
            try:
                times = process.cpu_times()
                self._times[process.pid, process.create_time()] = times.user + times.system
            except psutil.NoSuchProcess:
                continue
        return sum(self._times.values())


STORE = 2 << 30
"""Bytes of the node's store of objects. A machine of a cluster gives 30 % of its memory; Ray's test
helper gives 150 MB, with which Ray Data reads nothing ahead, and judges wait."""


@contextmanager
def _nodes(workers: int) -> Iterator[str]:
    """A cluster of one node, for as long as the benchmark runs."""
    keep_ray_quiet(alone=True)
    from ray.cluster_utils import Cluster as Nodes

    first = {
        "num_cpus": workers,
        "include_dashboard": False,
        "object_store_memory": STORE,
    }
    try:
        nodes = Nodes(initialize_head=True, head_node_args=first)
    except Exception:  # Ray gives a node half a minute, which a busy machine may not have
        nodes = Nodes(initialize_head=True, head_node_args=first)
    try:
        yield nodes.address
    finally:
        nodes.shutdown()  # type: ignore[no-untyped-call]


def _turn(folder: Path, judge: Judge, engine: Engine, spent: Spent) -> Turn:
    with tempfile.TemporaryDirectory(prefix="rakkan-benchmark-") as out:
        before, start = spent.seconds(), time.perf_counter()
        images = scan([folder], Path(out), judge, engine=engine).counts.images
        return Turn(
            images, spent.seconds() - before, time.perf_counter() - start, os.getloadavg()[0]
        )


def marginal(small: list[Turn], large: list[Turn], kind: str) -> float:
    """Seconds that one image more takes, the median of all turns."""
    each = [
        (getattr(more, kind) - getattr(less, kind)) / (more.images - less.images)
        for less, more in zip(small, large, strict=True)
    ]
    return float(statistics.median(each))


def main(
    images: Annotated[int, typer.Option("--images", min=1, help="In the smaller archive.")] = 256,
    rounds: Rounds = 3,
    workers: Annotated[int, typer.Option("--workers", min=1, help="CPUs that judge.")] = 2,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    require_extra("ray", "the cluster", "ray")
    judge = open_judge(decode_again=False, threads=workers)
    opening = partial(open_alike, partial(open_judge, decode_again=False), judge.made_by.precision)
    spent = Spent()
    spent.start()
    turns: dict[str, dict[int, list[Turn]]] = {}
    with tempfile.TemporaryDirectory() as scratch, _nodes(workers) as address:
        sizes = (images, 3 * images)
        folders = {size: jpeg_archive(Path(scratch) / str(size), size) for size in sizes}
        engines: dict[str, Engine] = {
            "one process": Local(workers),
            "cluster": Cluster(opening, address, workers),
        }
        for number in range(rounds + 1):
            for size, folder in folders.items():
                for name, engine in engines.items():
                    turn = _turn(folder, judge, engine, spent)
                    if number:  # the first round warms up
                        turns.setdefault(name, {}).setdefault(size, []).append(turn)
    small, large = sizes
    table = Table("", "CPU ms an image", "wall ms an image", "CPU s to start", "load")
    table.title = f"JPEGs of {WIDTH}x{HEIGHT}, {workers} CPUs, medians of {rounds}"
    for name, of in turns.items():
        cpu = marginal(of[small], of[large], "cpu")
        start = statistics.median(turn.cpu - turn.images * cpu for turn in of[small])
        table.add_row(
            name,
            f"{1000 * cpu:.0f}",
            f"{1000 * marginal(of[small], of[large], 'wall'):.0f}",
            f"{start:.1f}",
            f"{statistics.median(turn.load for turn in of[large]):.1f}",
        )
    Console().print(table)
    ratios = {
        kind: marginal(turns["cluster"][small], turns["cluster"][large], kind)
        / marginal(turns["one process"][small], turns["one process"][large], kind)
        for kind in ("cpu", "wall")
    }
    print(f"the cluster takes {ratios['cpu']:.2f} times the CPU, {ratios['wall']:.2f} the time")
    record = {
        name: {size: [asdict(one) for one in some] for size, some in of.items()}
        for name, of in turns.items()
    }
    write(out, {"ratios": ratios, "turns": record})


if __name__ == "__main__":
    run(main)
