"""A search alone, without the encoder: this tree against an earlier commit, in turns.

    python -m benchmarks.similar --commit bc2b322 --data FOLDER --out out/similar.json

Works of some creators are enrolled by each tree in an index of its own; pictures that are not
enrolled are searched for, by both trees in turns of a few, of which both see the same. All are
encoded once, before. Besides the times it is told what the two answer differently.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

import benchmarks.similar_turns
from benchmarks.against import Times, Tree, checked_out, ratio
from benchmarks.command import Data, Out, run, write
from benchmarks.errors import RunFailed
from imaging import decode_for_view, global_view, sketch
from models import Encoder, Features, encode_stream, load_encoder
from models.encoder.features import ARRAYS, join
from models.encoder.stream import Prepared
from serving.settings import Settings
from training.data.manifest import Row, in_split, read_manifest
from training.evaluation.intervals import Estimate

LEAST_WORKS = 8
"""Works from which a creator is enrolled."""

PER_TURN = 8
"""Searches of one turn."""

_SEED = 20231231


@dataclass(frozen=True)
class Answers:
    """What one tree took for its turns, and said.

    Attributes:
        times: Of each turn.
        copies: Of each upload: works and verdicts.
        styles: Of each upload: creators and scores.
    """

    times: list[Times]
    copies: list[set[tuple[str, str]]]
    styles: list[dict[str, float]]


@dataclass(frozen=True)
class Difference:
    """What two trees say differently of the same uploads.

    Attributes:
        lost: Copies, with their verdicts, that only the first tells of.
        added: Those that only the second tells of.
        creators: Creators that only one of them names.
        score: The most by which the score of a creator differs.
    """

    lost: int
    added: int
    creators: int
    score: float

    @classmethod
    def of(cls, before: Answers, after: Answers) -> "Difference":
        """Compare two trees."""
        copies = list(zip(before.copies, after.copies, strict=True))
        styles = list(zip(before.styles, after.styles, strict=True))
        return cls(
            lost=sum(len(old - new) for old, new in copies),
            added=sum(len(new - old) for old, new in copies),
            creators=sum(len(old.keys() ^ new.keys()) for old, new in styles),
            score=max(
                (abs(old[name] - new[name]) for old, new in styles for name in old.keys() & new),
                default=0.0,
            ),
        )


def chosen(
    rows: Sequence[Row], creators: int, works: int, uploads: int
) -> tuple[list[Row], list[Row]]:
    """The works to enrol, and the pictures to search for: of whomever, and of AIs a third."""
    rng = np.random.default_rng(_SEED)
    shuffled = [rows[i] for i in rng.permutation(len(rows))]
    mine: dict[str, list[Row]] = defaultdict(list)
    for row in shuffled:
        if row.creator and row.label == "human":
            mine[row.creator].append(row)
    some = [name for name in mine if len(mine[name]) >= LEAST_WORKS][:creators]
    enrolled = [row for name in some for row in mine[name][: min(works, len(mine[name]) - 1)]]
    taken = {row.name for row in enrolled}
    human = [row for row in shuffled if row.label == "human" and row.name not in taken]
    drawn = [row for row in shuffled if row.label == "ai"][: uploads // 3]
    asked = [*human[: uploads - len(drawn)], *drawn]
    return enrolled, [asked[i] for i in rng.permutation(len(asked))]


def keep(path: Path, rows: Sequence[Row], encoder: Encoder) -> int:
    """Encode pictures and write what a search needs of them; returns how many."""

    def prepare(row: Row) -> Prepared[Any]:
        image = decode_for_view(row.path.read_bytes(), encoder.size)
        return global_view(image, encoder.size)[None], sketch(image)

    seen: list[tuple[Row, Any, Features]] = [
        (row, drawn, features)
        for batch in encode_stream(rows, prepare, encoder)
        for row, drawn, features in batch
        if features is not None
    ]
    together = join(*(features for _, _, features in seen))
    arrays = {name: getattr(together, name) for name in (*ARRAYS, "patch_tokens")}
    np.savez(
        path,
        names=np.array([row.name for row, _, _ in seen]),
        creators=np.array([row.creator for row, _, _ in seen]),
        encoder=np.array(encoder.id),
        **{name: values for name, values in arrays.items() if values is not None},
        **{f"sketch{i}": drawn for i, (_, drawn, _) in enumerate(seen)},
    )
    return len(seen)


@contextmanager
def searching(tree: Tree, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that searches with the packages of a tree, when it has enrolled the works.

    Raises:
        RunFailed: It has not.
    """
    # As text: a script's folder would come before the tree's packages.
    program = Path(benchmarks.similar_turns.__file__).read_text("utf-8")
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(tree.index)],
        cwd=tree.folder,
        env=os.environ | one_thread | {"PYTHONPATH": str(tree.folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            if said.strip() != "ready":
                raise RunFailed(f"{tree.name} cannot search: see above")
            yield process
        finally:
            process.kill()


def ask(process: "subprocess.Popen[str]", first: int, last: int) -> Answers:
    """Have a process search for some of the uploads."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    process.stdin.write(f"{first} {last}\n")
    process.stdin.flush()
    said = json.loads(process.stdout.readline())
    return Answers(
        [Times(said["cpu"] / (last - first), said["wall"] / (last - first))],
        [{(work, verdict) for work, verdict in each} for each in said["copies"]],
        [dict(each) for each in said["styles"]],
    )


def compete(trees: Sequence[Tree], folder: Path, uploads: int) -> list[Answers]:
    """Let the trees search in turns."""
    found = [Answers([], [], []) for _ in trees]
    with ExitStack() as stack:
        processes = [stack.enter_context(searching(tree, folder)) for tree in trees]
        for turn, first in enumerate(range(0, uploads - PER_TURN + 1, PER_TURN)):
            places = range(len(trees)) if turn % 2 else reversed(range(len(trees)))
            for i in places:
                said = ask(processes[i], first, first + PER_TURN)
                found[i].times.extend(said.times)
                found[i].copies.extend(said.copies)
                found[i].styles.extend(said.styles)
    return found


def main(
    data: Data,
    commit: Annotated[str, typer.Option("--commit", help="What to compare with.")],
    split: Annotated[str, typer.Option("--split", help="Whose works are enrolled.")] = "train",
    creators: Annotated[int, typer.Option("--creators", help="Who are enrolled.")] = 87,
    works: Annotated[int, typer.Option("--works", help="Of each, at most.")] = 16,
    uploads: Annotated[int, typer.Option("--uploads", min=PER_TURN, help="Searches.")] = 240,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    rows = in_split(read_manifest(data / "manifest.csv"), split)
    enrolled, asked = chosen(rows, creators, works, uploads)
    encoder = load_encoder(Settings.of().encoder_cache, threads=1)
    with (
        tempfile.TemporaryDirectory(prefix="rakkan-similar-") as scratch,
        checked_out(commit, Path(scratch)) as trees,
    ):
        folder = Path(scratch)
        kept = keep(folder / "works.npz", enrolled, encoder)
        found = compete(trees, folder, keep(folder / "uploads.npz", asked, encoder))
    before, after = found
    cpu, wall = (
        ratio([getattr(t, kind) for t in before.times], [getattr(t, kind) for t in after.times])
        for kind in ("cpu", "wall")
    )
    table = Table(
        "", f"CPU ms, {commit}", "CPU ms, here", "ratio", "ratio by the clock",
        title=f"{len(before.copies)} searches of {kept} works; medians of turns",
    )  # fmt: skip
    milliseconds = [1000 * median(t.cpu for t in one.times) for one in found]
    table.add_row(
        "a search", *(f"{each:.1f}" for each in milliseconds), *map(_written, (cpu, wall))
    )
    Console().print(table)
    difference = Difference.of(before, after)
    Console().print(
        f"copies told of by {commit} alone: {difference.lost}, here alone: {difference.added}; "
        f"creators named by one alone: {difference.creators}; "
        f"the score of a creator differs by {difference.score:.1e} at most"
    )
    record = {"works": kept, "cpu_ratio": asdict(cpu), "wall_ratio": asdict(wall)}
    write(out, record | {"commit": commit, "cpu_ms": milliseconds} | asdict(difference))


def _written(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


if __name__ == "__main__":
    run(main)
