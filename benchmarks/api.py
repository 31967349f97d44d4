"""The service under load, beside what its parts cost alone: Locust posts real images.

    rakkan creators enrol --each WORKS --index out/index        # some 200 works
    RAKKAN_DATA=... python -m benchmarks.api --index out/index --database sqlite:///out/api.sqlite3

Client and server share the cores of this machine. In turns, so that a noisy neighbour hits all
alike: decoding, encoding and search of each image alone, in this process; the encoder alone, in
batches; one request at a time; as many uploaders without a pause as the service has places. Then
three times as many uploads a second as it took, and at last a mix of uploads with files that are
cut short, for memory.

Bars: one request at a time takes at most 1.15 times its parts alone (medians); at least 0.9 of the
images a second that the encoder alone takes; at three times that, the 99th percentile of what was
accepted at most four times that of one at a time, the rest is refused, and none is lost; memory
flat within 5 %.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import psutil
import typer
from numpy.typing import NDArray
from rich.console import Console
from threadpoolctl import threadpool_limits

from api.opening import UPLOADS
from benchmarks.command import Data, Out, Rounds, run, write
from core.extras import require_extra
from detector.pixels.views import first_view, other_views
from imaging import DecodedImage, decode_for_view
from models import Features, Views
from models.encoder.stream import encode_batch
from serving.judge import BATCH, Judge
from serving.opening import open_judge
from serving.settings import Settings
from storage import EventType, open_store
from storage.keys import Scope, create_key
from training.data.manifest import in_split, read_manifest

Floats = NDArray[np.float64]

MANY = 64
"""Uploaders who together post three times what the service can do."""


@dataclass(frozen=True)
class Load:
    """What came of a time under load.

    Attributes:
        answers: Statuses (0: none) and seconds.
        wall: How long it took, in seconds.
        cpu: CPU seconds of the service.
    """

    answers: list[tuple[int, float]]
    wall: float
    cpu: float

    def seconds(self, percent: float) -> float:
        """A percentile of the times of what was accepted."""
        took = [seconds for status, seconds in self.answers if status in (200, 202)]
        return float(np.percentile(took, percent)) if took else float("nan")

    @property
    def statuses(self) -> dict[int, int]:
        """How many answers had which status."""
        return dict(Counter(status for status, _ in self.answers))

    @property
    def rate(self) -> float:
        """Decisions a second."""
        return self.statuses.get(200, 0) / self.wall

    def record(self) -> dict[str, object]:
        """As JSON."""
        return {
            "statuses": self.statuses,
            "a_second": self.rate,
            "cpu_seconds_each": self.cpu / max(1, self.statuses.get(200, 0)),
            "p50": self.seconds(50),
            "p99": self.seconds(99),
        }


@dataclass
class Server:
    """A service in a process of its own.

    Attributes:
        url: Where it is.
        key: May score.
        process: It.
        images: Folder of what is posted.
        memory: Its resident set in bytes, each second.
    """

    url: str
    key: str
    process: psutil.Process
    images: Path
    memory: list[int] = field(default_factory=list)

    def load(self, seconds: float, users: int, *, often: float = 0, bad: float = 0) -> Load:
        """Have some users post for a while; each ends with its last answer."""
        with tempfile.TemporaryDirectory() as scratch:
            answers = Path(scratch, "answers.json")
            command = [
                *(
                    sys.executable,
                    "-m",
                    "locust",
                    "-f",
                    str(Path(__file__).with_name("uploaders.py")),
                ),
                *("--headless", "--only-summary", "--loglevel", "ERROR", "--host", self.url),
                *("-u", str(users), "-r", str(users), "-t", f"{seconds:.0f}s"),
                *("--stop-timeout", "60", "--images", str(self.images), "--key", self.key),
                *("--often", str(often), "--bad", str(bad), "--answers", str(answers)),
            ]
            before = self.process.cpu_times()
            subprocess.run(
                command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            after = self.process.cpu_times()
            found = [(int(status), float(took)) for status, took in json.loads(answers.read_text())]
        cpu = after.user + after.system - before.user - before.system
        return Load(found, seconds, cpu)

    def watch(self) -> None:
        """Note its memory until it ends."""
        while True:
            try:
                self.memory.append(self.process.memory_info().rss)
            except psutil.NoSuchProcess:
                return
            time.sleep(1)


@contextmanager
def served(database: str, index: Path, images: Path) -> Iterator[Server]:
    """A service over records and an index."""
    store = open_store(database)
    name = f"benchmark {time.time_ns()}"
    key = create_key(store, name, [Scope.SCORE], at=datetime.now(UTC))
    store.close()
    code = "from cli import main; main()"
    arguments = ["serve", "--port", "0", "--database", database, "--index", str(index)]
    with (
        ThreadPoolExecutor() as reading,
        subprocess.Popen(
            [sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        assert process.stderr is not None  # noqa: S101 - for the type
        said = (re.search(r"http://[\w.:]+", line) for line in process.stderr)
        try:
            url = next(found[0] for found in said if found)
            reading.submit(list, said)
            server = Server(url, key, psutil.Process(process.pid), images)
            threading.Thread(target=server.watch, daemon=True).start()
            yield server
        finally:
            process.terminate()


@dataclass(frozen=True)
class Alone:
    """What the parts of a judgement take without a service.

    Attributes:
        parts: float64 [N, 3, 2], seconds of decoding, encoding and search of each image: wall, CPU.
        batches: float64 [2], seconds that the encoder takes for an image in batches: wall, CPU.
    """

    parts: Floats
    batches: Floats


def alone(judge: Judge, files: list[bytes]) -> Alone:
    """Judge each image part by part, and encode all in batches."""

    def others(image: DecodedImage, first: Features) -> Views | None:
        return other_views(image, judge.encoder.size) if judge.detector.in_doubt(first) else None

    parts, images, views = np.empty((len(files), 3, 2)), [], []
    # As in the service: each search has a thread, and further ones burn the encoder's cores.
    with ThreadPoolExecutor(2) as pool, threadpool_limits(1, user_api="blas"):
        for number, data in enumerate(files):
            clocks = [_clocks()]
            image = decode_for_view(data, judge.encoder.size, limits=judge.limits)
            prepared = judge.prepare(data, image)
            view = first_view(image, judge.encoder.size)
            clocks.append(_clocks())
            (features,) = encode_batch([view], [image], judge.encoder, others, pool)
            clocks.append(_clocks())
            assert features is not None  # noqa: S101 - for the type
            judge.conclude(prepared, features)
            clocks.append(_clocks())
            parts[number] = np.diff(clocks, axis=0)
            images.append(image)
            views.append(view)
        began = _clocks()
        for start in range(0, len(files), BATCH):
            some = slice(start, start + BATCH)
            encode_batch(views[some], images[some], judge.encoder, others, pool)
    return Alone(parts, (_clocks() - began) / len(files))


def _clocks() -> Floats:
    return np.array([time.perf_counter(), time.process_time()])


def decided(database: str) -> int:
    """How many decisions are recorded."""
    store = open_store(database)
    with store.reading() as reader:
        found = sum(event.type == EventType.DECIDED for event in reader.events())
    store.close()
    return found


def main(
    data: Data,
    index: Annotated[Path, typer.Option("--index", help="An index of some works.")],
    database: Annotated[str, typer.Option("--database", help="Address of new records.")],
    images: Annotated[int, typer.Option("--images", min=BATCH, help="Of the split `dev`.")] = 48,
    seconds: Annotated[float, typer.Option("--seconds", help="Of each time under load.")] = 20,
    mixed: Annotated[float, typer.Option("--mixed", help="Minutes of mixed uploads.")] = 0,
    rounds: Rounds = 3,
    out: Out = None,
) -> None:
    """Measure, print, and write JSON."""
    require_extra("load", "this benchmark", "locust")
    rows = in_split(read_manifest(data / "manifest.csv"), "dev")
    before, places = decided(database), UPLOADS * (os.cpu_count() or 1)
    order = np.random.default_rng(20230531).permutation(len(rows))[:images]
    with tempfile.TemporaryDirectory() as scratch:
        for place, number in enumerate(order):
            path = data / rows[number].path
            shutil.copy(path, Path(scratch, f"{place:04}{path.suffix}"))
        files = [path.read_bytes() for path in sorted(Path(scratch).iterdir())]
        with (
            served(database, index, Path(scratch)) as server,
            open_judge(Settings.of(), index=str(index)) as judge,
        ):
            alone(judge, files[:BATCH])
            warm = server.load(5, 1)
            turns = [
                (alone(judge, files), server.load(seconds, 1), server.load(seconds, places))
                for _ in range(rounds)
            ]
            rate = median(full.rate for *_, full in turns)
            above = server.load(seconds * 2, MANY, often=3 * rate / MANY)
            memory, mix = [], None
            if mixed:
                begin = len(server.memory)
                mix = server.load(60 * mixed, 2 * places, bad=0.2)
                memory = server.memory[begin:]
    parts = np.concatenate([one.parts for one, *_ in turns])
    growth = None
    if memory:
        third = len(memory) // 3
        growth = median(memory[-third:]) / median(memory[third : 2 * third]) - 1
    record = {
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "parts": {
            "p50_wall": np.median(parts[..., 0], 0).tolist(),
            "p50_sum_wall": [float(np.median(one.parts[..., 0].sum(1))) for one, *_ in turns],
            "mean_cpu": parts[..., 1].mean(0).tolist(),
        },
        "encoder": {
            "a_second": [1 / float(one.batches[0]) for one, *_ in turns],
            "cpu_seconds_each": float(np.mean([one.batches[1] for one, *_ in turns])),
        },
        "one": [one.record() for _, one, _ in turns],
        "full": [one.record() for *_, one in turns],
        "above": above.record(),
        "mixed": None if mix is None else mix.record(),
        "memory": {"bytes": memory[:: max(1, len(memory) // 30)], "growth": growth},
        "decided": decided(database) - before,
        "answered": sum(
            one.statuses.get(200, 0) + one.statuses.get(202, 0)
            for one in [warm, above, *([mix] if mix else []), *(x for t in turns for x in t[1:])]
        ),
    }
    write(out, record)
    Console().print_json(data=record)


if __name__ == "__main__":
    run(main)
