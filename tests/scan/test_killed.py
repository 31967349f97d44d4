"""A scan that is killed at random, again and again, loses nothing and does little twice."""

import hashlib
import multiprocessing
import random
import time
from dataclasses import dataclass
from pathlib import Path

from models import Features
from models.encoder.features import Views
from scan import scan
from serving.judge import BATCH
from tests.fakes import FakeEncoder, fake_judge
from tests.scan.making import picture, write_folder, write_tar
from tests.scan.test_local import rows

KILLS = 10


@dataclass
class LoggingEncoder(FakeEncoder):
    """Writes down how many images it was given, before it encodes them."""

    log: Path = Path()

    def encode(self, views: Views) -> Features:
        with self.log.open("a") as log:
            log.write(f"{len(views)}\n")
        return super().encode(views)


def run(source: Path, out: Path, log: Path) -> None:
    """The scan, in a process of its own."""
    scan([source], out, fake_judge(LoggingEncoder(seconds=0.001, log=log)), resume=True)


def encoded(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def test_ten_kills_at_random(tmp_path: Path) -> None:
    files = {f"{i:03}.png": picture(i, side=40 + i % 50) for i in range(500)}
    source = write_folder(tmp_path / "in", dict(list(files.items())[:250]))
    write_tar(source / "x.tar", dict(list(files.items())[250:]))
    out, log = tmp_path / "out", tmp_path / "log"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.scan.test_killed"])  # loaded once for all of them
    chance = random.Random(17)  # noqa: S311 - no secret
    for _ in range(KILLS):
        before, more = len(encoded(log)), chance.randint(0, 3)
        process = context.Process(target=run, args=(source, out, log))
        process.start()
        while process.is_alive() and len(encoded(log)) < before + more:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.03))
        process.kill()
        process.join()
    run(source, out, log)
    scan([source], tmp_path / "fresh", fake_judge())
    assert rows(out) == rows(tmp_path / "fresh")
    distinct = len({hashlib.sha256(data).digest() for data in files.values()})
    assert distinct <= sum(encoded(log)) <= distinct + KILLS * BATCH
