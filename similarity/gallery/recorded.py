"""What both galleries do around their ledgers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from core.text import printable
from similarity.errors import IndexBusy, IndexReadOnly
from similarity.gallery.creators import Creator, Enrolment, EnrolmentResult, Withdrawal
from similarity.gallery.gallery import Measure, NewWork, State
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.reading import read_withdrawals


class RecordedGallery(ABC):
    """Changes a ledger, and what is laid out of it for searches; see `Gallery`."""

    def __init__(self, ledger: Ledger, measure: Measure | None) -> None:
        """Of a ledger.

        Args:
            ledger: The truth.
            measure: How a creator's works stand out; None leaves that to whoever can measure it.
        """
        self._ledger = ledger
        self._measure = measure

    @abstractmethod
    def state(self, *, newest: bool = False) -> State:
        """The state that is searched now; see `Gallery`."""

    def enrol(self, enrolment: Enrolment, works: Sequence[NewWork]) -> EnrolmentResult:
        """Enrol a creator, or add to one; see `Gallery`."""
        result = self._ledger.enrol(enrolment, works)
        try:
            result = replace(result, creator=self._measured(result.creator))
        finally:
            self._has_changed()
        with suppress(IndexBusy):  # It is enrolled, and laid out by whoever comes next.
            self._lay_out_when_due()
        return result

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        """Remove single works; see `Gallery`."""
        left = self._ledger.remove(creator, works)
        try:
            return self._measured(left)
        finally:
            self._has_changed()

    def withdraw(self, creator: str) -> int:
        """Remove a creator with all works; see `Gallery`.

        When it returns, no file of ours holds a vector, hash or local feature of theirs any longer.
        If that is cut short, the next `open` for changes does it.

        Raises:
            IndexBusy: Also when the creator is withdrawn and found no more, but somebody keeps us
                from clearing the files; says so. Then the next `open` for changes does that.
        """
        count = self._ledger.withdraw(creator)
        try:
            self._erase()
        except IndexBusy as error:
            raise IndexBusy(
                f"{printable(creator)} is withdrawn and found no more, but files of the index still"
                f" hold something of the works, since {error}: they are cleared when the index is"
                " opened for a change next"
            ) from error
        finally:
            self._has_changed()
        return count

    def withdrawn(self) -> tuple[Withdrawal, ...]:
        """All withdrawals, the oldest first."""
        return self._ledger.read(read_withdrawals)

    def keep(self, state: State, name: str, value: bytes) -> None:
        """Keep what was computed from a state; see `Gallery`."""
        with suppress(IndexBusy, IndexReadOnly):
            self._ledger.keep(state.name, name, value)

    def measure_all(self) -> None:
        """Measure how each creator stands out whose works nobody has measured yet."""
        for creator in self.state(newest=True).creators():
            self._measured(creator)
        self._has_changed()

    def close(self) -> None:
        """Close the connections to the ledger."""
        self._ledger.close()

    def _measured(self, creator: Creator) -> Creator:
        if self._measure is None or not creator.works or creator.standing is not None:
            return creator
        with suppress(IndexBusy):  # The works are as they are; whoever searches measures them.
            return self._ledger.measure(creator, self._measure)
        return creator

    def _has_changed(self) -> None:  # noqa: B027 - a gallery that keeps nothing has nothing to do
        """Notice that what is searched is not what is enrolled any longer."""

    @abstractmethod
    def _lay_out_when_due(self) -> None:
        """Lay out what is new for a fast search, if that is much."""

    @abstractmethod
    def _erase(self) -> None:
        """Leave nothing of the withdrawn in any file, if the state is `unclean`; say so in it."""
