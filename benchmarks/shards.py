"""Several indices by a hash of the creator, against one of all works: same answers, at what cost?

    OMP_NUM_THREADS=1 python -m benchmarks.shards --data FOLDER --out out/shards.json

Works grown from real ones (`benchmarks.embeddings`), by creators of as many works each. A search
asks every shard, and the best of what they give are the answer. Compared exactly, that must be what
one index answers; as they ship, the recall of both is stated, with CPU time in turns.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import faiss
import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.command import Data, Out, Rounds, run, write
from benchmarks.embeddings import grown_from
from benchmarks.search import K, Searched, compete, timed
from similarity.vectors.base import Neighbours, Rows, best
from similarity.vectors.exact import ExactIndex
from similarity.vectors.fast import FaissIndex


class Shards:
    """Several indices that are searched as one."""

    def __init__(self, shards: Sequence[Searched]) -> None:
        """Of indices without a common id."""
        self._shards = shards

    def search(self, queries: Rows, k: int) -> Neighbours:
        """The k nearest of every query, of all shards."""
        found = [shard.search(queries, k) for shard in self._shards]
        return best(
            np.concatenate([one.ids for one in found], axis=1),
            np.concatenate([one.scores for one in found], axis=1),
            k,
        )


def shard_of(creator: int, shards: int) -> int:
    """Where a creator's works lie: always the same, and evenly spread."""
    return int.from_bytes(hashlib.sha256(str(creator).encode()).digest()[:8]) % shards


def exact(ids: NDArray[np.int64], rows: NDArray[np.float16]) -> ExactIndex:
    """The index that compares with all."""
    index = ExactIndex(rows.shape[1])
    index.add(ids, rows.astype(np.float32))
    return index


def main(
    data: Data,
    works: Annotated[int, typer.Option("--works", min=1, help="Grown from the real ones.")] = (
        400_000
    ),
    each: Annotated[int, typer.Option("--each", min=1, help="Works of a creator.")] = 100,
    shards: Annotated[int, typer.Option("--shards", min=1)] = 4,
    strangers: Annotated[int, typer.Option("--strangers", min=1, help="Queries.")] = 200,
    rounds: Rounds = 5,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    faiss.omp_set_num_threads(1)
    real, rows = grown_from(data, works, strangers=strangers)
    ids, queries = np.arange(works), real.strangers
    where = np.array([shard_of(creator, shards) for creator in range(works // each + 1)])
    parts = [ids[where[ids // each] == number] for number in range(shards)]

    one = exact(ids, rows)
    whole = one.search(queries, K)
    merged = Shards([exact(part, rows[part]) for part in parts]).search(queries, K)
    same = float((whole.ids == merged.ids).mean())
    index, built = timed(lambda: FaissIndex.build(ids, rows))
    split, split_built = timed(lambda: [FaissIndex.build(part, rows[part]) for part in parts])
    contestants: dict[str, Searched] = {"one index": index, f"{shards} shards": Shards(split)}
    figures = compete(contestants, queries, one, rounds)
    record = {
        "works": [len(part) for part in parts],
        "same ids when compared exactly": same,
        "built": {"one": asdict(built), "shards": asdict(split_built)},
        "plans": [each.plan.model_dump() for each in [index, *split]],
        "searched": [asdict(row) for row in figures],
    }
    Console().print(record)
    write(out, record)


if __name__ == "__main__":
    run(main)
