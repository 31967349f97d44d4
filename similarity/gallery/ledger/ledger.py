"""The ledger itself: every change is one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Engine, insert, inspect, select, update

from core.text import printable
from similarity.errors import IndexNotFound, WorkNotFound
from similarity.gallery.creators import Consent, Creator, Protection, Work
from similarity.gallery.gallery import Identity, Measure, NewWork
from similarity.gallery.ledger import state as facts
from similarity.gallery.ledger.codec import PackedWork, digest, encodable, pack, unpack
from similarity.gallery.ledger.engines import alone, told
from similarity.gallery.ledger.reading import read_creators, read_local_features, read_works
from similarity.gallery.ledger.tables import (
    ACCOUNTS,
    COLLABORATORS,
    CREATORS,
    DESCRIPTIONS,
    FACTS,
    LOCAL_FEATURES,
    LOG,
    METADATA,
    WORKS,
)
from similarity.gallery.ledger.writing import (
    Change,
    drop_works,
    find,
    forget,
    put_creator,
    put_names,
    renew_digests,
    works_of,
)
from similarity.gallery.names import creator_name

Clock = Callable[[], datetime]


class Beside(Protocol):
    """Tables beside those of the ledger, which follow them within the same transactions.

    Their rows go when the works do that they refer to.
    """

    def create(self, connection: Connection) -> None:
        """Make them."""
        ...

    def add(self, connection: Connection, ids: Sequence[int], works: Sequence[PackedWork]) -> None:
        """Follow new works."""
        ...


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


def not_found(place: str) -> IndexNotFound:
    """The error that says how to make an index."""
    return IndexNotFound(
        f"there is no index in {place}: `rakkan creators enrol CREATOR PATH --index {place}`"
        " makes one"
    )


class Ledger:
    """Creators, consent and works in a database. May be used by many threads."""

    def __init__(
        self,
        engine: Engine,
        identity: Identity,
        measure: Measure,
        *,
        place: str,
        clock: Clock = utc_now,
        beside: Beside | None = None,
    ) -> None:
        """Take a database; `create` makes the tables in an empty one, `check` looks at them.

        Args:
            engine: Of the database.
            identity: What descriptions are made with.
            measure: How a creator's works stand out; called within the transactions.
            place: How errors call the index.
            clock: The time, with a zone.
            beside: Tables that follow the ledger's.
        """
        self._engine = engine
        self._writer = alone(engine)
        self._identity = identity
        self._measure = measure
        self._place = place
        self._clock = clock
        self._beside = beside

    def create(self) -> None:
        """Make the tables, if there are none.

        Raises:
            IndexBusy: Another process is writing.
            BrokenIndex: The database cannot be written.
        """
        with self.writing() as connection:
            if not inspect(connection).has_table(FACTS.name):
                METADATA.create_all(connection)
                facts.write(connection, facts.first(self._identity))
                if self._beside is not None:
                    self._beside.create(connection)

    def check(self) -> None:
        """Whether the index is one of ours.

        Raises:
            IndexNotFound: It has no tables.
            IndexDiffers: It was made with something else.
            BrokenIndex: It cannot be read.
        """
        with self.reading() as connection:
            if not inspect(connection).has_table(FACTS.name):
                raise not_found(self._place)
            facts.require(facts.read(connection), self._identity, self._place)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state, however long it takes."""
        with told(self._place), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that nobody can write beside.

        Raises:
            IndexBusy: Another process is writing.
        """
        with told(self._place), self._writer.begin() as connection:
            yield connection

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
        name = creator_name(creator)
        if consent.at.tzinfo is None:
            raise ValueError("the time of a consent needs a zone")
        consent = Consent(
            encodable(consent.by), consent.at, consent.note and encodable(consent.note)
        )
        packed = [pack(self._identity, work) for work in works]
        owned = [encodable(account) for account in accounts]
        alike = {creator_name(other) for other in collaborators} - {name}
        with self._changing() as change:
            id_ = put_creator(change, name, consent, protection)
            put_names(change, ACCOUNTS, id_, owned)
            put_names(change, COLLABORATORS, id_, alike)
            renew_digests(change, [id_])
            count = self._add(change, id_, name, packed)
            self._stand(change, id_)
            self._log(change, "enrolled", name, by=consent.by, note=consent.note, works=count)
            return read_creators(change.connection, CREATORS.c.id == id_)[0]

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        """Remove single works, by name; see `Gallery`."""
        with self._changing() as change:
            id_, name = find(change.connection, creator)
            mine = {row.name: row for row in works_of(change.connection, id_)}
            for work in works:
                if work not in mine:
                    raise WorkNotFound(f"{printable(name)} has no work {printable(work)}")
            wanted = set(works)
            drop_works(change, [mine[work] for work in wanted])
            self._stand(change, id_)
            self._log(change, "removed", name, works=len(wanted))
            return read_creators(change.connection, CREATORS.c.id == id_)[0]

    def withdraw(self, creator: str) -> int:
        """Remove a creator with all works; see `Gallery`.

        Sets the fact `unclean`: whoever keeps copies of vectors elsewhere clears it when they are
        gone from there, too.
        """
        with self._changing() as change:
            id_, name = find(change.connection, creator)
            works = works_of(change.connection, id_)
            drop_works(change, works)
            forget(change, id_, name)
            facts.change(change.connection, unclean=change.before.sequence + 1)
            self._log(change, "withdrawn", name)
            return len(works)

    def creators(self) -> tuple[Creator, ...]:
        """All creators, by name."""
        with self.reading() as connection:
            return tuple(read_creators(connection))

    def creator(self, name: str) -> Creator:
        """One creator; see `Gallery`."""
        with self.reading() as connection:
            id_, _ = find(connection, name)
            return read_creators(connection, CREATORS.c.id == id_)[0]

    def works(self, ids: Sequence[int]) -> Mapping[int, Work]:
        """Works by id; those that are gone are left out."""
        with self.reading() as connection:
            return read_works(connection, ids)

    def local_features(self, ids: Sequence[int]) -> Mapping[int, bytes]:
        """The local features of works by id; those that are gone are left out."""
        with self.reading() as connection:
            return read_local_features(connection, ids)

    def styles(self, creator: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The ids (int64 [n]) and style vectors (float32 [n, S]) of a creator; see `Gallery`."""
        with self.reading() as connection:
            return self._styles(connection, find(connection, creator)[0])

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _changing(self) -> Iterator[Change]:
        with self.writing() as connection:
            before = facts.read(connection)
            change = Change(connection, before, before.content)
            yield change
            change.finish()

    def _add(self, change: Change, id_: int, creator: str, works: Sequence[PackedWork]) -> int:
        """Add works of new bytes; those that lose their name to them go."""
        old = {row.name: row for row in works_of(change.connection, id_)}
        hashes = {row.sha256 for row in old.values()}
        new: dict[str, PackedWork] = {}
        replaced = []
        for work in works:
            if work.sha256 in hashes:
                continue
            if work.name in old:
                replaced.append(old.pop(work.name))
                hashes.remove(replaced[-1].sha256)
            elif work.name in new:
                hashes.remove(new.pop(work.name).sha256)
            new[work.name] = work
            hashes.add(work.sha256)
        drop_works(change, replaced)
        if new:
            self._insert(change, id_, creator, tuple(new.values()))
        return len(new)

    def _insert(self, change: Change, id_: int, creator: str, works: Sequence[PackedWork]) -> None:
        at = self._clock()
        digests = [digest(creator, *vars(work).values()) for work in works]
        records = [
            {
                "creator_id": id_,
                "name": work.name,
                "sha256": work.sha256,
                "at": at,
                "digest": named,
            }
            for work, named in zip(works, digests, strict=True)
        ]
        adding = insert(WORKS).returning(WORKS.c.id, sort_by_parameter_order=True)
        ids = change.connection.scalars(adding, records).all()
        numbered = list(zip(ids, works, strict=True))
        described = [column.name for column in DESCRIPTIONS.c if column.name != "work_id"]
        change.connection.execute(
            insert(DESCRIPTIONS),
            [
                {"work_id": work_id, **{name: getattr(work, name) for name in described}}
                for work_id, work in numbered
            ],
        )
        change.connection.execute(
            insert(LOCAL_FEATURES),
            [{"work_id": work_id, "features": work.local} for work_id, work in numbered],
        )
        for named in digests:
            change.came(named)
        if self._beside is not None:
            self._beside.add(change.connection, ids, works)

    def _stand(self, change: Change, id_: int) -> None:
        """Measure anew how a creator's works stand out."""
        _, styles = self._styles(change.connection, id_)
        standing = self._measure(styles) if len(styles) else None
        names = ("mean", "deviation", "own", "distinct")
        values = {name: getattr(standing, name, None) for name in names}
        change.connection.execute(update(CREATORS).where(CREATORS.c.id == id_).values(**values))

    def _styles(
        self, connection: Connection, id_: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        rows = connection.execute(
            select(WORKS.c.id, DESCRIPTIONS.c.style)
            .join(DESCRIPTIONS)
            .where(WORKS.c.creator_id == id_)
            .order_by(WORKS.c.id)
        ).all()
        ids = np.array([row.id for row in rows], np.int64)
        return ids, unpack((row.style for row in rows), self._identity.style)

    def _log(
        self,
        change: Change,
        what: str,
        creator: str,
        *,
        by: str | None = None,
        note: str | None = None,
        works: int | None = None,
    ) -> None:
        values = {"at": self._clock(), "what": what, "creator": creator}
        change.connection.execute(insert(LOG).values(**values, by=by, note=note, works=works))
