"""Bytes that a scan's journal takes for each image: judgement document, row and path.

    rakkan scan ARCHIVE --index DIR --format jsonl --out out/scan
    python -m benchmarks.journal out/scan/results.jsonl --images 10000

Writes the judgements of a scan again and again, as of other images, into a new journal, and divides
its size. Bar: below 2,500 bytes.
"""

import json
import secrets
import tempfile
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.command import Out, run, write
from evidence import Judgement
from evidence.document import load_judgement
from scan.journal import Journal
from scan.records import Visit
from serving.judge import BATCH
from serving.stream import Judged


def judgements_of(results: Path) -> list[tuple[str, Judgement]]:
    """What a scan says of its images, with their paths."""
    with results.open(encoding="utf-8") as lines:
        return [
            (json.loads(line)["path"], load_judgement(line)) for line in lines if '"ai":' in line
        ]


def written(found: list[tuple[str, Judgement]], images: int) -> int:
    """Write so many images to a new journal; returns its size in bytes."""
    with tempfile.TemporaryDirectory() as scratch:
        journal = Journal.open(Path(scratch), {}, resume=False)
        source = islice(cycle(found), images)
        while batch := [_another(*one) for one in islice(source, BATCH)]:
            journal.write(batch, 1.0)
        journal.close()
        return sum(path.stat().st_size for path in Path(scratch).iterdir())


def _another(path: str, judgement: Judgement) -> Judged[Visit]:
    digest = secrets.token_hex(32)
    name = f"{Path(path).parent}/{digest[:12]}{Path(path).suffix}"
    image = replace(judgement.image, sha256=digest)
    return Judged(Visit(name, 100_000, 1, digest), replace(judgement, image=image))


def main(
    results: Annotated[Path, typer.Argument(exists=True, dir_okay=False, metavar="results.jsonl")],
    images: Annotated[int, typer.Option("--images", min=1)] = 10_000,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    size = written(judgements_of(results), images)
    Console().print(f"{images:,} images: {size / 1e6:.1f} MB, {size / images:,.0f} bytes each")
    write(out, {"images": images, "bytes": size})


if __name__ == "__main__":
    run(main)
