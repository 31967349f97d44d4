"""The half of a gallery that its ledger answers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from core.text import printable
from similarity.errors import IndexBusy
from similarity.gallery.creators import Consent, Creator, Protection, Work
from similarity.gallery.gallery import NewWork
from similarity.gallery.ledger.ledger import Ledger


class RecordedGallery(ABC):
    """Answers from a ledger; see `similarity.gallery.gallery.Gallery`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def creators(self) -> tuple[Creator, ...]:
        """All creators, by name."""
        return self._ledger.creators()

    def creator(self, name: str) -> Creator:
        """One creator; see `Gallery`."""
        return self._ledger.creator(name)

    def works(self, ids: Sequence[int]) -> Mapping[int, Work]:
        """Works by id; those that are gone are left out."""
        return self._ledger.works(ids)

    def styles(self, creator: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ids and style vectors of all works of a creator; see `Gallery`."""
        return self._ledger.styles(creator)

    def local_features(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        """The local features of works by id; those that are gone are left out."""
        return self._ledger.local_features(ids)

    def enrol(
        self,
        creator: str,
        consent: Consent,
        works: Sequence[NewWork],
        *,
        protection: Protection | None = None,
        accounts: Sequence[str] = (),
        collaborators: Sequence[str] = (),
    ) -> Creator:
        """Enrol a creator, or add to one; see `Gallery`."""
        enrolled = self._ledger.enrol(
            creator,
            consent,
            works,
            protection=protection,
            accounts=accounts,
            collaborators=collaborators,
        )
        self._has_changed()
        with suppress(IndexBusy):  # It is enrolled, and laid out by whoever comes next.
            self._lay_out_when_due()
        return enrolled

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        """Remove single works, by name; see `Gallery`."""
        left = self._ledger.remove(creator, works)
        self._has_changed()
        return left

    def withdraw(self, creator: str) -> int:
        """Remove a creator with all works; see `Gallery`.

        When it returns, no file of ours holds a vector, hash or local feature of theirs any longer.
        If that is cut short, the next `open` does it.

        Raises:
            IndexBusy: Also when the creator is withdrawn and found no more, but another process
                keeps us from clearing the files; says so. Then the next `open` does that.
        """
        count = self._ledger.withdraw(creator)
        try:
            self._erase()
        except IndexBusy as error:
            raise IndexBusy(
                f"{printable(creator)} is withdrawn and found no more, but files of the index still"
                " hold something of the works, since another process is busy with it: they are"
                " cleared when the index is opened next"
            ) from error
        finally:
            self._has_changed()
        return count

    def close(self) -> None:
        """Close the connections to the ledger."""
        self._ledger.close()

    def _has_changed(self) -> None:  # noqa: B027 - a gallery that keeps nothing has nothing to do
        """Notice that what is searched is not what is enrolled any longer."""

    @abstractmethod
    def _lay_out_when_due(self) -> None:
        """Lay out what has come for a fast search, if that is much."""

    @abstractmethod
    def _erase(self) -> None:
        """Leave nothing of the withdrawn in any file, if the fact `unclean` is set; clear it."""
