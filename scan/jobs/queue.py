"""Scans that wait for one another, each done by a worker process.

    submit -> a folder with what is asked for: from here on it survives whatever happens
    run    -> the oldest that has not ended -> a worker, which goes on where the last one was
           -> ended: the next
           -> died: again, a few times

All processes of a machine that have the same data folder share the queue; a lock sees to it that
one of them runs a scan at a time.
"""

import logging
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from core.files import published
from scan.errors import ScanDied, ScanNotFoundError, ScanUnfinished
from scan.jobs.job import (
    LOG,
    REQUEST,
    Job,
    JobRequest,
    JobStatus,
    read_request,
    read_state,
    write_request,
    write_state,
)
from scan.jobs.place import place_of
from serving.errors import Overloaded
from serving.settings import Settings

MOST = 100
"""Scans that have not ended, at most."""

TRIES = 3
"""Workers that may die over one scan."""

_LOG = logging.getLogger("rakkan.api")


class JobQueue:
    """Takes scans, and has them done one after the other once it is started. Threads share it."""

    def __init__(
        self, folder: Path, archives: Path, worker: Sequence[str], *, every: float = 5.0
    ) -> None:
        """Prepare.

        Args:
            folder: Where each scan has a folder; made if need be.
            archives: The folder below which all archives lie.
            worker: Command that does a scan, before the arguments of `scan.jobs.worker`.
            every: Seconds between two looks for what other processes were asked for.
        """
        self._folder = folder
        self._archives = archives
        self._command = tuple(worker)
        self._every = every
        self._ending = threading.Event()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._running: tuple[str, subprocess.Popen[bytes]] | None = None
        self._died: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="scans", daemon=True)

    def start(self) -> None:
        """Begin to have scans done."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker; the scan goes on when a process is started again."""
        self._ending.set()
        self._wake.set()
        with self._lock:
            if self._running is not None:
                self._running[1].kill()
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, name: str, request: JobRequest) -> Job:
        """Take a scan; where there is one of that name, that one is answered and nothing done.

        Args:
            name: Of the scan: hex digits.
            request: What is asked for.

        Raises:
            ArchiveNotFound: There is no such archive.
            Overloaded: Too many scans are waiting.
        """
        if read_request(self._folder / name) is None:
            place_of(self._archives, request.archive)
            waiting = sum(not job.state.ended for job in self.jobs())
            if waiting >= MOST:
                raise Overloaded(f"{waiting} scans are waiting: try again later", retry_after=3600)
            try:
                with published(self._folder / name) as folder:
                    write_request(folder, request)
            except OSError:
                if read_request(self._folder / name) is None:  # else another process was first
                    raise
            self._wake.set()
        return self.job(name)

    def jobs(self) -> list[Job]:
        """All scans, in the order in which they were asked for.

        Raises:
            DamagedScanError: One cannot be read.
        """
        found = []
        for folder in self._folder.glob("[!.]*"):
            request = read_request(folder)
            if request is not None:
                found.append((request.asked, folder.name, request))
        jobs: list[Job] = []
        free = True
        for _, name, request in sorted(found, key=lambda one: one[:2]):
            state = read_state(self._folder / name)
            if not state.ended:
                # One at a time, the oldest first.
                status = JobStatus.RUNNING if free else JobStatus.WAITING
                free = False
            else:
                status = JobStatus.DONE if state.code is None else JobStatus.FAILED
            jobs.append(Job(name, request, state, status))
        return jobs

    def job(self, name: str) -> Job:
        """One scan.

        Raises:
            ScanNotFoundError: There is none of that name.
        """
        for job in self.jobs():
            if job.id == name:
                return job
        raise ScanNotFoundError(f"there is no scan {name}: GET /v1/scans lists them all")

    def result(self, name: str, part: str) -> Path:
        """A file that a scan has left.

        Args:
            name: Of the scan.
            part: Of the file, as `scan.layout` has it.

        Raises:
            ScanNotFoundError: There is no such scan, or no such file.
            ScanUnfinished: It has not ended, or failed.
        """
        job = self.job(name)
        if job.status is not JobStatus.DONE:
            raise ScanUnfinished(f"the scan is {job.status}: it has results once it is done")
        path = self._folder / job.id / part
        if not path.is_file():
            raise ScanNotFoundError(f"the scan {name} has no {part}: begin at its report.html")
        return path

    def remove(self, name: str) -> None:
        """Stop a scan, and remove all that it has left.

        Raises:
            ScanNotFoundError: There is none of that name.
        """
        folder = self._folder / self.job(name).id
        # First of all: whoever has it in work, on whichever process, sees that it is gone.
        (folder / REQUEST).unlink(missing_ok=True)
        with self._lock:
            if self._running is not None and self._running[0] == name:
                self._running[1].kill()
                self._running[1].wait()
        shutil.rmtree(folder, ignore_errors=True)

    def _run(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._folder / ".lock")
        while not self._ending.is_set():
            self._wake.clear()
            went_on = False
            try:
                with lock.acquire(blocking=False):
                    went_on = self._next()
            except Timeout:
                pass  # another process has a scan in work
            except Exception as error:
                _LOG.error("scans cannot go on", exc_info=error)
            if not went_on:
                self._wake.wait(self._every)

    def _next(self) -> bool:
        """Have the oldest scan done; whether to look for the next one at once."""
        job = next((job for job in self.jobs() if not job.state.ended), None)
        if job is None:
            return False
        folder = self._folder / job.id
        _LOG.info("scan %s begins or goes on", job.id)
        with (folder / LOG).open("ab") as log:
            worker = self._started(job.id, folder, log.fileno())
        if worker is None:
            return False
        worker.wait()
        with self._lock:
            self._running = None
        if worker.stdin is not None:
            worker.stdin.close()
        if self._ending.is_set():
            return False
        if read_request(folder) is None:
            shutil.rmtree(folder, ignore_errors=True)  # what its worker wrote meanwhile
            return True
        return self._ended(job.id, folder, worker.returncode)

    def _started(self, name: str, folder: Path, log: int) -> "subprocess.Popen[bytes] | None":
        command = [*self._command, str(folder), str(self._archives)]
        with self._lock:
            if self._ending.is_set() or not (folder / REQUEST).exists():
                return None
            worker = subprocess.Popen(  # noqa: S603 - a command of ours, and paths
                command, stdin=subprocess.PIPE, stdout=log, stderr=log
            )
            self._running = (name, worker)
            return worker

    def _ended(self, name: str, folder: Path, code: int) -> bool:
        state = read_state(folder)
        if state.ended:
            _LOG.info("scan %s has ended: %s", name, state.code or "done")
            self._died.pop(name, None)
            return True
        self._died[name] = self._died.get(name, 0) + 1
        _LOG.error("the worker of scan %s died with %d: see %s", name, code, folder / LOG)
        if self._died[name] < TRIES:
            return False
        error = ScanDied(f"its worker died {TRIES} times, the last time with {code}: see its {LOG}")
        write_state(folder, state.failed(error))
        return True


def open_queue(settings: Settings, index: str) -> JobQueue | None:
    """The queue of the data folder; None where the operator allows no archives.

    Args:
        settings: Where everything lies; those of the environment, which workers read, too.
        index: Place of the index that is searched.
    """
    if settings.archives is None:
        return None
    worker = (sys.executable, "-m", "scan.jobs.worker", "--index", index)
    return JobQueue(settings.scans, settings.archives, worker)
