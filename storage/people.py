"""People who may sign in to the console, who of them is signed in, and sign-ins that failed.

Of a session and of a name that somebody tried only hashes are kept.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.text import printable
from storage.chain import storable
from storage.errors import BadText, PersonExists, UnknownRecord
from storage.tables import FAILED_SIGN_INS, PEOPLE, SESSIONS


class StaffRole(StrEnum):
    """What somebody may do at the console."""

    MODERATOR = "moderator"
    """Claims and answers."""
    SENIOR = "senior"
    """Second opinions, appeals, suspensions and delistings in bulk, too."""
    ADMIN = "admin"
    """People, models and policies, too."""
    AUDITOR = "auditor"
    """Reads everything and changes nothing."""


class Pictures(StrEnum):
    """How somebody wants pictures to be shown at first."""

    SHOWN = "shown"
    GREY = "grey"
    BLURRED = "blurred"


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in.

    Attributes:
        name: As it stands in the records for good.
        role: What they may do.
        account: Their own account on the platform; None for none.
        language: In which they read the console; None for that of their browser.
        pictures: How pictures are shown to them at first.
        made_at: Since when.
        disabled_at: When that ended.
    """

    name: str
    role: StaffRole
    account: str | None
    language: str | None
    pictures: Pictures
    made_at: datetime
    disabled_at: datetime | None


class PeopleReader:
    """Questions about them."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def find(self, name: str) -> Person | None:
        """Somebody, also if disabled; None where there is nobody of the name."""
        row = self._row(name)
        return None if row is None else _person(row)

    def all(self) -> tuple[Person, ...]:
        """Everybody, also who is disabled, by name."""
        return tuple(map(_person, self._connection.execute(select(PEOPLE).order_by(PEOPLE.c.name))))

    def password(self, name: str) -> str | None:
        """The hash of somebody's password; None where they have none, or cannot sign in."""
        row = self._row(name)
        return None if row is None or row.disabled_at is not None else row.password

    def signed_in(self, token: str, now: datetime) -> Person | None:
        """Whose session a token is of; None where it has ended, or its person is disabled."""
        query = (
            select(PEOPLE)
            .join_from(SESSIONS, PEOPLE, PEOPLE.c.name == SESSIONS.c.person)
            .where(SESSIONS.c.hash == _hash(token), SESSIONS.c.expires_at > now)
            .where(PEOPLE.c.disabled_at.is_(None))
        )
        row = self._connection.execute(query).first()
        return None if row is None else _person(row)

    def failures(self, name: str, since: datetime) -> int:
        """How many sign-ins under a name failed one after the other, the last since a time."""
        mine = FAILED_SIGN_INS.c.name == _hash(name)
        query = select(FAILED_SIGN_INS.c.count).where(mine, FAILED_SIGN_INS.c.at >= since)
        return self._connection.scalar(query) or 0

    def _row(self, name: str) -> Row[Any] | None:
        try:
            storable(name)
        except BadText:
            return None  # nobody's: anything may be tried as a name
        return self._connection.execute(select(PEOPLE).where(PEOPLE.c.name == name)).first()


class People(PeopleReader):
    """What is done with them, within a transaction that nobody writes beside."""

    def add(
        self, name: str, role: StaffRole, password: str | None, account: str | None, *, at: datetime
    ) -> None:
        """Let somebody sign in.

        Args:
            name: Of the person; nobody else ever had it.
            role: What they may do.
            password: Its hash; None where another service knows them.
            account: Their own on the platform.
            at: Now.

        Raises:
            PersonExists: The name is taken, if only by somebody who is disabled.
            BadText: A name that no database can keep.
        """
        if self.find(storable(name)) is not None:
            raise PersonExists(f"{printable(name)} may sign in already: choose another name")
        row = {"name": name, "role": role, "password": password, "account": account, "made_at": at}
        self._connection.execute(insert(PEOPLE).values(**row, pictures=Pictures.SHOWN))

    def change(self, name: str, **values: Any) -> None:
        """Change what is known of somebody; `values` are columns.

        Raises:
            UnknownRecord: There is nobody of the name.
        """
        change = update(PEOPLE).where(PEOPLE.c.name == name).values(**values)
        if not self._connection.execute(change).rowcount:
            raise UnknownRecord(f"there is nobody called {printable(name)} at the console")

    def begin(self, name: str, *, now: datetime, until: datetime) -> str:
        """Begin a session; those that have run out are forgotten.

        Returns:
            What the browser is to show, which is kept nowhere.
        """
        token = secrets.token_urlsafe(32)
        self._connection.execute(delete(SESSIONS).where(SESSIONS.c.expires_at <= now))
        row = {"hash": _hash(token), "person": name, "expires_at": until}
        self._connection.execute(insert(SESSIONS).values(**row))
        return token

    def end(self, token: str) -> None:
        """End a session."""
        self._connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == _hash(token)))

    def end_all(self, name: str) -> None:
        """End all sessions of a person."""
        self._connection.execute(delete(SESSIONS).where(SESSIONS.c.person == name))

    def failed(self, name: str, *, since: datetime, now: datetime) -> None:
        """Count a sign-in that failed; those whose last is older than `since` are forgotten."""
        count = self.failures(name, since) + 1
        old = (FAILED_SIGN_INS.c.at < since) | (FAILED_SIGN_INS.c.name == _hash(name))
        self._connection.execute(delete(FAILED_SIGN_INS).where(old))
        row = {"name": _hash(name), "count": count, "at": now}
        self._connection.execute(insert(FAILED_SIGN_INS).values(**row))

    def forgive(self, name: str) -> None:
        """Forget the sign-ins that failed under a name."""
        self._connection.execute(
            delete(FAILED_SIGN_INS).where(FAILED_SIGN_INS.c.name == _hash(name))
        )


def _hash(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()


def _person(row: Row[Any]) -> Person:
    return Person(
        name=row.name,
        role=StaffRole(row.role),
        account=row.account,
        language=row.language,
        pictures=Pictures(row.pictures),
        made_at=row.made_at,
        disabled_at=row.disabled_at,
    )
