"""Queues whose workers judge by fakes."""

import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from scan.jobs import Job, JobQueue, JobRequest


def queue(home: Path, archives: Path, seconds: float = 0.0) -> JobQueue:
    """A queue, not started.

    Args:
        home: Where scans lie.
        archives: What may be scanned.
        seconds: That a worker takes for each image.
    """
    worker = (sys.executable, "-m", "tests.scan.jobs.working", str(seconds))
    return JobQueue(home, archives, worker, every=0.05)


def asked(archive: str = ".", service: str | None = None) -> JobRequest:
    return JobRequest(archive, service, None, False, datetime.now(UTC))


def until(queue: JobQueue, name: str, reached: Callable[[Job], bool], seconds: float = 60) -> Job:
    """Wait until a scan has come so far."""
    end = time.monotonic() + seconds
    while not reached(job := queue.job(name)):
        assert time.monotonic() < end, job
        time.sleep(0.02)
    return job
