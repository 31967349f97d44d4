"""What it takes to write the table and the report of many images, and to open the report.

    rakkan scan ARCHIVE --index DIR --format jsonl --out out/scan
    python -m benchmarks.report out/scan/results.jsonl --images 100000

Writes the judgements of a scan again and again, as of other images, into a new journal; from that
the table and the report; and opens the report from its folder in Chromium, each time on a new page:
until the first page of the list is there, and from one selection to another. Bars: written in 10 s
of CPU, opened in 1 s; memory at 100,000 images as at 10,000, but for 50 MB.
"""

import os
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, Any

import typer
from playwright.sync_api import sync_playwright
from rich.console import Console

from benchmarks.command import Out, run, write
from benchmarks.journal import judgements_of
from evidence import Judgement
from scan import layout
from scan.journal import Journal
from scan.layout import TableFormat
from scan.records import Visit
from scan.report import write_report
from scan.tables import write_table
from serving.figures import ModelDescription
from serving.stream import Judged

MODEL = ModelDescription("measured", "e:1", "fp32", ai_from=0.963, human_below=0.184)
BATCH = 1000
TIMES = 5

LISTED = "n => performance.getEntriesByName('listed').length > n"
WHEN = "performance.getEntriesByName('listed').at(-1).startTime"
CHOOSE = (
    "() => { const now = performance.now(); location.hash = 'verdict=ai&sort=name'; return now; }"
)


def visits(found: list[tuple[str, Judgement]], images: int) -> Iterator[Judged[Visit]]:
    """So many images, a thousand to a folder."""
    for number, (path, judgement) in enumerate(islice(cycle(found), images)):
        digest = f"{number:064x}"
        name = f"/archive/{number // 1000:05}/{number:07}{Path(path).suffix}"
        image = replace(judgement.image, sha256=digest)
        yield Judged(Visit(name, 100_000, 1, digest), replace(judgement, image=image))


def measured(step: Callable[[], object]) -> dict[str, float]:
    """Seconds of CPU and of the clock, and the highest memory so far in MB."""
    cpu, clock = time.process_time(), time.monotonic()
    step()
    return {
        "cpu_s": round(time.process_time() - cpu, 2),
        "wall_s": round(time.monotonic() - clock, 2),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def written(found: list[tuple[str, Judgement]], images: int, out: Path) -> dict[str, Any]:
    """Write a journal, and from it the table and the report."""
    with closing(Journal.open(out, {}, resume=False)) as journal:
        source = visits(found, images)
        while batch := list(islice(source, BATCH)):
            journal.write(batch, 1.0)
        table = out / layout.results(TableFormat.PARQUET)
        return {
            "table": measured(lambda: write_table(journal.rows(), table, TableFormat.PARQUET)),
            "report": measured(lambda: write_report(journal, out, MODEL, index="measured")),
            "report_mb": sum(one.stat().st_size for one in out.glob("report/*")) / 1e6,
        }


def opened(report: Path, program: str) -> dict[str, float]:
    """Milliseconds from the address to the list, and from one selection to another: medians."""
    opening, choosing = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, chromium_sandbox=False)
        for _ in range(TIMES):
            page = browser.new_page()
            page.goto(report.as_uri())
            page.wait_for_function(LISTED, arg=0)
            opening.append(page.evaluate(WHEN))
            begun = page.evaluate(CHOOSE)
            page.wait_for_function(LISTED, arg=1)
            choosing.append(page.evaluate(WHEN) - begun)
            page.close()
        browser.close()
    return {"opened_ms": statistics.median(opening), "chosen_ms": statistics.median(choosing)}


def main(
    results: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="results.jsonl")],
    images: Annotated[int, typer.Option("--images", min=1)] = 100_000,
    chromium: Annotated[str, typer.Option("--chromium", help="Its program.")] = "chromium",
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    found = judgements_of(results)
    program = shutil.which(chromium) or chromium
    figures: dict[str, Any] = {"load": os.getloadavg()[0]}
    for number in (images // 10, images):
        with tempfile.TemporaryDirectory() as scratch:
            place = Path(scratch) / "out"
            figures[f"{number}"] = written(found, number, place) | opened(
                place / layout.REPORT, program
            )
    Console().print_json(data=figures)
    write(out, figures)


if __name__ == "__main__":
    run(main)
