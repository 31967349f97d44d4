"""A whole scan of 1200x1700 JPEGs against the loop that people write today, in one run.

    python -m benchmarks.scan --out out/scan-benchmark.json

Each contestant lives in a process of its own with the same number of threads, is warmed up, and
then they take turns, so that a noisy neighbour hits all alike. What counts is images per
CPU-second. The loop only embeds; the scan also reads what files say of themselves, judges, and
writes thumbnails, the table and the report.

Contestants: the loop as found, the loop with oneDNN's matrix kernels, and the scan in each
precision. All see one view per image. Bar: the scan in the precision that this CPU chooses at least
2.5x the loop, on any CPU with int8 dot products.
"""

import logging
import multiprocessing
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.archives import HEIGHT, WIDTH, jpeg_archive
from benchmarks.command import Out, Rounds, Threads, run, write
from core.extras import require_extra
from models import ON_CPU, Precision
from serving import Settings

BASELINE = "loop"

_scan: Callable[[Path], int]
"""The contestant of this process; set by `_begin`."""


@dataclass(frozen=True)
class Round:
    """One pass of one contestant over the archive; seconds of CPU time and of wall time."""

    images: int
    cpu: float
    wall: float


def _begin(name: str, threads: int, settings: Settings) -> None:
    logging.disable(logging.WARNING)  # open_clip warns of the random weights, which are on purpose
    global _scan
    if name.startswith("loop"):
        from benchmarks.clip_loop import ClipLoop

        _scan = ClipLoop(threads=threads, onednn=name.endswith("oneDNN")).scan
    else:
        _scan = _rakkan(Precision(name.removeprefix("scan ")), threads, settings)


def _rakkan(precision: Precision, threads: int, settings: Settings) -> Callable[[Path], int]:
    from scan import scan
    from serving import open_judge

    asked = settings.model_copy(update={"precision": precision})
    judge = open_judge(asked, decode_again=False, threads=threads)

    def run(folder: Path) -> int:
        out = Path(tempfile.mkdtemp(prefix="rakkan-benchmark-"))
        try:
            return scan([folder], out, judge, workers=threads).counts.images
        finally:
            shutil.rmtree(out)

    return run


def _round(folder: Path) -> Round:
    before, start = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    images = _scan(folder)
    after, end = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Round(images, cpu, end - start)


def measure(
    folder: Path, names: list[str], *, threads: int, rounds: int, settings: Settings
) -> dict[str, list[Round]]:
    """Let the contestants take turns; the first round of each warms up and does not count."""
    context = multiprocessing.get_context("spawn")
    pools = {
        name: ProcessPoolExecutor(
            1, mp_context=context, initializer=_begin, initargs=(name, threads, settings)
        )
        for name in names
    }
    results: dict[str, list[Round]] = {name: [] for name in names}
    try:
        for number in range(rounds + 1):
            for name, pool in pools.items():
                result = pool.submit(_round, folder).result()
                if number:
                    results[name].append(result)
    finally:
        for pool in pools.values():
            pool.shutdown()
    return results


def main(
    images: Annotated[int, typer.Option("--images", min=1, help="JPEGs in the archive.")] = 96,
    rounds: Rounds = 5,
    threads: Threads = 1,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    require_extra("torch", "the baseline", "open_clip")
    names = [BASELINE, "loop, oneDNN", *(f"scan {precision}" for precision in ON_CPU)]
    with tempfile.TemporaryDirectory() as scratch:
        folder = jpeg_archive(Path(scratch), images)
        results = measure(
            folder,
            names,
            threads=threads,
            rounds=rounds,
            settings=Settings.of(),
        )

    def median(name: str, kind: str) -> float:
        return float(statistics.median(r.images / getattr(r, kind) for r in results[name]))

    table = Table(
        "contestant", "images / CPU s", "images / s", "x the loop", "x the loop with oneDNN",
        title=f"{images} JPEGs of {WIDTH}x{HEIGHT}, {threads} threads",
    )  # fmt: skip
    for name in names:
        speed = median(name, "cpu")
        table.add_row(
            name,
            f"{speed:.2f}",
            f"{median(name, 'wall'):.2f}",
            *(f"{speed / median(loop, 'cpu'):.2f}" for loop in names[:2]),
        )
    Console().print(table)
    write(out, {name: [asdict(one) for one in rows] for name, rows in results.items()})


if __name__ == "__main__":
    run(main)
