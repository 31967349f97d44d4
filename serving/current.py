"""The judge in use, which another can replace while uploads are judged.

    replace(new): new judges a picture -> is in use -> the old one answers what it has, and closes

No upload is dropped: each is answered by the judge that was in use when it came.
"""

import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite

from threadpoolctl import threadpool_limits

from evidence import Judgement
from models.errors import BrokenArtefact
from serving.judge import Judge
from serving.online import Learn, OnlineJudge, Upload
from serving.stages import Told, nobody

GREY = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAEAAAABACAAAAACPAi4CAAAAK0lEQVR42u3MMREAAAgEoNfkRjeEmwcBqMlN"
    "RyAQCAQCgUAgEAgEAsHzYAFAdAEArKmlZAAAAABJRU5ErkJggg=="
)
"""A picture, so that a judge can be asked."""

ASKED = 1.0
"""Seconds for which the answer to whether a judge answers holds."""


@dataclass
class _Lent:
    """A judge, with how many hold it beside its own threads."""

    online: OnlineJudge
    holders: int = 0


class CurrentJudge:
    """The judge in use. Threads share it; nobody keeps the judge itself beyond a `lent()`.

    Attributes:
        most: Uploads that are accepted and not answered yet, at most, of each judge.
    """

    def __init__(
        self,
        judge: Judge,
        *,
        most: int = 64,
        on_batch: Callable[[int], None] | None = None,
        on_stage: Told = nobody,
        on_judged: Sequence[Learn] = (),
    ) -> None:
        """Put a judge into use; it is closed when it is replaced, or with this.

        Args:
            judge: The first one.
            most: Uploads that are accepted and not answered yet, at most, of each judge.
            on_batch: Told how many uploads are encoded at once.
            on_stage: Told the stages of each upload; see `OnlineJudge`.
            on_judged: Are shown each upload once it is answered; see `OnlineJudge`.
        """
        self.most = most
        self._online = partial(
            OnlineJudge, most=most, on_batch=on_batch, on_stage=on_stage, on_judged=on_judged
        )
        # Of the process: judges that overlap would each restore what the other has set. Every
        # search has a thread already, and further ones would burn the encoder's cores.
        self._blas = threadpool_limits(1, user_api="blas")
        self._changed = threading.Condition()
        self._replacing = threading.Lock()
        self._asking = threading.Lock()
        self._answered: tuple[float, bool] = (-ASKED, False)
        self._now = self._open(judge)
        self._before: _Lent | None = None

    @property
    def judge(self) -> Judge:
        """The one that is in use now; see `lent` for whoever works with it."""
        return self._now.online.judge

    @property
    def waiting(self) -> int:
        """How many uploads are accepted and not answered yet, also of the judge before."""
        with self._changed:
            return sum(one.online.waiting for one in (self._now, self._before) if one is not None)

    def require_room(self) -> None:
        """Hold that an upload could be accepted now; see `OnlineJudge.require_room`.

        Raises:
            Overloaded: Too many are waiting, or all is closing.
        """
        self._now.online.require_room()

    def submit(self, upload: Upload) -> "Future[Judgement]":
        """Accept an upload; see `OnlineJudge.submit`.

        Raises:
            Overloaded: Too many are waiting, or all is closing.
        """
        with self._changed:
            return self._now.online.submit(upload)

    @contextmanager
    def lent(self) -> Iterator[Judge]:
        """The judge in use, which stays open as long as this is held."""
        with self._changed:
            lent = self._now
            lent.holders += 1
        try:
            yield lent.online.judge
        finally:
            with self._changed:
                lent.holders -= 1
                self._changed.notify_all()

    @contextmanager
    def lent_patiently(self) -> Iterator[Judge]:
        """As `lent`, for whoever can wait: at the encoder, uploads go before."""
        with self._changed:
            patient = self._now.online.patient_encoder
        with self.lent() as judge:
            yield replace(judge, encoder=patient)

    def answers(self) -> bool:
        """Whether the judge in use answers, truly asked, but not more than once a second.

        Whoever asks whether a service lives needs no key: many who do shall not keep it from work.
        """
        with self._asking:
            when, answers = self._answered
            if time.monotonic() - when >= ASKED:
                with self.lent() as judge:
                    answers = judges(judge)
                self._answered = time.monotonic(), answers
            return answers

    def replace(self, judge: Judge) -> None:
        """Put another judge into use, and return when the one before is closed.

        Args:
            judge: Closed if it cannot judge; then all stays as it is.

        Raises:
            BrokenArtefact: It gives no score.
            Exception: Whatever else it raises where it is asked.
        """
        with self._replacing:
            try:
                _ask(judge)
            except BaseException:
                judge.close()
                raise
            new = self._open(judge)
            with self._changed:
                before, self._now = self._now, new
                self._before = before
            self._close(before)
            with self._changed:
                self._before = None

    def close(self) -> None:
        """Answer what was accepted, and close."""
        with self._replacing:
            self._close(self._now)
            self._blas.restore_original_limits()

    def _open(self, judge: Judge) -> _Lent:
        return _Lent(self._online(judge))

    def _close(self, lent: _Lent) -> None:
        lent.online.close()
        with self._changed:
            self._changed.wait_for(lambda: not lent.holders)
        lent.online.judge.close()


def judges(judge: Judge) -> bool:
    """Whether a judge answers, truly asked: its encoder and its model; not the index.

    An index whose database does not answer is no reason to end a process.
    """
    try:
        _ask(replace(judge, similarity=None, state=None))
    except Exception:
        return False
    return True


def _ask(judge: Judge) -> None:
    if not isfinite(judge.one(GREY).ai.pixels.score):
        raise BrokenArtefact(f"the model {judge.model.name} gives no score: take another")
