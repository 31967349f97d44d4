"""A judge that is replaced again and again while uploads come: memory, time, and what was dropped.

    RAKKAN_DATA=FOLDER python -m benchmarks.replacing --times 10 --out out/replacing.json

Each time another judge takes the place of the one in use, first with the same encoder, which they
share, and then with one that is loaded anew, as for a model of another encoder. Bars: no upload is
dropped, and the most memory that was held after a replacement of the second half is within 5 % of
that of the first half.
"""

import gc
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from imaging import Limits
from serving.current import CurrentJudge
from serving.judge import Judge
from serving.online import Upload
from serving.opening import open_judge
from serving.settings import Settings
from serving.sources.files import items

STATUS = Path("/proc/self/status")


def resident() -> int:
    """Bytes that this process holds in memory now."""
    (line,) = (one for one in STATUS.read_text().splitlines() if one.startswith("VmRSS"))
    return int(line.split()[1]) * 1024


def replaced(
    current: CurrentJudge, images: list[bytes], times: int, *, shared: bool
) -> tuple[list[float], list[int], int]:
    """Replace a judge while three threads ask it.

    Args:
        current: The judge in use.
        images: Whole files.
        times: How often.
        shared: Whether each judge takes the encoder of the one before.

    Returns:
        Seconds of each replacement, the memory after each, and how many uploads were answered;
        one that was not raises what it was told.
    """
    settings, over = Settings.of(), threading.Event()

    def ask(first: int) -> int:
        asked = 0
        while not over.is_set():
            image = images[(first + asked) % len(images)]
            current.submit(Upload(partial(bytes, image))).result()
            asked += 1
        return asked

    def opened() -> Judge:
        return open_judge(settings, beside=current.judge if shared else None)

    seconds, memory = [], []
    with ThreadPoolExecutor(3) as pool:
        asking = [pool.submit(ask, first) for first in range(3)]
        try:
            for _ in range(times):
                started = time.perf_counter()
                current.replace(opened())
                seconds.append(time.perf_counter() - started)
                gc.collect()
                memory.append(resident())
        finally:
            over.set()
        return seconds, memory, sum(one.result() for one in asking)


def main(
    data: Data,
    times: Annotated[int, typer.Option("--times", min=3, help="Replacements of each kind.")] = 10,
    images: Annotated[int, typer.Option("--images", min=1, help="Images in turn.")] = 20,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    read = (item.read() for item in items([data], Limits()))
    found = list(islice((one for one in read if one is not None), images))
    current = CurrentJudge(open_judge(Settings.of()))
    table = Table("encoder", "seconds each", "memory after each", "growth", "answered")
    record: dict[str, object] = {}
    for kind, shared in (("shared", True), ("loaded anew", False)):
        seconds, memory, answered = replaced(current, found, times, shared=shared)
        half = times // 2
        growth = max(memory[half:]) / max(memory[:half]) - 1
        shown = f"{min(memory) / 1e6:,.0f} to {max(memory) / 1e6:,.0f} MB"
        table.add_row(kind, f"{median(seconds):.2f}", shown, f"{growth:+.1%}", f"{answered:,}")
        record[kind] = {
            "load": os.getloadavg(),
            "seconds": seconds,
            "memory": memory,
            "growth": growth,
            "answered": answered,
        }
    current.close()
    Console().print(table)
    write(out, record)


if __name__ == "__main__":
    run(main)
