"""The file of a journal: its tables, how it is opened, and what can go wrong with it."""

import json
import sqlite3
import uuid
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Boolean,
    Column,
    Connection,
    Dialect,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from core.errors import RakkanError
from core.text import unbroken
from scan.errors import DamagedScanError, JournalError, OtherScanError, ScanBusyError
from scan.listing import Listing
from scan.schema import COLUMNS, column_type

NAME = "journal.sqlite3"
VERSION = 6

OF_PATHS = frozenset({"path", "size", "sha256", "error", "error_code"})
"""Columns of a row that are kept of its path."""

DECIDED = ("label", "action", "policy", "policy_sha256")
"""Columns of a row that are a decision's."""

JUDGED = tuple(name for name in COLUMNS if name not in OF_PATHS and name not in DECIDED)
"""Columns of a row that are a judgement's."""

LISTED = tuple(field.name for field in fields(Listing))
"""What the report says beside a row."""


class Texts(TypeDecorator[tuple[str, ...]]):
    """Several texts in one column, as JSON."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """What the column keeps."""
        return None if value is None else json.dumps(value, ensure_ascii=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        """What it gives back."""
        return None if value is None else _texts(value)


@lru_cache(maxsize=10_000)
def _texts(value: str) -> tuple[str, ...]:
    # Most images of a scan have the same reasons as many others.
    return tuple(json.loads(value))


_SQL: dict[type, Any] = {str: String, int: Integer, float: Float, tuple: Texts}

METADATA = MetaData()
FACTS = Table(
    "facts",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", String),
    sqlite_with_rowid=False,
)
# What was found; `error` says why no bytes could be read.
PATHS = Table(
    "paths",
    METADATA,
    Column("path", String, primary_key=True),
    Column("size", Integer),
    Column("stamp", Integer),
    Column("run", Integer, nullable=False),
    Column("sha256", String),
    Column("skipped", Boolean, nullable=False),
    Column("error", String),
    Column("error_code", String),
    sqlite_with_rowid=False,
)
# What is said of the bytes, once for all paths that hold them: the document, the row and how it is
# listed; then what is decided about them, with `asked`, why.
IMAGES = Table(
    "images",
    METADATA,
    Column("sha256", String, primary_key=True),
    Column("document", LargeBinary),
    *(Column(name, _SQL[column_type(name)]) for name in JUDGED),
    *(Column(name, _SQL[column_type(name, Listing)]) for name in LISTED),
    Column("decision", LargeBinary),
    *(Column(name, _SQL[column_type(name)]) for name in DECIDED),
    Column("asked", _SQL[tuple]),
    Column("error", String),
    Column("error_code", String),
)
# With which documents are packed, once there is one; see `scan.documents`.
DICTIONARY = Table("dictionary", METADATA, Column("data", LargeBinary, nullable=False))
BOTH = PATHS.outerjoin(IMAGES, IMAGES.c.sha256 == PATHS.c.sha256)


def open_file(place: Path) -> Engine:
    """What connects to the file, by one connection; the file is made when it is first needed."""
    engine = create_engine(
        URL.create("sqlite", database=str(place)),
        poolclass=StaticPool,
        connect_args={"timeout": 0, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _: object) -> None:
        # None: transactions begin where we say so, and not where Python guesses.
        connection.isolation_level = None
        # Exclusive: a second scan into the folder finds it locked, and a killed one unlocks it.
        for pragma in (
            "page_size = 16384",  # documents of one or two kilobytes waste less of a large page
            "locking_mode = EXCLUSIVE",
            "journal_mode = WAL",
            "synchronous = NORMAL",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _began(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def begin(connection: Connection, out: Path, identity: Mapping[str, str]) -> int:
    """Make the tables, or hold the identity to those that are there; returns this run's number."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version == 0:
        METADATA.create_all(connection)
        facts = {**identity, "run": "0", "seconds": "0", "id": uuid.uuid4().hex}
        connection.execute(
            insert(FACTS), [{"name": name, "value": value} for name, value in facts.items()]
        )
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
        version = VERSION
    _require_version(version, out)
    facts = dict(connection.execute(select(FACTS)).all())
    for name, value in identity.items():
        if facts.get(name) != value:
            raise OtherScanError(
                f"the scan in {out} was made with the {name} {facts.get(name)}, not"
                f" {value}: ask for the same, or choose another folder"
            )
    run = int(facts["run"]) + 1
    set_fact(connection, "run", str(run))
    connection.commit()
    return run


def last_run(connection: Connection, out: Path) -> int:
    """The number of the last run of a scan."""
    _require_version(connection.exec_driver_sql("PRAGMA user_version").scalar_one(), out)
    return int(connection.execute(select(FACTS.c.value).where(FACTS.c.name == "run")).scalar_one())


def _require_version(version: int, out: Path) -> None:
    if version != VERSION:
        raise OtherScanError(
            f"the scan in {out} was made by another version of rakkan: choose another folder"
        )


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Change what the journal says of itself."""
    connection.execute(update(FACTS).where(FACTS.c.name == name).values(value=value))


def not_opened(out: Path, error: Exception) -> RakkanError:
    """Why a journal cannot be opened."""
    cause = getattr(error, "orig", None) or error
    if "locked" in str(cause):
        return ScanBusyError(f"another scan is writing to {out}")
    if isinstance(cause, sqlite3.OperationalError):
        return DamagedScanError(f"the journal in {out} cannot be opened: {cause}")
    return DamagedScanError(f"the journal in {out} is damaged ({cause}): choose another folder")


@contextmanager
def journal_errors() -> Iterator[None]:
    """Turn errors of the database into ours.

    Raises:
        JournalError: The journal cannot be written or read.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, zlib.error) as error:
        cause = unbroken(str(getattr(error, "orig", None) or error))
        raise JournalError(f"the journal of the scan cannot be written: {cause}") from error
