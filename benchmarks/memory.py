"""Peak memory of a scan of few and of many images: it must not grow with the archive.

    python -m benchmarks.memory --out out/memory.json

Bars: below 1.5 GB, and the larger within 10 % of the smaller. The default of 2,000 and
10,000 images takes some ten minutes on two cores.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.archives import many_jpegs
from benchmarks.command import Out, run, write


def peak_of(command: list[str]) -> int:
    """Run a command to its end; returns the most memory that it held, in bytes (resident set)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss * 1024


def main(
    counts: Annotated[
        tuple[int, int], typer.Option("--counts", help="Images of the two archives.")
    ] = (2_000, 10_000),
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    rakkan = str(Path(sys.executable).with_name("rakkan"))
    peaks: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for count in counts:
            folder = many_jpegs(Path(scratch, f"archive-{count}"), count)
            results = str(Path(scratch, f"out-{count}"))
            peaks[count] = peak_of([rakkan, "scan", str(folder), "--out", results])

    few, many = (peaks[count] for count in counts)
    table = Table("images", "peak memory", title="rakkan scan, 1200x1700 JPEGs")
    for count, peak in peaks.items():
        table.add_row(f"{count:,}", f"{peak / 1e9:.2f} GB")
    Console().print(table, f"growth: {many / few - 1:+.1%}")
    write(out, {"peak_bytes": peaks, "growth": many / few - 1})


if __name__ == "__main__":
    run(main)
