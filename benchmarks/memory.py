"""Peak memory of a scan of 2,000 and of 10,000 images: it must not grow with the archive.

    python -m benchmarks.memory --out out/memory.json

Bars: below 1.5 GB, and the larger within 10 % of the smaller. Takes some ten minutes on two cores.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.archives import many_jpegs


def peak_of(command: list[str]) -> int:
    """Run a command to its end; returns the most memory that it held, in bytes (resident set)."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return usage.ru_maxrss * 1024


def main() -> None:
    """Measure, print, and write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs=2, default=(2_000, 10_000))
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()

    rakkan = str(Path(sys.executable).with_name("rakkan"))
    peaks: dict[int, int] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for count in arguments.counts:
            folder = many_jpegs(Path(scratch, f"archive-{count}"), count)
            out = str(Path(scratch, f"out-{count}"))
            peaks[count] = peak_of([rakkan, "scan", str(folder), "--out", out])

    few, many = (peaks[count] for count in arguments.counts)
    table = Table("images", "peak memory", title="rakkan scan, 1200x1700 JPEGs")
    for count, peak in peaks.items():
        table.add_row(f"{count:,}", f"{peak / 1e9:.2f} GB")
    Console().print(table, f"growth: {many / few - 1:+.1%}")
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(json.dumps({"peak_bytes": peaks, "growth": many / few - 1}))


if __name__ == "__main__":
    main()
