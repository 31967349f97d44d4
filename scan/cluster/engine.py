"""A scan as jobs of Ray Data: files -> read, by actors -> judged, by others -> this process.

The journal stays here. Files are listed lazily, a window at a time: each window is a job, which
opens its judges anew, so a window is large.
"""

import logging
import os
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from core.extras import require_extra
from imaging import Limits
from scan.cluster.rows import seen
from scan.cluster.work import Portion, Reader, Task, Worker
from scan.engine import Batch, keep_thumbnail
from scan.errors import ClusterError
from scan.identity import identity
from scan.journal import Journal
from serving.judge import Judge
from serving.settings import keep_ray_quiet
from serving.sources.addresses import is_address
from serving.sources.archives import is_archive
from serving.sources.item import File
from serving.sources.source import Source

if TYPE_CHECKING:
    import pyarrow as pa

FILES_AT_ONCE = 64
"""Files that are no archives in one portion."""

PORTIONS_OF_ONE = 32
"""Portions in a window for each judge: about two thousand images, or as many archives."""

JUDGED_AT_ONCE = 32
"""Images that a judge is given at once; what is lost with it."""

BLOCK = 16 << 20
"""Bytes that Ray holds together at most."""


SECONDS_TO_ANSWER = 10


@dataclass(frozen=True)
class Cluster:
    """See `scan.engine.Engine`.

    Attributes:
        opening: Opens a judge on each machine, the same as the one that the scan began with. It is
            sent there.
        address: Of the cluster; None for one of this machine alone, for as long as the scan runs.
        workers: Judges; None for one on each CPU of the cluster.
    """

    opening: Callable[[], Judge]
    address: str | None = None
    workers: int | None = None

    def judged(
        self, source: Source, out: Path, judge: Judge, journal: Journal, account: str | None
    ) -> Generator[Batch, None, None]:
        """See `scan.engine.Engine`.

        Raises:
            MissingExtra: Ray is not installed.
            ClusterError: The cluster cannot be reached, failed, or a machine is another than ours.
        """
        task = Task(self.opening, source, account, identity(source, judge, account))
        found = _Portions(source, out, journal)
        portions = iter(found)
        with _connected(self.address) as cpus:
            workers = self.workers or cpus
            while window := list(islice(portions, PORTIONS_OF_ONE * workers)):
                for table in _job(window, judge.limits, task, workers):
                    new = []
                    for row in seen(table):
                        visit = row.judged.payload
                        if row.known:
                            journal.keep(visit.path, visit.size, visit.stamp)
                            found.known += 1
                            continue
                        if row.thumbnail is not None and visit.sha256 is not None:
                            keep_thumbnail(out, visit.sha256, row.thumbnail)
                        new.append(row.judged)
                    yield Batch(new, found.known)


class _Portions:
    """What is to be read, listed lazily.

    Attributes:
        known: Items passed over, since an earlier run did them.
    """

    def __init__(self, source: Source, out: Path, journal: Journal) -> None:
        self.known = 0
        self._source = source
        self._out = out
        self._journal = journal

    def __iter__(self) -> Iterator[Portion]:
        some: list[File] = []
        for file in self._source.files(passed_over=self._out):
            sent = file
            if not is_address(file.path):
                # A machine of the cluster may have another current folder.
                sent = replace(file, path=os.path.abspath(file.path))  # noqa: PTH100 - links stay
            if file.error is None and is_archive(file.name):
                yield Portion((sent,), self._journal.done_in(file.name, file.stamp))
            elif self._journal.keep(file.name, file.size, file.stamp):
                self.known += 1
            else:
                some.append(sent)
            if len(some) >= FILES_AT_ONCE:
                yield Portion(tuple(some))
                some = []
        if some:
            yield Portion(tuple(some))


@contextmanager
def _connected(address: str | None) -> Iterator[int]:
    """A cluster for as long as it is needed; gives its number of CPUs."""
    require_extra("ray", "a scan on a cluster", "ray")
    keep_ray_quiet(alone=address is None)
    import ray

    if ray.is_initialized():
        yield _cpus()
        return
    if address is not None:
        _require_answer(address)
    try:
        ray.init(
            address=address,
            include_dashboard=None if address else False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except Exception as error:  # a machine that is too busy for it is told by no narrower one
        raise _unreachable(address) from error
    try:
        yield _cpus()
    finally:
        ray.shutdown()


def _require_answer(address: str) -> None:
    """Check that somebody listens: Ray itself asks for minutes.

    Raises:
        ClusterError: Nobody does.
    """
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), SECONDS_TO_ANSWER).close()
    except (OSError, ValueError) as error:
        raise _unreachable(address) from error


def _unreachable(address: str | None) -> ClusterError:
    if address is None:
        return ClusterError("Ray cannot be started here: try `ray start --head`, which says why")
    return ClusterError(
        f"no cluster answers at {address}: name it as HOST:PORT, with RAY_AUTH_MODE=token in the"
        " environment where it asks for a token"
    )


def _cpus() -> int:
    import ray

    return int(ray.cluster_resources()["CPU"])  # type: ignore[no-untyped-call]


def _job(window: list[Portion], limits: Limits, task: Task, workers: int) -> "Iterator[pa.Table]":
    """Read and judge portions; the tables come in any order.

    Raises:
        ClusterError: The cluster failed.
    """
    import ray
    from ray.data import ActorPoolStrategy, DataContext

    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.target_max_block_size = BLOCK
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)

    portions = ray.data.from_items(window, override_num_blocks=len(window))
    # Who reads waits most of the time, and must not wait for a CPU that a judge has. As tasks, most
    # would begin a process each: Ray keeps none in reserve beyond the number of CPUs.
    images = portions.map_batches(
        Reader,
        fn_constructor_args=(task.source, limits),
        batch_size=1,
        num_cpus=0,
        compute=ActorPoolStrategy(min_size=1, max_size=min(workers, len(window))),
    )
    judged = images.map_batches(
        Worker,
        fn_constructor_args=(task,),
        batch_size=JUDGED_AT_ONCE,
        batch_format="pyarrow",
        num_cpus=1,
        compute=ActorPoolStrategy(size=workers),  # one that grows waits, and may shrink again
    )
    try:
        yield from judged.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=0)
    except ray.exceptions.RayError as error:
        kind = type(error).__name__
        raise ClusterError(f"the cluster failed ({kind}): its logs say more") from error
