"""What signals do to a service: it looks for what changed, or drains and ends in time."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from storage import open_store
from storage.keys import Scope, create_key
from tests.scan.making import picture

ROOT = Path(__file__).parents[2]


@dataclass
class Process:
    """A service in a process of its own.

    Attributes:
        process: It.
        http: Asks it.
        log: What it has written by now.
    """

    process: "subprocess.Popen[str]"
    http: httpx2.Client
    log: list[dict[str, object]] = field(default_factory=list)

    def score(self) -> httpx2.Response:
        return self.http.post("/v1/scores", files={"image": picture(1)})

    def until_waiting(self) -> None:
        """Until an upload was accepted."""
        while "rakkan_uploads_waiting 1.0" not in self.http.get("/metrics").text:
            time.sleep(0.02)

    def until(self, said: str) -> None:
        """Read its log up to a line."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.log.append(json.loads(line))
            if said in str(self.log[-1]["event"]):
                return
        raise AssertionError(f"it never said {said!r}: {self.log}")


@contextmanager
def served(folder: Path, drain: float) -> Iterator[Process]:
    records = folder / "r.sqlite3"
    store = open_store(f"sqlite:///{records}")
    key = create_key(store, "k", [Scope.SCORE], at=datetime.now(UTC))
    store.close()
    command = [sys.executable, "-m", "tests.api.draining", str(records), str(drain)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        found = Process(process, httpx2.Client())
        found.until("running on")
        (url,) = re.findall(r"http://\S+", str(found.log[-1]["event"]))
        headers = {"Authorization": f"Bearer {key}"}
        with httpx2.Client(base_url=url, headers=headers, timeout=60) as found.http:
            yield found
    finally:
        process.kill()
        process.communicate()


def until_draining(found: Process) -> None:
    while (answer := found.http.get("/readyz")).status_code == 200:
        time.sleep(0.02)
    assert answer.json()["status"] == "draining"


def test_what_was_accepted_is_answered_and_more_is_refused(tmp_path: Path) -> None:
    with served(tmp_path, drain=300) as found, ThreadPoolExecutor() as pool:
        accepted = pool.submit(found.score)
        found.until_waiting()
        os.kill(found.process.pid, signal.SIGTERM)
        until_draining(found)
        refused = found.score()
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert refused.headers["retry-after"] == "1"
        (tmp_path / "let").touch()
        assert accepted.result().status_code == 200
        assert found.process.wait(60) in (0, -signal.SIGTERM)


def test_it_ends_when_its_time_is_over_whatever_is_running(tmp_path: Path) -> None:
    with served(tmp_path, drain=1.5) as found, ThreadPoolExecutor() as pool:
        accepted = pool.submit(found.score)
        found.until_waiting()
        os.kill(found.process.pid, signal.SIGTERM)
        until_draining(found)
        assert found.process.wait(60) == 1
        assert isinstance(accepted.exception(), httpx2.TransportError)
        found.until("the time to drain is over: 1 uploads are not answered")


def test_a_signal_has_it_look_at_once(tmp_path: Path) -> None:
    with served(tmp_path, drain=300) as found:
        (tmp_path / "word").write_text("another")
        os.kill(found.process.pid, signal.SIGHUP)
        found.until("now in use: model fake")
        # The judge before waits for a file.
        assert found.score().status_code == 200
