"""Judging uploads that come one by one, while their uploaders wait.

    request -> queue -> prepared in a thread -> whatever is waiting is encoded together
            -> concluded in a thread -> answer

A lone upload never waits for others: a batch is what has gathered while the one before was encoded.
What does not fit into the queue is refused at once, with the time after which it may. Whoever can
wait encodes by `patient_encoder`.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial

from detector.pixels.views import first_view, other_views
from evidence import Judgement
from imaging import DecodedImage, decode_for_view
from models import Encoder, Features, Views
from models.encoder.stream import encode_batch
from serving.errors import Overloaded
from serving.judge import BATCH, Judge, Prepared
from serving.stages import Told, nobody, timed
from serving.turns import PatientEncoder, Piece, Turns

_LOG = logging.getLogger("rakkan.serving")


@dataclass(frozen=True)
class Upload:
    """What is to be judged.

    Attributes:
        read: Gives the whole file; asked once, in a thread, when its turn comes.
        declared_ai: As in `Judge.one`.
        account: As in `Judge.one`.
    """

    read: Callable[[], bytes] = field(repr=False)
    declared_ai: bool | None = None
    account: str | None = None


@dataclass(frozen=True)
class JudgedUpload:
    """An upload after its judgement, with what it was made of, for whoever learns from it.

    Attributes:
        judge: That judged it.
        judgement: What is said of it.
        prepared: What was learnt before the encoder.
        features: Of its first view, or of all where that left doubt.
        image: It.
    """

    judge: Judge
    judgement: Judgement
    prepared: Prepared
    features: Features = field(repr=False)
    image: DecodedImage = field(repr=False)


Learn = Callable[[JudgedUpload], None]
"""Is shown an upload once it is answered; what it raises is logged, and harms no answer."""


@dataclass(frozen=True)
class _Waiting:
    """An upload between its preparation and its conclusion.

    Attributes:
        upload: What is judged.
        prepared: What was learnt before the encoder.
        image: For its other views.
        first: Its first view.
        answer: Who waits for it.
        told: Is told its stages.
        since: When it was prepared, by `time.perf_counter`.
    """

    upload: Upload
    prepared: Prepared
    image: DecodedImage = field(repr=False)
    first: Views = field(repr=False)
    answer: "Future[Judgement]"
    told: Told
    since: float


class OnlineJudge:
    """Judges uploads from many threads; the answers are those of `Judge.one`.

    A context manager: on leaving, what was accepted is answered before it closes.

    Attributes:
        judge: Judges; stays open.
        most: Uploads that are accepted and not answered yet, at most.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        most: int = 64,
        workers: int = 2,
        on_batch: Callable[[int], None] | None = None,
        on_stage: Told = nobody,
        on_judged: Sequence[Learn] = (),
    ) -> None:
        """Start the threads.

        Args:
            judge: Judges the uploads.
            most: Uploads that are accepted and not answered yet, at most.
            workers: Threads that prepare, and as many that conclude.
            on_batch: Told how many uploads are encoded at once.
            on_stage: Told the stages of each upload, in the context in which it was submitted.
            on_judged: Are shown each upload once it is answered, in the thread that concluded it.
        """
        self.judge = judge
        self.most = most
        self._lock = threading.Lock()
        self._on_batch = on_batch
        self._on_stage = on_stage
        self._on_judged = on_judged
        self._open = 0
        self._closing = False
        self._seconds = 0.1
        self._turns: Turns[_Waiting] = Turns()
        self._before = ThreadPoolExecutor(workers, thread_name_prefix="prepare")
        # Of its own: the encoder waits for these, and the others have earlier and later uploads.
        self._more = ThreadPoolExecutor(workers, thread_name_prefix="more")
        self._after = ThreadPoolExecutor(workers, thread_name_prefix="conclude")
        self._encoding = threading.Thread(target=self._encode_all, name="encode", daemon=True)
        self._encoding.start()

    def __enter__(self) -> "OnlineJudge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """How many uploads are accepted and not answered yet."""
        return self._open

    @property
    def patient_encoder(self) -> Encoder:
        """The encoder for whoever can wait: uploads go before."""
        return PatientEncoder(self.judge.encoder, self._turns)

    def require_room(self) -> None:
        """Hold that an upload could be accepted now.

        Raises:
            Overloaded: Too many are waiting, or it is closing.
        """
        if self._closing or self._open >= self.most:
            raise Overloaded(
                f"{self._open} uploads are waiting: try again later",
                retry_after=max(1.0, self._open * self._seconds),
            )

    def submit(self, upload: Upload) -> "Future[Judgement]":
        """Accept an upload.

        Returns:
            Its judgement, or why there is none (`ImagingError`).

        Raises:
            Overloaded: Too many are waiting, or it is closing.
        """
        with self._lock:
            self.require_room()
            self._open += 1
        answer: Future[Judgement] = Future()
        # From here on nobody can cancel it: it is answered, whether or not somebody waits.
        answer.set_running_or_notify_cancel()
        started = time.monotonic()
        answer.add_done_callback(lambda _: self._done(time.monotonic() - started))
        # Of the request: whoever is told a stage finds its id and its trace there.
        context = copy_context()

        def told(stage: str, seconds: float) -> None:
            context.run(self._on_stage, stage, seconds)

        accepted = time.perf_counter()
        self._before.submit(
            self._step, answer, lambda: self._prepare(upload, answer, told, accepted)
        )
        return answer

    def close(self) -> None:
        """Answer what was accepted, and end the threads."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        self._before.shutdown()
        self._turns.end()
        self._encoding.join()
        self._more.shutdown()
        self._after.shutdown()

    def _done(self, seconds: float) -> None:
        with self._lock:
            # A mean over the last ten or so: how long each that waits is likely to take.
            self._seconds += 0.1 * (seconds / max(1, self._open) - self._seconds)
            self._open -= 1

    def _step(self, answer: "Future[Judgement]", step: Callable[[], None]) -> None:
        """A step of an upload: what it raises is its answer, and no other's."""
        try:
            step()
        except BaseException as error:
            answer.set_exception(error)

    def _prepare(
        self, upload: Upload, answer: "Future[Judgement]", told: Told, accepted: float
    ) -> None:
        judge = self.judge
        told("queue", time.perf_counter() - accepted)
        with timed(told, "decode"):
            data = upload.read()
            image = decode_for_view(data, judge.encoder.size, limits=judge.limits)
        with timed(told, "examine"):
            prepared = judge.prepare(data, image, upload.declared_ai)
            first = first_view(image, judge.encoder.size)
        now = time.perf_counter()
        self._turns.put(_Waiting(upload, prepared, image, first, answer, told, now))

    def _encode_all(self) -> None:
        while (batch := self._turns.take(BATCH)) is not None:
            if isinstance(batch, Piece):
                batch.encode(self.judge.encoder)
                continue
            try:
                if self._on_batch is not None:
                    self._on_batch(len(batch))
                features = self._encode(batch)
            except BaseException as error:
                for one in batch:
                    one.answer.set_exception(error)
                continue
            for one, found in zip(batch, features, strict=True):
                self._after.submit(self._step, one.answer, partial(self._end, one, found))

    def _encode(self, batch: list[_Waiting]) -> Sequence[Features | None]:
        started = time.perf_counter()
        for one in batch:
            one.told("queue", started - one.since)
        views = [one.first for one in batch]
        features = encode_batch(views, batch, self.judge.encoder, self._others, self._more)
        seconds = time.perf_counter() - started
        for one in batch:
            one.told("encode", seconds)
        return features

    def _others(self, one: _Waiting, first: Features) -> Views | None:
        """The other views of an upload that its first leaves in doubt."""
        doubt = self.judge.detector.in_doubt(first)
        return other_views(one.image, self.judge.encoder.size) if doubt else None

    def _end(self, one: _Waiting, features: Features | None) -> None:
        assert features is not None  # noqa: S101 - for the type: every upload here has a view
        with timed(one.told, "search"):
            judgement = self.judge.conclude(one.prepared, features, one.upload.account)
        one.answer.set_result(judgement)
        for learn in self._on_judged:
            try:
                learn(JudgedUpload(self.judge, judgement, one.prepared, features, one.image))
            except Exception:
                _LOG.exception("an upload was answered, and cannot be learnt from")
