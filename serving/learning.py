"""Those who learn from the uploads of a running service, kept in order by one thread.

answered upload -> each learner keeps what it wants of it -> every minute it is written and tidied,
                                                             and what has to leave is deleted
"""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from serving.online import JudgedUpload
from serving.rounds import Rounds

SECONDS = 60.0
"""Between two looks."""


class Learner(Protocol):
    """Keeps something of uploads; called with each one that is answered, by many threads."""

    def __call__(self, upload: JudgedUpload) -> None:
        """Keep something of an upload."""
        ...

    def forget(self, digests: Collection[str]) -> None:
        """Delete what is kept of images, by the hex digests of their files."""
        ...

    def tidy(self) -> None:
        """Write what is in memory, and delete what was kept long enough."""
        ...


class Learning:
    """Looks after the learners of a service.

    Attributes:
        learners: They.
    """

    def __init__(
        self,
        learners: Sequence[Learner],
        forgotten: Callable[[], Collection[str]],
        *,
        seconds: float = SECONDS,
    ) -> None:
        """Begin when it is started.

        Args:
            learners: Who are looked after.
            forgotten: Gives hex digests of images that are to leave, each once.
            seconds: Between two looks.
        """
        self.learners = tuple(learners)
        self._forgotten = forgotten
        self._leaving: set[str] = set()
        failed = "what is kept of uploads cannot be written or deleted"
        self._rounds = Rounds(self.look, seconds, "learning", failed)

    def start(self) -> None:
        """Begin to look, in a thread."""
        self._rounds.start()

    def stop(self) -> None:
        """Write what is in memory, and end."""
        self._rounds.stop()
        for one in self.learners:
            one.tidy()

    def look(self) -> None:
        """Have all written and tidied, and what has to leave deleted."""
        self._leaving |= set(self._forgotten())
        for one in self.learners:
            one.tidy()
            if self._leaving:
                one.forget(self._leaving)
        self._leaving.clear()  # only now: what could not be deleted is tried again
