"""Scans that were asked for are done, one after the other, however often processes are killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from scan.errors import ArchiveNotFound, ScanNotFoundError, ScanUnfinished
from scan.jobs import JobQueue, JobStatus
from scan.jobs.job import read_state, write_request
from scan.journal_file import NAME
from tests.scan.jobs.making import asked, queue, until
from tests.scan.making import picture, write_folder

ROOT = Path(__file__).parents[3]
ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    files = {f"a/{number}.png": picture(number) for number in range(60)}
    return write_folder(tmp_path / "archives", files | {"a/notes.txt": b"words", "b/x.png": b""})


@contextmanager
def started(queue: JobQueue) -> Iterator[JobQueue]:
    queue.start()
    try:
        yield queue
    finally:
        queue.stop()


def test_scans_are_done_in_order_and_told(tmp_path: Path, archives: Path) -> None:
    waiting = queue(tmp_path / "scans", archives)
    waiting.submit(ONE, asked("a", "clip-studio-assets"))
    waiting.submit(TWO, asked("b"))
    assert [job.status for job in waiting.jobs()] == [JobStatus.RUNNING, JobStatus.WAITING]
    with started(waiting):
        second = until(waiting, TWO, lambda job: job.state.ended)
        first, _ = waiting.jobs()
    assert (first.status, second.status) == (JobStatus.DONE, JobStatus.DONE)
    assert first.state.counts is not None
    assert second.state.counts is not None
    assert (first.state.counts.images, first.state.counts.skipped) == (60, 1)
    assert (first.state.done, first.state.total) == (61, 61)
    assert sum(number for _, number in first.state.actions) == 60
    assert (second.state.counts.images, second.state.counts.errors) == (1, 1)
    assert pq.read_table(waiting.result(ONE, "results.parquet")).num_rows == 60
    assert b"<html" in waiting.result(ONE, "report.html").read_bytes()
    assert (tmp_path / "scans" / ONE / "log.txt").read_text("utf-8") == ""
    with pytest.raises(ScanNotFoundError):
        waiting.result(ONE, "report/page-0009.html")


def test_a_server_that_is_killed_takes_its_worker_along_and_the_next_goes_on(
    tmp_path: Path, archives: Path
) -> None:
    home = tmp_path / "scans"
    later = queue(home, archives)
    later.submit(ONE, asked("a"))
    command = [sys.executable, "-m", "tests.scan.jobs.serving", str(home), str(archives), "0.05"]
    with subprocess.Popen(command, cwd=ROOT) as process:
        until(later, ONE, lambda job: job.state.done > 0)
        os.kill(process.pid, signal.SIGKILL)
    before = read_state(home / ONE).done
    assert 0 < before < 61
    with pytest.raises(ScanUnfinished):
        later.result(ONE, "report.html")
    with started(later):
        done = until(later, ONE, lambda job: job.state.ended)
    assert done.status is JobStatus.DONE, done
    assert done.state.counts is not None
    assert done.state.counts.images == 60
    # It went on: what was judged before took its time before.
    assert done.state.counts.seconds > before * 0.05


def test_a_scan_is_stopped_and_removed(tmp_path: Path, archives: Path) -> None:
    with started(queue(tmp_path / "scans", archives, seconds=0.2)) as running:
        running.submit(ONE, asked("a"))
        running.submit(TWO, asked("b"))
        until(running, ONE, lambda job: job.state.done > 0)
        running.remove(ONE)
        with pytest.raises(ScanNotFoundError):
            running.job(ONE)
        assert until(running, TWO, lambda job: job.state.ended).status is JobStatus.DONE
    assert not (tmp_path / "scans" / ONE).exists()


def test_a_worker_sees_that_another_process_removed_its_scan(
    tmp_path: Path, archives: Path
) -> None:
    with started(queue(tmp_path / "scans", archives, seconds=0.1)) as running:
        running.submit(ONE, asked("a"))
        until(running, ONE, lambda job: job.state.done > 0)
        queue(tmp_path / "scans", archives).remove(ONE)
        running.submit(TWO, asked("b"))
        assert until(running, TWO, lambda job: job.state.ended).status is JobStatus.DONE
    assert not (tmp_path / "scans" / ONE).exists()


def test_the_same_name_is_the_same_scan(tmp_path: Path, archives: Path) -> None:
    one = queue(tmp_path / "scans", archives)
    first = one.submit(ONE, asked("a"))
    assert one.submit(ONE, asked("b")) == first
    with pytest.raises(ArchiveNotFound):
        one.submit(TWO, asked("c"))
    assert [job.id for job in one.jobs()] == [ONE]


def test_what_fails_says_why_and_holds_up_nothing(tmp_path: Path, archives: Path) -> None:
    home = tmp_path / "scans"
    waiting = queue(home, archives)
    waiting.submit(ONE, asked("a"))
    write_request(home / ONE, asked("gone"))
    waiting.submit(TWO, asked("b"))
    with started(waiting):
        until(waiting, TWO, lambda job: job.state.ended)
    failed = waiting.job(ONE)
    assert (failed.status, failed.state.code) == (JobStatus.FAILED, "archive_not_found")


def test_what_another_model_began_is_begun_anew(tmp_path: Path, archives: Path) -> None:
    home = tmp_path / "scans"
    waiting = queue(home, archives)
    waiting.submit(ONE, asked("b"))
    # As a journal of another identity is.
    with started(waiting):
        until(waiting, ONE, lambda job: job.state.ended)
    (home / ONE / "state.json").unlink()
    write_request(home / ONE, asked("a"))
    assert (home / ONE / NAME).exists()
    with started(queue(home, archives)) as again:
        done = until(again, ONE, lambda job: job.state.ended)
    assert done.state.counts is not None
    assert (done.status, done.state.counts.images) == (JobStatus.DONE, 60)


def test_a_worker_that_dies_again_and_again_fails_its_scan(tmp_path: Path, archives: Path) -> None:
    worker = (sys.executable, "-c", "raise SystemExit('no memory')")
    with started(JobQueue(tmp_path / "scans", archives, worker, every=0.01)) as running:
        running.submit(ONE, asked("a"))
        failed = until(running, ONE, lambda job: job.state.ended)
    assert failed.state.code == "scan_died"
    log = (tmp_path / "scans" / ONE / "log.txt").read_text("utf-8")
    assert log.count("no memory") == 3


def test_what_ends_a_queue_ends_its_worker_at_once(tmp_path: Path, archives: Path) -> None:
    began = time.monotonic()
    with started(queue(tmp_path / "scans", archives, seconds=60)) as running:
        running.submit(ONE, asked("a"))
        time.sleep(0.2)
    assert time.monotonic() - began < 60
    assert not running.job(ONE).state.ended
