"""What each reader of a file's statements costs, beside the decoding that is paid anyway.

    RAKKAN_DATA=... python -m benchmarks.readers --out out/readers.json

Decoding for one view and all readers take turns on every file, so that a noisy neighbour hits all
alike, and a file's time is the median over the rounds. Files in which a reader finds something
stand apart: there it has to parse and to verify, elsewhere only to look.
"""

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.command import Data, Out, Rounds, run, write
from detector.readers.contract import Reader
from detector.statements.gather import default_readers
from imaging import decode_for_view
from models.encoder.precision import machine_key
from models.encoder.spec import SPEC
from training.data.manifest import Row, in_split, read_manifest


@dataclass(frozen=True)
class Measured:
    """One reader on all files.

    Attributes:
        seconds: float64 [N, 2], of CPU time and of wall time, medians over the rounds.
        found: bool [N], whether it found something.
    """

    seconds: NDArray[np.float64]
    found: NDArray[np.bool_]


@dataclass(frozen=True)
class Cost:
    """What one reader costs on one group of files.

    Attributes:
        files: How many.
        cpu: CPU milliseconds of a file, median.
        cpu_95: Their 95th percentile.
        wall: Milliseconds by the wall clock, median.
        of_decoding: Share of the CPU time that decoding the same file takes, median.
    """

    files: int
    cpu: float
    cpu_95: float
    wall: float
    of_decoding: float


def chosen(rows: tuple[Row, ...], dev: int) -> tuple[Row, ...]:
    """All files with their metadata untouched, and some of `dev`, always the same."""
    others = in_split(rows, "dev")
    order = np.random.default_rng(20230531).permutation(len(others))
    return in_split(rows, "files") + tuple(others[number] for number in order[:dev])


def all_readers() -> dict[str, Reader]:
    """Those of `score`, and what `scan` has in the place of some, by their ids."""
    return {one.id: one for again in (True, False) for one in default_readers(decode_again=again)}


def measure(paths: list[Path], rounds: int) -> tuple[NDArray[np.float64], dict[str, Measured]]:
    """Time decoding, float64 [N, 2] in seconds, and each reader; a first round only warms up."""
    readers = all_readers()
    decoding = np.empty((rounds + 1, len(paths), 2))
    seconds = {name: np.empty_like(decoding) for name in readers}
    found = {name: np.zeros(len(paths), bool) for name in readers}
    for turn in range(rounds + 1):
        for number, path in enumerate(paths):
            data = path.read_bytes()
            before = _clocks()
            image = decode_for_view(data, SPEC.size)
            decoding[turn, number] = _clocks() - before
            for name, reader in readers.items():
                before = _clocks()
                signals = reader.read(data, image)
                seconds[name][turn, number] = _clocks() - before
                found[name][number] = bool(signals)
    measured = {name: Measured(np.median(seconds[name][1:], 0), found[name]) for name in readers}
    return np.median(decoding[1:], 0), measured


def _clocks() -> NDArray[np.float64]:
    return np.array([time.process_time(), time.perf_counter()])


def costs(
    decoding: NDArray[np.float64], measured: dict[str, Measured]
) -> Iterator[tuple[str, str, Cost]]:
    """What each reader costs where it finds nothing and where it does, and all of them together."""
    everything = np.ones(len(decoding), bool)
    yield "decoding", "either", _cost(decoding, decoding, everything)
    for name, one in measured.items():
        for group, among in (("nothing", ~one.found), ("a sign", one.found)):
            if among.any():
                yield name, group, _cost(one.seconds, decoding, among)
    for use, again in (("score", True), ("scan", False)):
        ids = [reader.id for reader in default_readers(decode_again=again)]
        total = np.sum([measured[one].seconds for one in ids], axis=0)
        yield f"all of {use}", "either", _cost(total, decoding, everything)


def _cost(
    seconds: NDArray[np.float64], decoding: NDArray[np.float64], among: NDArray[np.bool_]
) -> Cost:
    cpu, wall = 1000 * seconds[among].T
    return Cost(
        files=int(among.sum()),
        cpu=float(np.median(cpu)),
        cpu_95=float(np.percentile(cpu, 95)),
        wall=float(np.median(wall)),
        of_decoding=float(np.median(cpu / (1000 * decoding[among, 0]))),
    )


def main(
    data: Data,
    dev: Annotated[int, typer.Option("--dev", help="Files of `dev`, beside all of `files`.")] = 50,
    rounds: Rounds = 3,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    rows = chosen(read_manifest(data / "manifest.csv"), dev)
    found = list(costs(*measure([row.path for row in rows], rounds)))
    table = Table(
        "reader", "finds", "files", "CPU", "95 %", "wall", "share",
        title="milliseconds a file: median, 95th percentile; share of the CPU time of decoding",
    )  # fmt: skip
    for name, group, cost in found:
        table.add_row(
            name,
            group,
            str(cost.files),
            f"{cost.cpu:.3f}",
            f"{cost.cpu_95:.3f}",
            f"{cost.wall:.3f}",
            f"{cost.of_decoding:.1%}",
        )
    machine = machine_key(())
    Console().print(f"machine: {machine}", table)
    record = [{"reader": name, "finds": group} | asdict(cost) for name, group, cost in found]
    write(out, {"machine": machine, "costs": record})


if __name__ == "__main__":
    run(main)
