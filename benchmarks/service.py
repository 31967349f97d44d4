"""A service in a process of its own, for benchmarks to ask."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import httpx2
import psutil

from storage import open_store
from storage.keys import Scope, create_key


@dataclass(frozen=True)
class Running:
    """A service.

    Attributes:
        http: Asks it, with a key for everything.
        process: It.
    """

    http: httpx2.Client
    process: psutil.Process

    def cpu(self) -> float:
        """CPU seconds that it has taken so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Bytes that it holds (resident set)."""
        return int(self.process.memory_info().rss)


@contextmanager
def running() -> Iterator[Running]:
    """Run `rakkan serve` over records and an index of its own, until the block ends."""
    with TemporaryDirectory() as scratch:
        database = f"sqlite:///{Path(scratch, 'records.sqlite3')}"
        store = open_store(database)
        key = create_key(store, "benchmark", [Scope.ADMIN], at=datetime.now(UTC))
        store.close()
        command = [
            *(sys.executable, "-c", "from cli import main; main()", "serve", "--port", "0"),
            *("--database", database, "--index", str(Path(scratch, "index"))),
        ]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None  # noqa: S101 - for the type
            told = (re.search(r"running on (http://[\w.:]+)", line) for line in process.stderr)
            try:
                url = next(found[1] for found in told if found)
                # What it says is read on, or it would stand still once nobody does.
                threading.Thread(target=_drained, args=(process.stderr,), daemon=True).start()
                headers = {"Authorization": f"Bearer {key}"}
                with httpx2.Client(base_url=url, headers=headers, timeout=120) as http:
                    yield Running(http, psutil.Process(process.pid))
            finally:
                process.terminate()
                process.wait()


def _drained(lines: IO[str]) -> None:
    with suppress(ValueError):  # closed
        for _ in lines:
            pass
