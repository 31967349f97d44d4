"""All comparisons with what others use, one after the other, on one page with plots.

    pip install -c constraints.txt -e '.[peers,torch,ray]'
    python -m benchmarks.page --data FOLDER --out out/benchmarks

Runs `benchmarks.scan` (against the loop around open_clip), `benchmarks.search --peers` (against
graphs and against comparing with all), `benchmarks.copy_peers` (against perceptual hashes),
`benchmarks.scan_cluster` (a cluster against one process) and `benchmarks.memory` (many images
against few), each in a process of its own, and writes what they say as JSON, and `page.html`. What
is there already is not measured again.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, cast

import matplotlib as mpl
import typer
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.command import Data, run
from benchmarks.errors import ContestFailed
from benchmarks.scan_cluster import Turn, marginal
from core.files import write_whole
from models.encoder.precision import machine_key
from pages.environment import environment
from training.evaluation.plot_style import CYCLE, QUIET

TEMPLATE = Path(__file__).with_name("page.html.j2")
OURS = ("scan", "snapshot", "rakkan")
"""What our own contestants' names begin with."""

Record = Mapping[str, Any]


@dataclass(frozen=True)
class Contest:
    """One comparison.

    Attributes:
        name: Of its files.
        title: On the page.
        about: What is compared, in a sentence.
        options: Of the benchmark's module, which is named first.
        table: Its record as rows; the first is the head.
        draw: Draws its record.
    """

    name: str
    title: str
    about: str
    options: Sequence[str]
    table: Callable[[Record], list[list[str]]]
    draw: Callable[[Axes, Record], None]


def scan_speeds(record: Record) -> dict[str, float]:
    """Images per CPU-second of each contestant, medians of its turns."""
    return {
        name: statistics.median(turn["images"] / turn["cpu"] for turn in turns)
        for name, turns in record.items()
    }


def scan_table(record: Record) -> list[list[str]]:
    """Ratios first."""
    speeds = scan_speeds(record)
    loop = speeds["loop"]
    rows = [[name, f"{one / loop:.2f}", f"{one:.2f}"] for name, one in speeds.items()]
    return [["contestant", "times the loop", "images per CPU-second"], *rows]


def draw_scan(axes: Axes, record: Record) -> None:
    """Bars of ratios."""
    speeds = scan_speeds(record)
    names = list(speeds)
    axes.barh(names, [speeds[n] / speeds["loop"] for n in names], color=[_colour(n) for n in names])
    axes.set(xlabel="images per CPU-second, as a multiple of the loop's")
    axes.invert_yaxis()


def largest(record: Record) -> tuple[str, list[dict[str, Any]]]:
    """The search among most works: its title and rows."""
    tables = {title: rows for title, rows in record.items() if title.endswith(" works")}
    return max(tables.items(), key=lambda one: int(one[0].split()[0].replace(",", "")))


def search_table(record: Record) -> list[list[str]]:
    """Ratios first."""
    title, rows = largest(record)
    all_ = next(row["cpu"] for row in rows if row["name"] == "FAISS, all")
    built = {name: f"{one['build_cpu']:.0f}" for name, one in record.get("graphs", {}).items()}
    built["snapshot"] = f"{record['built']['cpu']:.0f}"
    return [
        [title, "of comparing with all", "CPU ms", "recall@10", "CPU s to build"],
        *(
            [
                row["name"],
                f"{row['cpu'] / all_:.3f}",
                f"{row['cpu']:.2f}",
                f"{row['recall']:.4f}",
                built.get(row["name"], ""),
            ]
            for row in rows
        ),
    ]


def draw_search(axes: Axes, record: Record) -> None:
    """Bars of CPU time, with the recall."""
    title, rows = largest(record)
    names = [f"{row['name']}\nrecall {row['recall']:.3f}" for row in rows]
    colours = [_colour(row["name"]) for row in rows]
    axes.barh(names, [row["cpu"] for row in rows], color=colours)
    axes.set(xlabel="CPU milliseconds", title=title)
    axes.invert_yaxis()


def copies_table(record: Record) -> list[list[str]]:
    """In per cent with 95 % intervals, the edits downwards."""
    methods = record["methods"]
    edits = next(iter(methods.values()))["found"]
    rows = [
        [f"{edit} ({edits[edit]['n']})", *(_share(one["found"][edit]) for one in methods.values())]
        for edit in edits
    ]
    times = ["CPU ms", *(f"{one['cpu_ms']:.1f}" for one in methods.values())]
    return [["found at a precision of 0.99", *methods], *rows, times]


def draw_copies(axes: Axes, record: Record) -> None:
    """Bars of what is found of all, with intervals."""
    found = {name: one["found"]["all"] for name, one in record["methods"].items()}
    values = [100 * one["value"] for one in found.values()]
    below = [100 * (one["value"] - one["low"]) for one in found.values()]
    above = [100 * (one["high"] - one["value"]) for one in found.values()]
    axes.barh(
        list(found), values, xerr=(below, above), color=[_colour(name) for name in found], capsize=3
    )
    axes.set(xlabel="per cent of edited copies found", xlim=(0, 100))
    axes.invert_yaxis()


def marginal_times(record: Record) -> dict[str, tuple[float, float]]:
    """Of each engine, milliseconds of CPU and of wall time that an image more takes."""

    def times(of: Mapping[str, list[Record]]) -> tuple[float, float]:
        small, large = ([Turn(**turn) for turn in of[size]] for size in sorted(of, key=int))
        return 1000 * marginal(small, large, "cpu"), 1000 * marginal(small, large, "wall")

    return {name: times(of) for name, of in record["turns"].items()}


def cluster_table(record: Record) -> list[list[str]]:
    """Ratios first."""
    times = marginal_times(record)
    cpu, wall = times["one process"]
    return [
        ["engine", "times the CPU", "times the time", "CPU ms an image", "ms an image"],
        *(
            [name, f"{one / cpu:.2f}", f"{other / wall:.2f}", f"{one:.0f}", f"{other:.0f}"]
            for name, (one, other) in times.items()
        ),
    ]


def draw_cluster(axes: Axes, record: Record) -> None:
    """Bars of ratios."""
    times = marginal_times(record)
    cpu, wall = times["one process"]
    names = [f"{name}, {kind}" for name in times for kind in ("CPU", "time")]
    values = [ratio for one, other in times.values() for ratio in (one / cpu, other / wall)]
    axes.barh(names, values, color=[CYCLE[6]] * 2 + [CYCLE[1]] * (len(names) - 2))
    axes.set(xlabel="of what an image costs one process")
    axes.invert_yaxis()


def memory_table(record: Record) -> list[list[str]]:
    """Ratios first."""
    peaks = record["peak_bytes"]
    least = min(peaks.values())
    rows = [
        [f"{int(count):,}", f"{peak / least:.2f}", f"{peak / 1e9:.2f}"]
        for count, peak in peaks.items()
    ]
    return [["images", "times the least", "peak in GB"], *rows]


def draw_memory(axes: Axes, record: Record) -> None:
    """Bars."""
    peaks = record["peak_bytes"]
    names = [f"{int(count):,} images" for count in peaks]
    axes.barh(names, [peak / 1e9 for peak in peaks.values()], color=CYCLE[1])
    axes.set(xlabel="most memory held, in GB")
    axes.invert_yaxis()


def _share(one: Record) -> str:
    return f"{100 * one['value']:.1f} ({100 * one['low']:.0f} to {100 * one['high']:.0f})"


def _colour(name: str) -> str:
    return CYCLE[1] if name.startswith(OURS) else CYCLE[6]


CONTESTS = (
    Contest(
        "scan",
        "A whole scan against the loop around open_clip",
        "The loop only embeds; the scan also reads what files say, judges, and writes table and "
        "report. One view an image, the same threads, in turns.",
        ("benchmarks.scan", "--images", "48", "--rounds", "3"),
        scan_table,
        draw_scan,
    ),
    Contest(
        "search",
        "One search for styles",
        "Vectors grown from real works, searched with real ones one at a time, in turns. Graphs "
        "look at as many works as reach a recall of 0.995.",
        ("benchmarks.search", "--peers", "--works", "100000", "--enrolled", "2000"),
        search_table,
        draw_search,
    ),
    Contest(
        "copies",
        "Edited copies that are found",
        "The same copies and innocent pictures for all, each method cut at its own threshold at "
        "which 99 of 100 best matches are right. The times are all that a method takes of a "
        "decoded picture: ours with the encoder, whose features the detector shares.",
        ("benchmarks.copy_peers",),
        copies_table,
        draw_copies,
    ),
    Contest(
        "cluster",
        "A scan on a cluster against one process",
        "Archives of two sizes by a cluster of this machine alone and by one process, with as many "
        "cores, in turns. Told is what an image more takes: starting is left out.",
        ("benchmarks.scan_cluster", "--images", "256", "--rounds", "2"),
        cluster_table,
        draw_cluster,
    ),
    Contest(
        "memory",
        "Memory of a scan of few images and of many",
        "The most that the process held at once.",
        ("benchmarks.memory", "--counts", "100", "400"),
        memory_table,
        draw_memory,
    ),
)


def measured(contest: Contest, data: Path, folder: Path) -> Record:
    """What a contest says, from its file where it has been run.

    Raises:
        ContestFailed: It did not come to its end.
    """
    file = folder / f"{contest.name}.json"
    if not file.is_file():
        environment = {**os.environ, "RAKKAN_DATA": str(data), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", *contest.options, "--out", str(file)]
        if subprocess.run(command, env=environment).returncode:
            raise ContestFailed(f"{' '.join(contest.options)} failed: see what it printed above")
    record: Record = json.loads(file.read_text("utf-8"))
    return record


def write_page(records: Mapping[str, Record], folder: Path) -> Path:
    """Draw what the contests say, and write the page beside it."""
    shown = [contest for contest in CONTESTS if contest.name in records]
    with mpl.rc_context(cast("Any", dict(QUIET))):
        for contest in shown:
            picture = Figure(figsize=(7.2, 3.6), layout="constrained", dpi=150)
            contest.draw(picture.subplots(), records[contest.name])
            picture.savefig(folder / f"{contest.name}.png")
    template = environment().from_string(TEMPLATE.read_text("utf-8"))
    page = template.render(
        contests=[(one, one.table(records[one.name])) for one in shown],
        machine=machine_key(()),
        day=datetime.now(UTC).date().isoformat(),
    )
    write_whole(folder / "page.html", page.encode())
    return folder / "page.html"


def main(
    data: Data,
    out: Annotated[Path, typer.Option("--out", file_okay=False, help="Folder for page and JSON.")],
    only: Annotated[
        list[str] | None, typer.Option("--only", help="One of them, by its name.")
    ] = None,
) -> None:
    """Measure what is not there yet, and write the page."""
    names = [contest.name for contest in CONTESTS]
    for name in only or ():
        if name not in names:
            raise typer.BadParameter(f"is one of {', '.join(names)}", param_hint="--only")
    out.mkdir(parents=True, exist_ok=True)
    records = {
        contest.name: measured(contest, data, out)
        for contest in CONTESTS
        if not only or contest.name in only
    }
    typer.echo(write_page(records, out))


if __name__ == "__main__":
    run(main)
