"""Who works at the console: people are added and disabled, sign in and out.

Every change and every sign-in that succeeds is an event. What fails is counted by a hash of the
name alone, as anybody may write anything there, and the same happens whether or not there is
such a person: nobody finds out names.
"""

from datetime import datetime, timedelta
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.text import printable
from moderation.errors import PasswordTooShort, SignInRefused
from moderation.people import RAKKAN, Moderator
from storage import Event, EventType, Role, Store, Transaction
from storage.errors import UnknownRecord
from storage.people import Person, StaffRole

SHORTEST = 10
"""Characters of a password."""

SESSION = timedelta(hours=12)
"""How long somebody stays signed in."""

TRIES = 5
"""Sign-ins that may fail under a name, one after the other, before it has to wait."""

WAIT = timedelta(minutes=15)
"""How long."""

ANSWERING = frozenset({StaffRole.MODERATOR, StaffRole.SENIOR, StaffRole.ADMIN})
"""Roles that claim and answer."""

SENIORS = frozenset({StaffRole.SENIOR, StaffRole.ADMIN})
"""Roles that are senior."""

_HASHER = PasswordHasher()
_NOBODYS = _HASHER.hash(uuid4().hex)
"""Of no password: looked at where there is no such person, so that it takes as long."""


def moderator(person: Person) -> Moderator:
    """A person as who acts."""
    return Moderator(person.name, person.account, person.role in SENIORS)


def add(
    store: Store,
    name: str,
    role: StaffRole,
    password: str | None,
    *,
    account: str | None = None,
    at: datetime,
    by: str = RAKKAN,
) -> None:
    """Let somebody sign in.

    Args:
        store: Where.
        name: Of the person; stands in the records for good.
        role: What they may do.
        password: Theirs; None where another service tells who they are.
        account: Their own on the platform.
        at: Now, with a time zone.
        by: Who adds them.

    Raises:
        PasswordTooShort: It has less than `SHORTEST` characters.
        PersonExists: The name is taken.
        BadText: A name that no database can keep.
    """
    hashed = None if password is None else _hashed(password)
    with store.transaction() as tx:
        tx.people.add(name, role, hashed, account, at=at)
        _tell(tx, "added", name, role, at=at, by=by)


def disable(store: Store, name: str, *, at: datetime, by: str = RAKKAN) -> None:
    """End that somebody may sign in, and all their sessions.

    Raises:
        UnknownRecord: There is nobody of the name.
    """
    with store.transaction() as tx:
        tx.people.change(name, disabled_at=at)
        tx.people.end_all(name)
        _tell(tx, "disabled", name, None, at=at, by=by)


def set_role(store: Store, name: str, role: StaffRole, *, at: datetime, by: str = RAKKAN) -> None:
    """Change what somebody may do, at once; also lets in again who was disabled.

    Raises:
        UnknownRecord: There is nobody of the name.
    """
    with store.transaction() as tx:
        tx.people.change(name, role=role, disabled_at=None)
        _tell(tx, "role", name, role, at=at, by=by)


def set_password(store: Store, name: str, password: str, *, at: datetime, by: str = RAKKAN) -> None:
    """Give somebody a new password, which ends their sessions.

    Raises:
        PasswordTooShort: It has less than `SHORTEST` characters.
        UnknownRecord: There is nobody of the name.
    """
    hashed = _hashed(password)
    with store.transaction() as tx:
        tx.people.change(name, password=hashed)
        tx.people.end_all(name)
        tx.people.forgive(name)
        _tell(tx, "password", name, None, at=at, by=by)


def sign_in(store: Store, name: str, password: str, *, at: datetime) -> str:
    """Begin a session by name and password.

    Args:
        store: Where.
        name: What somebody gives as their name.
        password: With it.
        at: Now, with a time zone.

    Returns:
        What the browser is to show.

    Raises:
        SignInRefused: They do not fit, or too often of late did not.
    """
    since = at - WAIT
    with store.reading() as reader:
        waits = reader.people.failures(name, since) >= TRIES
        hashed = reader.people.password(name)
    fits = not waits and _fits(hashed, password)
    with store.transaction() as tx:
        # What was counted meanwhile counts; and so does that somebody was disabled.
        if tx.people.failures(name, since) >= TRIES:
            fits = False
        elif not fits or tx.people.password(name) != hashed:
            fits = False
            tx.people.failed(name, since=since, now=at)
        else:
            tx.people.forgive(name)
            return begin(tx, name, "password", at=at)
    raise SignInRefused("This name and password do not let in, or too many did not: wait a while.")


def enter(store: Store, name: str, role: StaffRole | None, *, at: datetime) -> str:
    """Begin a session of somebody whom another service vouches for.

    Args:
        store: Where.
        name: As that service names them.
        role: That it gives them, which makes them known here; None for that which they have here.
        at: Now, with a time zone.

    Returns:
        What the browser is to show.

    Raises:
        SignInRefused: They are not known here, or disabled.
    """
    with store.transaction() as tx:
        person = tx.people.find(name)
        if person is None and role is not None:
            tx.people.add(name, role, None, None, at=at)
            _tell(tx, "added", name, role, at=at, by=RAKKAN)
        elif person is None or person.disabled_at is not None:
            raise SignInRefused("Nobody of this name may sign in here: ask an administrator.")
        elif role is not None and role is not person.role:
            tx.people.change(name, role=role)
            _tell(tx, "role", name, role, at=at, by=RAKKAN)
        return begin(tx, name, "openid", at=at)


def begin(tx: Transaction, name: str, how: str, *, at: datetime) -> str:
    """Begin a session of somebody who has shown who they are.

    Args:
        tx: The transaction.
        name: Who.
        how: They have shown it.
        at: Now, with a time zone.

    Returns:
        What the browser is to show.

    Raises:
        UnknownRecord: They may not sign in.
    """
    person = tx.people.find(name)
    if person is None or person.disabled_at is not None:
        raise UnknownRecord(f"there is nobody called {printable(name)} at the console")
    tx.append(Event(type=EventType.SIGNED_IN, at=at, actor=name, data={"how": how}))
    return tx.people.begin(name, now=at, until=at + SESSION)


def sign_out(store: Store, token: str, *, at: datetime) -> None:
    """End a session, if it has not ended.

    Args:
        store: Where.
        token: What the browser shows.
        at: Now, with a time zone.
    """
    with store.transaction() as tx:
        person = tx.people.signed_in(token, at)
        if person is not None:
            tx.append(Event(type=EventType.SIGNED_OUT, at=at, actor=person.name))
        tx.people.end(token)


def _tell(
    tx: Transaction, what: str, name: str, role: StaffRole | None, *, at: datetime, by: str
) -> None:
    said = {"what": what} if role is None else {"what": what, "role": role.value}
    names = {Role.PERSON: (name,)}
    tx.append(Event(type=EventType.PERSON_CHANGED, at=at, actor=by, data=said, names=names))


def _hashed(password: str) -> str:
    if len(password) < SHORTEST:
        raise PasswordTooShort(f"A password has {SHORTEST} characters at least: take a longer one.")
    return _HASHER.hash(password)


def _fits(hashed: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(hashed or _NOBODYS, password) and hashed is not None
    except (VerificationError, InvalidHashError, UnicodeError):
        return False
