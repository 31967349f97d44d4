"""This tree against an earlier commit, in turns: whole scans, `--help`, and the first import.

    python -m benchmarks.against --commit 6dd5d0c --data FOLDER --out out/against.json

The commit is checked out into a temporary folder. Each task is then run by both trees, one after
the other and in the other order in the next round, so that a noisy neighbour hits both alike; the
first round only warms up. CPU time is that of the process and of all that it has started. The ratio
is that of this tree to the commit, the mean over the rounds (of logarithms), with a 95 % interval
that resamples rounds.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, run, write
from benchmarks.errors import RunFailed
from models import Precision
from serving.settings import Settings
from training.data.manifest import in_split, read_manifest
from training.evaluation.intervals import Estimate, GroupBootstrap

HERE = Path(__file__).parents[1]
LEAST_WORKS = 4
"""Works from which a creator of the split is enrolled, with every other one."""


class Task(StrEnum):
    """What is measured."""

    HELP = "help"
    IMPORT = "import"
    SCAN = "scan"
    SCAN_WITH_INDEX = "scan-with-index"


@dataclass(frozen=True)
class Tree:
    """A checkout, with a data folder of its own that has the encoder.

    Attributes:
        name: For people.
        folder: Its root.
        home: Its data folder.
    """

    name: str
    folder: Path
    home: Path

    @property
    def index(self) -> Path:
        """Where its index of creators is."""
        return self.home / "index"


@dataclass(frozen=True)
class Times:
    """What one run took, in seconds."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Result:
    """One task by both trees.

    Attributes:
        task: What was done.
        rounds: How often by each, the first one not counted.
        cpu: Median CPU seconds of the commit and of this tree.
        wall: Median seconds by the clock.
        cpu_ratio: This tree to the commit.
        wall_ratio: The same by the clock.
    """

    task: Task
    rounds: int
    cpu: tuple[float, float]
    wall: tuple[float, float]
    cpu_ratio: Estimate
    wall_ratio: Estimate


def ratio(before: Sequence[float], after: Sequence[float]) -> Estimate:
    """The mean ratio of paired times, on the logarithm, resampling the pairs."""
    logs = np.log(np.array(after) / np.array(before))
    found = GroupBootstrap(range(len(logs))).mean(logs)
    value, low, high = (float(np.exp(one)) for one in (found.value, found.low, found.high))
    return Estimate(value, low, high, found.n)


def execute(tree: Tree, arguments: Sequence[str], precision: Precision) -> Times:
    """Run Python in a tree, with its packages before all others.

    Raises:
        RunFailed: It does not exit with 0; the text is its last line.
    """
    environment = os.environ | {
        "PYTHONPATH": str(tree.folder),
        "RAKKAN_HOME": str(tree.home),
        "RAKKAN_PRECISION": str(precision),
    }
    with tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=tree.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines() or ["nothing said"]
            raise RunFailed(f"{tree.name}: {' '.join(arguments[2:5])} failed: {said[-1]}")
    return Times(usage.ru_utime + usage.ru_stime, wall)


def rakkan(*arguments: object) -> list[str]:
    """The command of a tree, as arguments of Python."""
    return ["-c", "from cli import main; main()", *map(str, arguments)]


def first_import(tree: Tree) -> list[str]:
    """The records of evidence, wherever the tree keeps them."""
    where = "evidence" if (tree.folder / "evidence").is_dir() else "detector.evidence"
    return ["-c", f"import {where}"]


def enrol(tree: Tree, data: Path, split: str, precision: Precision) -> None:
    """Enrol every other work of the creators of a split in the tree's index."""
    works: dict[str, list[Path]] = defaultdict(list)
    for row in in_split(read_manifest(data / "manifest.csv"), split):
        if row.creator:
            works[row.creator].append(row.path)
    for creator, paths in works.items():
        if len(paths) >= LEAST_WORKS:
            command = rakkan("creators", "enrol", creator, *paths[::2], "--index", tree.index)
            execute(tree, command, precision)


def compete(task: Task, trees: Sequence[Tree], do: Callable[[Tree], Times], rounds: int) -> Result:
    """Let both trees do a task in turns."""
    times: dict[Tree, list[Times]] = {tree: [] for tree in trees}
    for number in range(rounds + 1):
        for tree in trees if number % 2 else trees[::-1]:
            taken = do(tree)
            if number:
                times[tree].append(taken)
    before, after = (times[tree] for tree in trees)
    return Result(
        task,
        rounds,
        cpu=(median(t.cpu for t in before), median(t.cpu for t in after)),
        wall=(median(t.wall for t in before), median(t.wall for t in after)),
        cpu_ratio=ratio([t.cpu for t in before], [t.cpu for t in after]),
        wall_ratio=ratio([t.wall for t in before], [t.wall for t in after]),
    )


@contextmanager
def checked_out(commit: str, scratch: Path) -> Iterator[tuple[Tree, Tree]]:
    """The commit and this tree, each with a data folder that has a copy of the encoder."""
    folder = scratch / "commit"
    git = ["git", "-C", str(HERE), "worktree"]
    added = subprocess.run(
        [*git, "add", "--quiet", "--detach", str(folder), commit], capture_output=True, text=True
    )
    if added.returncode:
        raise RunFailed(f"{commit} cannot be checked out: {added.stderr.strip()}")
    try:
        encoder = Settings.of().encoder_cache
        homes = [scratch / "home-of-commit", scratch / "home"]
        for home in homes:
            shutil.copytree(encoder, home / "encoder")
        yield Tree(commit, folder, homes[0]), Tree("this tree", HERE, homes[1])
    finally:
        subprocess.run([*git, "remove", "--force", str(folder)], check=True)


def main(
    data: Data,
    commit: Annotated[str, typer.Option("--commit", help="What to compare with.")],
    tasks: Annotated[list[Task] | None, typer.Option("--task", help="Only these.")] = None,
    split: Annotated[str, typer.Option("--split", help="The images that are scanned.")] = "dev",
    rounds: Annotated[int, typer.Option("--rounds", min=2, help="Turns of each tree.")] = 7,
    precision: Annotated[
        Precision, typer.Option("--precision", help="That both encoders compute in.")
    ] = Precision.INT8,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    results: list[Result] = []
    with (
        tempfile.TemporaryDirectory(prefix="rakkan-against-") as scratch,
        checked_out(commit, Path(scratch)) as trees,
    ):
        archive = data / split

        def scan(tree: Tree, *more: object) -> Times:
            with tempfile.TemporaryDirectory(dir=scratch) as into:
                command = rakkan("scan", archive, "--out", Path(into, "out"), *more)
                return execute(tree, command, precision)

        ways: dict[Task, Callable[[Tree], Times]] = {
            Task.HELP: lambda tree: execute(tree, rakkan("--help"), precision),
            Task.IMPORT: lambda tree: execute(tree, first_import(tree), precision),
            Task.SCAN: scan,
            Task.SCAN_WITH_INDEX: lambda tree: scan(tree, "--index", tree.index),
        }
        for task in tasks or list(Task):
            if task is Task.SCAN_WITH_INDEX:
                for tree in trees:
                    enrol(tree, data, split, precision)
            results.append(compete(task, trees, ways[task], rounds))

    table = Table(
        "task", f"CPU s, {commit}", "CPU s, here", "ratio", "s by the clock", "here", "ratio",
        title=f"{rounds} rounds in turns; medians, ratios with 95 % intervals",
    )  # fmt: skip
    for one in results:
        table.add_row(
            one.task,
            *(f"{seconds:.2f}" for seconds in one.cpu),
            _written(one.cpu_ratio),
            *(f"{seconds:.2f}" for seconds in one.wall),
            _written(one.wall_ratio),
        )
    Console().print(table)
    write(out, {"commit": commit, "results": [asdict(one) for one in results]})


def _written(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


if __name__ == "__main__":
    run(main)
