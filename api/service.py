"""What the routes work with: a judge, the records, and how both are shared."""

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.concurrency import run_in_threadpool

from api.accepted import LEASE, Accepted
from api.errors import NoIndex
from api.metrics import Metrics
from api.rates import Rates
from api.stages import Stages
from labelling import ResolvedPolicy
from labelling.policy.library import open_policy
from models import Registry
from moderation.links import Links
from moderation.submitting import UNDO
from moderation.webhooks.courier import Courier
from scan.jobs import JobQueue
from serving.current import CurrentJudge
from serving.enrol import Enroller
from serving.errors import Overloaded
from serving.learning import Learning
from serving.watching import Watcher
from similarity.gallery.gallery import State
from similarity.upload import Uploader
from storage import Store

if TYPE_CHECKING:
    from api.console.openid import Provider
    from api.traces import Traces

_LOG = logging.getLogger("rakkan.api")

Decided = TypeVar("Decided")
Found = TypeVar("Found")

MOST_BYTES = 64 << 20
"""Of an upload, with its form."""

SECONDS = 10.0
"""After which a request is answered with what is known by then."""

BODY_SECONDS = 60.0
"""Within which the body of an upload has come: a slow client holds a connection no longer."""

MOST_CHANGES = 16
"""Of the index, that wait for one another."""

VISITS = "60/minute"
"""To the public page of one work or creator."""

SERVICE = "default"
"""The policy where a request names no service."""


@dataclass
class Service:
    """A judge, the records, and the policies. Threads share it.

    Attributes:
        online: Judges the uploads, by the judge that is in use.
        store: Keeps what is decided.
        policies: Folder of the platform's own policies.
        most_bytes: Of an upload, with its form.
        seconds: After which a request is answered with what is known by then.
        body_seconds: Within which the body of an upload has come.
        in_work: Keys of requests that are not answered yet, of this process.
        pending: Decisions that are being made after their request was answered, by id.
        rates: How often each key may ask.
        metrics: What Prometheus reads.
        courier: Sends messages to the platform; None where another process does, or none.
        stages: Is told how long the stages of an upload take.
        traces: Makes spans of requests; None for no traces.
        watcher: Puts another judge into use where what it is opened from changes; None for never.
        models: The models that there are; None where it was opened without.
        links: Makes links to public pages, and reads them; None for no such pages.
        visitors: How often a public page is asked for.
        scans: Has archives scanned; None where the operator allows none.
        learning: Keeps what the next model is made by; None for nothing.
        ready: Whether the judge has answered once.
        draining: Whether it is about to end, and accepts no uploads any more.
        lease: After which another process takes over what this one has answered as undecided.
        undo: For how long moderators can take an answer back.
        openid: By which people sign in to the console, beside passwords; None for none.
        preview_days: For how long a picture is kept of what people may have to look at; 0 for none.
        accepted: Uploads that were answered as undecided.
    """

    online: CurrentJudge
    store: Store
    policies: Path | None = None
    most_bytes: int = MOST_BYTES
    seconds: float = SECONDS
    body_seconds: float = BODY_SECONDS
    in_work: set[str] = field(default_factory=set)
    pending: "dict[str, asyncio.Task[object]]" = field(default_factory=dict)
    rates: Rates = field(default_factory=lambda: Rates(None))
    metrics: Metrics = field(default_factory=Metrics)
    courier: Courier | None = None
    stages: Stages = field(default_factory=Stages)
    traces: "Traces | None" = None
    watcher: Watcher | None = None
    models: Registry | None = None
    links: Links | None = None
    visitors: Rates = field(default_factory=lambda: Rates(VISITS))
    scans: JobQueue | None = None
    learning: Learning | None = None
    ready: bool = False
    draining: bool = False
    lease: timedelta = LEASE
    undo: timedelta = UNDO
    preview_days: float = 0
    openid: "Provider | None" = None
    accepted: Accepted = field(init=False)
    _changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _changes: int = 0

    def __post_init__(self) -> None:
        """Have the judge counted."""
        self.accepted = Accepted(self.store, lease=self.lease)
        self.metrics.watch_accepted(self.accepted)
        self.metrics.watch(self.online)

    @property
    def busy(self) -> bool:
        """Whether an upload that was accepted is not decided about yet."""
        return bool(self.in_work or self.pending or self.online.waiting)

    @contextmanager
    def enroller(self) -> Iterator[Enroller]:
        """Changes the index that is searched, as long as it is held; uploads go before.

        Raises:
            NoIndex: None is searched.
        """
        with self.online.lent_patiently() as judge:
            if judge.similarity is None:
                raise NoIndex("this service searches no index: start it with --index")
            yield Enroller(judge.encoder, judge.similarity, judge.limits)

    async def change(self, act: Callable[[Enroller], Found]) -> Found:
        """Change the index in a thread, one change after the other.

        Raises:
            NoIndex: None is searched.
            Overloaded: Too many changes are waiting.
        """
        if self._changes >= MOST_CHANGES:
            raise Overloaded(
                f"{self._changes} changes of the index are waiting: try again later",
                retry_after=float(self._changes),
            )
        self._changes += 1
        try:
            async with self._changing:
                with self.enroller() as enroller:
                    return await run_in_threadpool(act, enroller)
        finally:
            self._changes -= 1

    async def ask(self, question: Callable[[State], Found]) -> Found:
        """Ask the index, as it is now, in a thread.

        Raises:
            NoIndex: None is searched.
        """
        with self.enroller() as enroller:
            gallery = enroller.similarity.gallery
            return await run_in_threadpool(lambda: question(gallery.state(newest=True)))

    def forget_images(self, digests: Collection[str]) -> None:
        """Have every process delete the features that it keeps of images.

        Args:
            digests: Hex digests of their files.
        """
        with self.store.transaction() as tx:
            tx.forget_images(digests, at=now())

    def owners(self, account: str | None) -> tuple[str, ...]:
        """Names of the enrolled creators who have an account.

        Args:
            account: Whose upload it is; None where that is not known.
        """
        with self.online.lent() as judge:
            if account is None or judge.similarity is None:
                return ()
            creators = judge.similarity.gallery.state().creators()
        return tuple(sorted(Uploader.of(account, creators).own))

    def policy(self, service: str | None) -> ResolvedPolicy:
        """The policy of a service, as its documents are now.

        Raises:
            LabellingError: There is none of that name, or it cannot be used.
        """
        return open_policy(service or SERVICE, self.policies)

    def begin(
        self, decision: str, deciding: "Coroutine[Any, Any, Decided]"
    ) -> "asyncio.Task[Decided]":
        """Decide, whether or not somebody waits for it.

        Args:
            decision: Its id, under which it is pending until it is made.
            deciding: Makes it.
        """
        task = asyncio.create_task(deciding)
        self.pending[decision] = task
        task.add_done_callback(lambda done: self._end(decision, done))
        return task

    def _end(self, decision: str, done: "asyncio.Task[Any]") -> None:
        self.pending.pop(decision, None)
        if not done.cancelled() and done.exception() is not None:
            _LOG.info("decision %s was not made: %s", decision, done.exception())

    async def drained(self) -> None:
        """Wait for what is being decided after its request was answered."""
        if self.pending:
            await asyncio.wait(list(self.pending.values()))

    def close(self) -> None:
        """Answer what was accepted, and let go of everything."""
        self.online.close()
        if self.learning is not None:
            self.learning.stop()
        self.store.close()
        if self.traces is not None:
            self.traces.close()


def now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)
