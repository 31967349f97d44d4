"""The ledger itself: every change is one transaction."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, insert, update
from sqlalchemy import delete as deletion

from core.text import printable
from databases.engines import Database, exclusive, reading
from similarity.errors import (
    IndexBusy,
    IndexNotFound,
    IndexOutdated,
    IndexReadOnly,
    WorkNotFound,
)
from similarity.gallery.creators import (
    Consent,
    Creator,
    Enrolment,
    EnrolmentResult,
    SharedWork,
    Standing,
)
from similarity.gallery.gallery import CreatorStyles, Identity, NewWork
from similarity.gallery.ledger.codec import PackedWork, digest, encodable, pack
from similarity.gallery.ledger.failures import database_errors
from similarity.gallery.ledger.migrate import recorded_revision, to_head
from similarity.gallery.ledger.reading import (
    WITHDRAWN,
    read_creators,
    read_styles,
    read_withdrawals,
    read_works_by_content,
)
from similarity.gallery.ledger.state import (
    LedgerState,
    change_state,
    read_state,
    require,
    write_state,
)
from similarity.gallery.ledger.tables import (
    ACCOUNTS,
    ALIASES,
    COLLABORATORS,
    CREATORS,
    DERIVED,
    DESCRIPTIONS,
    LOCAL_FEATURES,
    LOG,
    REVISION,
    WORKS,
)
from similarity.gallery.ledger.writing import (
    STANDING,
    Change,
    clear_standing,
    drop_works,
    find,
    forget,
    put_creator,
    put_names,
    renew_digests,
    works_of,
)
from similarity.gallery.names import creator_name

ATTEMPTS = 20
"""How often a reading is begun anew that a writer came into; each lasts as long as it does."""

LOCK = 0x52616B6B
"""That writers hold on PostgreSQL: `Rakk` in ASCII."""

UNKNOWN = Identity("", "", 0, 0)
"""Of a ledger that is opened for what it says of itself."""

Clock = Callable[[], datetime]
Read = TypeVar("Read")


class SideTables(Protocol):
    """Tables beside those of the ledger, which follow them within the same transactions.

    Their rows go when the works do that they refer to.
    """

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


def check_revision(connection: Connection, place: str) -> None:
    """Whether the tables are those of this version.

    Raises:
        IndexNotFound: There are none.
        IndexOutdated: They are older or newer; says what to do.
    """
    revision = recorded_revision(connection)
    if revision is None:
        raise not_found(place)
    if revision < REVISION:
        raise IndexOutdated(
            f"the index {place} was made by an older version of rakkan: `rakkan creators upgrade"
            f" --index {place}` brings it up to date"
        )
    if revision > REVISION:
        raise IndexOutdated(
            f"the index {place} was made by a newer version of rakkan: install that version"
        )


def identity_of(database: Database) -> Identity:
    """What an index says that it was made with.

    Raises:
        IndexNotFound: There is none.
        IndexOutdated: Its tables are of another revision.
        BrokenIndex: It cannot be read.
    """

    def identity(connection: Connection) -> Identity:
        check_revision(connection, database.place)
        return read_state(connection).identity

    return Ledger(database, UNKNOWN).read(identity)


class Ledger:
    """Creators, consent and works in a database. May be used by many threads."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        *,
        clock: Clock = utc_now,
        side_tables: SideTables | None = None,
    ) -> None:
        """Take a database; `create` makes the tables in an empty one, `check` looks at them.

        Args:
            database: Where it lies.
            identity: What descriptions are made with.
            clock: The time, with a zone.
            side_tables: Tables that follow the ledger's.
        """
        self.database = database
        self.identity = identity
        self._reader = reading(database)
        self._writer = exclusive(database.engine, LOCK)
        self._clock = clock
        self._side_tables = side_tables

    @property
    def place(self) -> str:
        """How errors call the index."""
        return self.database.place

    def create(self) -> None:
        """Make the tables, if there are none.

        Raises:
            IndexBusy: Another process is writing.
            BrokenIndex: The database cannot be written.
        """
        with self.writing() as connection:
            if recorded_revision(connection) is None:
                to_head(connection, self.identity)
                write_state(connection, self.identity)

    def check(self) -> None:
        """Whether the index is one of ours.

        Raises:
            IndexNotFound: It has no tables.
            IndexOutdated: Its tables are of another revision.
            IndexDiffers: It was made with something else.
            BrokenIndex: It cannot be read.
        """

        def checked(connection: Connection) -> None:
            check_revision(connection, self.place)
            require(read_state(connection), self.identity, self.place)

        self.read(checked)

    def read(self, question: Callable[[Connection], Read]) -> Read:
        """Ask a question within one transaction, which sees one state, however long it takes.

        Args:
            question: May be asked more than once.

        Raises:
            BrokenIndex: The database cannot be read.
            IndexBusy: It is being written all the time.
        """
        for _ in range(ATTEMPTS):
            stamp = self.database.stamp()
            try:
                with database_errors(self.place), self._reader.begin() as connection:
                    answer = question(connection)
            except Exception:
                if self.database.stamp() == stamp:
                    raise
                continue
            if self.database.stamp() == stamp:
                return answer
        raise IndexBusy(f"another process is changing the index {self.place}: try again")

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that nobody can write beside.

        Raises:
            IndexBusy: Another process is writing.
            IndexReadOnly: The database was opened for reading.
        """
        self.require_writable()
        with database_errors(self.place), self._writer.begin() as connection:
            yield connection

    def require_writable(self) -> None:
        """Refuse to change what was opened for reading.

        Raises:
            IndexReadOnly: It was.
        """
        if self.database.read_only:
            raise IndexReadOnly(f"the index {self.place} was opened for reading alone")

    def state(self) -> LedgerState:
        """The state as it is now."""
        return self.read(read_state)

    def enrol(self, enrolment: Enrolment, works: Sequence[NewWork]) -> EnrolmentResult:
        """Enrol a creator, or add to one; see `Gallery`."""
        name = creator_name(enrolment.creator)
        consent = enrolment.consent
        if consent.at.tzinfo is None:
            raise ValueError("the time of a consent needs a zone")
        consent = Consent(
            encodable(consent.by), consent.at, consent.note and encodable(consent.note)
        )
        packed = [pack(self.identity, work) for work in works]
        accounts = [encodable(account) for account in enrolment.accounts]
        collaborators = {creator_name(other) for other in enrolment.collaborators} - {name}
        aliases = {creator_name(alias) for alias in enrolment.aliases} - {name}
        with self.changing() as change:
            connection = change.connection
            id_ = put_creator(change, name, consent, enrolment.protection)
            put_names(change, ACCOUNTS, id_, accounts)
            put_names(change, COLLABORATORS, id_, collaborators)
            put_names(change, ALIASES, id_, aliases)
            renew_digests(change, [id_])
            added = self._add(change, id_, name, packed)
            self._log(change, "enrolled", name, by=consent.by, note=consent.note, works=added)
            withdrawals = read_withdrawals(connection, LOG.c.creator == name)
            return EnrolmentResult(
                creator=read_creators(connection, CREATORS.c.id == id_)[0],
                added=added,
                shared=_shared(connection, name, packed),
                withdrew=withdrawals[-1].at if withdrawals else None,
            )

    def remove(self, creator: str, works: Sequence[str]) -> Creator:
        """Remove single works, by name or digest; see `Gallery`."""
        with self.changing() as change:
            id_, name = find(change.connection, creator)
            mine = works_of(change.connection, id_)
            known = {row.sha256: row for row in mine} | {row.name: row for row in mine}
            for work in works:
                if work not in known:
                    raise WorkNotFound(f"{printable(name)} has no work {printable(work)}")
            wanted = {known[work].id: known[work] for work in works}
            drop_works(change, list(wanted.values()))
            if wanted:
                clear_standing(change, id_)
            self._log(change, "removed", name, works=len(wanted))
            return read_creators(change.connection, CREATORS.c.id == id_)[0]

    def withdraw(self, creator: str) -> int:
        """Remove a creator with all works; see `Gallery`.

        Sets `unclean`: whoever keeps copies of vectors elsewhere clears it when they are gone from
        there, too.
        """
        with self.changing() as change:
            id_, name = find(change.connection, creator)
            works = works_of(change.connection, id_)
            drop_works(change, works)
            forget(change, id_, name)
            change.removes = True
            change_state(change.connection, unclean=change.sequence)
            self._log(change, WITHDRAWN, name)
            return len(works)

    def measure(
        self, creator: Creator, measure: Callable[[NDArray[np.float32]], Standing]
    ) -> Creator:
        """Measure how a creator's works stand out, and keep it.

        Nothing is locked while it is measured. If the works change meanwhile, nothing is kept:
        whoever changed them measures them.

        Args:
            creator: As read.
            measure: Of style vectors, float32 [n, S].
        """
        styles = self.read(lambda connection: self.styles(connection, creator))
        standing = measure(styles.vectors) if len(styles.ids) else None
        values = {name: getattr(standing, name, None) for name in STANDING}
        with self.writing() as connection:
            now = self.styles(connection, creator)
            if np.array_equal(now.ids, styles.ids):
                mine = CREATORS.c.id == creator.id
                connection.execute(update(CREATORS).where(mine).values(**values))
            found = read_creators(connection, CREATORS.c.id == creator.id)
        return found[0] if found else creator

    def styles(
        self, connection: Connection, creator: Creator, upto: int = (1 << 63) - 1
    ) -> CreatorStyles:
        """The style vectors of a creator, of works with ids up to one."""
        width = self.identity.style
        mine = read_styles(connection, [creator], width, upto)
        none = CreatorStyles(creator, np.empty(0, np.int64), np.empty((0, width), np.float32))
        return next(mine, none)

    def keep(self, state: str, name: str, value: bytes) -> None:
        """Keep what was computed from a state, if the ledger is still in it."""
        with self.writing() as connection:
            if read_state(connection).name == state:
                connection.execute(deletion(DERIVED).where(DERIVED.c.name == name))
                kept = {"name": name, "state": state, "value": value}
                connection.execute(insert(DERIVED).values(**kept))

    def cleaned(self, unclean: int) -> None:
        """Note that nothing of withdrawals up to a sequence lies in any file."""
        with self.writing() as connection:
            if read_state(connection).unclean == unclean:
                change_state(connection, unclean=0)

    def close(self) -> None:
        """Close all connections."""
        self.database.engine.dispose()

    @contextmanager
    def changing(self) -> Iterator[Change]:
        """A change of what is enrolled, in one transaction that nobody can write beside."""
        with self.writing() as connection:
            before = read_state(connection)
            change = Change(connection, before, int(before.content, 16))
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
            clear_standing(change, id_)
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
            change.add(named)
        if self._side_tables is not None:
            self._side_tables.add(change.connection, ids, works)

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


def _shared(
    connection: Connection, creator: str, works: Sequence[PackedWork]
) -> tuple[SharedWork, ...]:
    """Which works others have enrolled, too."""
    names = {work.sha256: work.name for work in works}
    return tuple(
        SharedWork(names[other.sha256], other)
        for other in read_works_by_content(connection, list(names))
        if other.creator != creator
    )
