"""What an upload costs besides its answer: keeping its features, and a challenger in the shadow.

    RAKKAN_DATA=... python -m benchmarks.learning --out out/learning.json

Real images are judged one by one; then, image by image in turns, its judgement is timed once more,
and what is done after an answer. Told are medians of CPU time of the thread (of all threads, for
the judgement) and of wall time, beside the machine's load.
"""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from benchmarks.command import Data, Out, run, write
from detector import Detector
from models import DetectorArtefact, Registry
from models.feature_store.uploads import UploadFeatures
from models.shadow_answers import ShadowAnswers
from serving.judge import Judge
from serving.keeping import FeatureKeeper
from serving.online import JudgedUpload
from serving.opening import open_judge
from serving.settings import Settings
from serving.shadow import ShadowJudge


def judged(judge: Judge, data: bytes) -> JudgedUpload:
    """An upload after its judgement."""
    found = judge.examine(data)
    prepared = judge.prepare(data, found.image)
    return JudgedUpload(judge, found.judgement, prepared, found.features, found.image)


def main(
    data: Data,
    out: Out = None,
    images: Annotated[int, typer.Option("--images", help="That are judged.")] = 100,
    challenger: Annotated[
        str, typer.Option("--challenger", help="In the shadow.")
    ] = "networks-v2-int8",
) -> None:
    """Measure what is done after an answer."""
    settings = Settings.of()
    artefact = DetectorArtefact.load(Registry(settings.models).find(challenger))
    seconds: dict[str, list[tuple[float, float]]] = defaultdict(list)

    def timed(name: str, clock: Callable[[], float], act: Callable[[], object]) -> None:
        cpu, wall = clock(), time.perf_counter()
        act()
        seconds[name].append((clock() - cpu, time.perf_counter() - wall))

    with TemporaryDirectory() as folder, open_judge(settings) as opened:
        judge = replace(opened, shadow=Detector.of(artefact))
        place = Path(folder)
        keep = FeatureKeeper(UploadFeatures(place / "uploads"), place / "cache", labelled=set)
        shadow = ShadowJudge(ShadowAnswers(place / "shadow"))
        for path in islice(sorted((data / "train").rglob("*.webp")), images):
            content = path.read_bytes()
            upload = judged(judge, content)
            timed("judgement", time.process_time, lambda: judge.one(content))  # noqa: B023
            timed("keeping features", time.thread_time, lambda: keep(upload))  # noqa: B023
            timed("shadow", time.thread_time, lambda: shadow(upload))  # noqa: B023
    found = {
        name: {
            "cpu_ms": round(1000 * statistics.median(cpu for cpu, _ in each), 2),
            "wall_ms": round(1000 * statistics.median(wall for _, wall in each), 2),
        }
        for name, each in seconds.items()
    }
    load = round(os.getloadavg()[0], 2)
    for name, one in found.items():
        typer.echo(f"{name}: {one['cpu_ms']} ms of CPU, {one['wall_ms']} ms")
    write(out, {"images": images, "load": load, "medians": found})


if __name__ == "__main__":
    run(main)
