"""The store: every act is one transaction, every question sees one state."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import delete, select, tuple_, update

from databases.engines import Database, exclusive, reading, writing
from storage import chain, outbox
from storage.cases import Backlog, Message, MessageState
from storage.changes import carry_out
from storage.decisions import RecordedDecision, read_decisions
from storage.erasure import PATIENCE, clean
from storage.events import Event, EventType
from storage.failures import database_errors
from storage.projections import changes
from storage.reader import Reader
from storage.state import DECISIONS, STATE
from storage.tables import HEAD
from storage.transaction import Transaction

LOCK = 0x52656373
"""That writers hold on PostgreSQL: `Recs` in ASCII."""

LEASE = timedelta(minutes=5)
"""For how long a worker has a message to itself."""

PAGE = 500
"""Decisions, or events, that are in memory at once."""


class Store:
    """Records in a database. May be used by many threads and processes; see `open_store`."""

    def __init__(self, database: Database) -> None:
        """Take a database whose tables are those of this version."""
        self.database = database
        self._writer = exclusive(database.engine, LOCK)
        self._reader = reading(database)

    @property
    def place(self) -> str:
        """How errors call it."""
        return self.database.place

    def close(self) -> None:
        """Close all connections."""
        self.database.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """An act: all of it is kept or, where an error leaves it, nothing.

        Raises:
            RecordsBusy: Another process is writing.
            RecordsReadOnly: The database may only be read.
            BrokenRecords: It cannot be read or written.
        """
        with database_errors(self.place), writing(self._writer) as connection:
            yield Transaction(connection)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Questions that see one state; they wait for nobody.

        Raises:
            BrokenRecords: The database cannot be read.
        """
        with database_errors(self.place), self._reader.begin() as connection:
            yield Reader(connection)

    def decisions(
        self, *, since: datetime, service: str | None = None, page: int = PAGE
    ) -> Iterator[RecordedDecision]:
        """All decisions in the order of account and time; memory stays flat.

        Each page is a short transaction of its own: what is decided meanwhile may be among them.

        Args:
            since: The first time of an upload that counts.
            service: Whose; None for all.
            page: How many are read at once.
        """
        order = (DECISIONS.c.account, DECISIONS.c.at, DECISIONS.c.sequence)
        chosen = select(DECISIONS).where(DECISIONS.c.at >= since).order_by(*order).limit(page)
        if service is not None:
            chosen = chosen.where(DECISIONS.c.service == service)
        last = None
        while True:
            some = chosen if last is None else chosen.where(tuple_(*order) > last)
            with database_errors(self.place), self._reader.begin() as connection:
                rows = connection.execute(some).all()
                found = read_decisions(connection, rows)
            yield from found
            if len(rows) < page:
                return
            last = tuple_(rows[-1].account, rows[-1].at, rows[-1].sequence)

    def verify(self, anchors: Sequence[str] = ()) -> chain.Verification:
        """Look whether the chain of all events is whole; memory stays flat.

        Args:
            anchors: Hex digests noted earlier, which must stand in it.
        """
        with self.reading() as reader:
            return reader.verify(anchors)

    def rebuild(self) -> None:
        """Make the state anew from the events; nobody writes meanwhile."""
        with database_errors(self.place), writing(self._writer) as connection:
            for table in STATE:
                connection.execute(delete(table))
            events = Reader(connection).events()
            while some := list(islice(events, PAGE)):
                carry_out(connection, (change for one in some for change in changes(one)))

    def erase(self, account: str, *, at: datetime, actor: str) -> int:
        """Erase what is known of an account, from the files too; see `storage.erasure`.

        Args:
            account: Whose.
            at: When.
            actor: Who does it.

        Returns:
            How many texts and documents were erased.

        Raises:
            UnknownRecord: There is nothing of that account.
            RecordsBusy: It is erased, but somebody still reads it: what lies in the files goes when
                `clean` is called again, or the store is opened.
        """
        with self.transaction() as transaction:
            gone = transaction.erase(account, at=at, actor=actor)
        self.clean()
        return gone

    def clean(self, patience: float = PATIENCE) -> None:
        """Leave nothing in the files of what was erased, if something may lie there still.

        Args:
            patience: Seconds to wait for whoever still reads it.

        Raises:
            RecordsBusy: Somebody still reads it.
        """
        with self.reading() as reader:
            unclean = reader.head().unclean
        if unclean:
            clean(self.database, patience)
            with database_errors(self.place), writing(self._writer) as connection:
                connection.execute(update(HEAD).values(unclean=False))

    def claim(
        self, now: datetime, *, lease: timedelta = LEASE, limit: int = 100
    ) -> tuple[Message, ...]:
        """Claim messages that are due; see `storage.outbox`."""
        # Workers ask often: where nothing is due, nobody who writes waits for them.
        with database_errors(self.place), self._reader.begin() as connection:
            if not outbox.due(connection, now):
                return ()
        # PostgreSQL passes over rows that another worker holds; SQLite has one writer anyway.
        on_postgres = self.database.engine.dialect.name == "postgresql"
        begun = self.database.engine.begin() if on_postgres else writing(self._writer)
        with database_errors(self.place), begun as connection:
            return outbox.claim(connection, now, lease, limit)

    def delivered(self, message: str, *, at: datetime, actor: str) -> None:
        """Say that a message was delivered; said again, nothing happens.

        Raises:
            UnknownRecord: There is none of that id.
        """
        with self.transaction() as transaction:
            if transaction.message(message).delivered_at is None:
                transaction.append(
                    Event(type=EventType.DELIVERED, at=at, actor=actor, data={"message": message})
                )

    def failed(self, message: str, error: str, retry_at: datetime | None) -> None:
        """Say that a delivery failed; see `storage.outbox`."""
        with database_errors(self.place), writing(self._writer) as connection:
            outbox.failed(connection, message, error, retry_at)

    def release(self, messages: Iterable[str]) -> None:
        """Give back messages that were claimed and not begun; see `storage.outbox`."""
        with database_errors(self.place), writing(self._writer) as connection:
            outbox.release(connection, messages)

    def backlog(self) -> Backlog:
        """How much is to be sent still."""
        with database_errors(self.place), self._reader.begin() as connection:
            return outbox.backlog(connection)

    def messages(
        self, state: MessageState, *, limit: int = 100, after: int = 0
    ) -> tuple[Message, ...]:
        """Messages of a state, the oldest first.

        Args:
            state: How far they have come.
            limit: At most so many.
            after: Sequence after which they begin.
        """
        with database_errors(self.place), self._reader.begin() as connection:
            return outbox.in_state(connection, state, limit, after)

    def dead_letters(self, limit: int = 100) -> tuple[Message, ...]:
        """Messages that are not tried any longer, the oldest first."""
        return self.messages(MessageState.DEAD, limit=limit)

    def revive(self, message: str) -> None:
        """Try a message again at once, from the first attempt on."""
        with database_errors(self.place), writing(self._writer) as connection:
            outbox.revive(connection, message)

    def revive_all(self) -> int:
        """Try all dead letters again at once; says how many."""
        with database_errors(self.place), writing(self._writer) as connection:
            return outbox.revive_all(connection)
