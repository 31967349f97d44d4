"""One state of a gallery, as its ledger answers for it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from core.text import printable
from similarity.description import HASH_BYTES
from similarity.errors import BadName, CreatorNotFound, StateEnded
from similarity.gallery.creators import Creator, Work
from similarity.gallery.gallery import CreatorStyles
from similarity.gallery.ledger import Ledger
from similarity.gallery.ledger.reading import (
    read_creators,
    read_derived,
    read_local_features,
    read_styles,
    read_works,
    read_works_by_content,
    read_works_of,
)
from similarity.gallery.ledger.state import LedgerState
from similarity.gallery.ledger.tables import DESCRIPTIONS, STATE, WORKS
from similarity.gallery.ledger.vectors import read_hashes
from similarity.gallery.names import creator_name
from similarity.vectors.base import Neighbours

Read = TypeVar("Read")

CREATORS_AT_ONCE = 256
"""Creators whose style vectors are in memory at once."""


class Records:
    """The records of one state: creators in memory, and of the works how far they go.

    Works never change, and ids rise: those up to the last are the works of the state, as long as
    none of them is taken out. So a state needs no transaction that stays open, which would keep
    the database from clearing away what is withdrawn.
    """

    def __init__(self, connection: Connection, state: LedgerState) -> None:
        """Read them within the transaction that the state was read in."""
        self.state = state
        self.last: int = connection.scalar(select(func.max(WORKS.c.id))) or 0
        self.creators = {creator.name: creator for creator in read_creators(connection)}


class RecordedState(ABC):
    """Implements `similarity.gallery.gallery.State`, but for the searches."""

    def __init__(self, ledger: Ledger, records: Records) -> None:
        """Of a ledger, with the records of the state."""
        self._ledger = ledger
        self._records = records

    @property
    def name(self) -> str:
        """Names encoder, heads and content; see `State`."""
        return self._records.state.name

    @property
    def recorded(self) -> LedgerState:
        """What the ledger said of itself in this state."""
        return self._records.state

    def creators(self) -> tuple[Creator, ...]:
        """All creators, by name."""
        return tuple(self._records.creators.values())

    def creator(self, name: str) -> Creator:
        """One creator; see `State`."""
        try:
            return self._records.creators[creator_name(name)]
        except (KeyError, BadName) as error:
            raise CreatorNotFound(f"no creator is enrolled as {printable(name)}") from error

    def works(self, ids: Sequence[int]) -> Mapping[int, Work]:
        """Works by id; see `State`."""
        return self._read(lambda connection: read_works(connection, self._mine(ids)))

    def works_of(self, creator: str) -> tuple[Work, ...]:
        """The works of a creator; see `State`."""
        id_ = self.creator(creator).id
        return self._own(self._read(lambda connection: read_works_of(connection, id_)))

    def works_by_content(self, digests: Sequence[str]) -> tuple[Work, ...]:
        """All works of files with these digests; see `State`."""
        return self._own(self._read(lambda connection: read_works_by_content(connection, digests)))

    def styles(self, creator: str) -> CreatorStyles:
        """The style vectors of a creator; see `State`."""
        one = self.creator(creator)
        return self._read(
            lambda connection: self._ledger.styles(connection, one, self._records.last)
        )

    def all_styles(self) -> Iterator[CreatorStyles]:
        """The style vectors of all creators; see `State`."""
        creators = self.creators()
        for start in range(0, len(creators), CREATORS_AT_ONCE):
            some = creators[start : start + CREATORS_AT_ONCE]
            yield from self._read(partial(self._styles, some))

    def hashes(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Ids and hashes of all works; see `State`."""
        return self._read(partial(_hashes, self._records.last))

    def local_features(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        """The local features of works; see `State`."""
        return self._read(lambda connection: read_local_features(connection, self._mine(ids)))

    def check(self) -> None:
        """Ask whether all works are there still; see `State`."""
        self._read(lambda _: None)

    def derived(self, name: str) -> bytes | None:
        """What was kept for this state; see `State`."""
        return self._ledger.read(lambda connection: read_derived(connection, self.name, name))

    @abstractmethod
    def search_style(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The works nearest in style; see `State`."""

    @abstractmethod
    def search_copies(self, queries: NDArray[np.float32], k: int) -> Neighbours:
        """The regions of works nearest in content; see `State`."""

    @abstractmethod
    def search_hashes(self, queries: NDArray[np.uint8], k: int) -> Neighbours:
        """The works nearest by hash; see `State`."""

    def _read(self, question: Callable[[Connection], Read]) -> Read:
        """Ask within a transaction in which the works of this state are all there.

        Raises:
            StateEnded: Some are not.
        """

        def asked(connection: Connection) -> Read:
            removed = connection.scalar(select(STATE.c.removed))
            if removed is None or removed > self.recorded.sequence:
                raise StateEnded(
                    f"works were taken out of the index {self._ledger.place} meanwhile: search it"
                    " anew"
                )
            return question(connection)

        return self._ledger.read(asked)

    def _styles(self, some: Sequence[Creator], connection: Connection) -> list[CreatorStyles]:
        return list(read_styles(connection, some, self._ledger.identity.style, self._records.last))

    def _mine(self, ids: Sequence[int]) -> list[int]:
        return [int(id_) for id_ in ids if id_ <= self._records.last]

    def _own(self, works: Sequence[Work]) -> tuple[Work, ...]:
        return tuple(work for work in works if work.id <= self._records.last)


def _hashes(upto: int, connection: Connection) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    ids, batches = read_hashes(connection, DESCRIPTIONS.c.work_id <= upto)
    none = np.empty((0, HASH_BYTES), np.uint8)
    return ids, np.concatenate([none, *batches])
