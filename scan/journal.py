"""The journal: what a scan has done so far, safe against being killed at any moment.

One SQLite file in the output folder, written in one transaction per batch. It is the truth while
a scan runs; the table and the report are made from it. Of every image it keeps the whole judgement
document; the columns beside it are what is queried, taken from the image's row.
"""

import sqlite3
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Select,
    String,
    Table,
    and_,
    case,
    create_engine,
    distinct,
    event,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool

from core.errors import RakkanError
from core.text import unbroken
from evidence import Judgement
from scan import layout
from scan.documents import Packer
from scan.errors import (
    DamagedScanError,
    JournalError,
    OtherScanError,
    ScanBusyError,
    ScanExistsError,
)
from scan.schema import ScanRow, column_type
from scan.summary import Counts
from serving.judge import Judged

NAME = "journal.sqlite3"
VERSION = 4

QUERIED = ("ai_probability", "ai_verdict", "evidence", "copy_score", "creator_score")
"""Columns of a row by which rows are chosen, ordered and counted."""

_SQL: dict[type, Any] = {str: String, int: Integer, float: Float}

_METADATA = MetaData()
_FACTS = Table(
    "facts",
    _METADATA,
    Column("name", String, primary_key=True),
    Column("value", String),
    sqlite_with_rowid=False,
)
# What was found; `error` says why no bytes could be read.
_PATHS = Table(
    "paths",
    _METADATA,
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
# What is said of the bytes, once for all paths that hold them.
_IMAGES = Table(
    "images",
    _METADATA,
    Column("sha256", String, primary_key=True),
    Column("document", LargeBinary),
    *(Column(name, _SQL[column_type(name)]) for name in QUERIED),
    Column("likeness", Integer),
    Column("error", String),
    Column("error_code", String),
)
# With which documents are packed, once there is one; see `scan.documents`.
_DICTIONARY = Table("dictionary", _METADATA, Column("data", LargeBinary, nullable=False))
_BOTH = _PATHS.outerjoin(_IMAGES, _IMAGES.c.sha256 == _PATHS.c.sha256)


@dataclass(frozen=True)
class Visit:
    """What came of one path.

    Attributes:
        path: As shown.
        size: In bytes, where known.
        stamp: As in `Item`.
        sha256: Of the bytes; None if they could not be read, or the file is no image.
        error: Why the bytes could not be read.
        skipped: Whether the file is no image.
    """

    path: str
    size: int | None
    stamp: int | None
    sha256: str | None = None
    error: RakkanError | None = None
    skipped: bool = False


@dataclass(frozen=True)
class Entry:
    """What a scan says of one path: a judgement or an error.

    Attributes:
        path: As shown.
        size: In bytes, where known.
        sha256: Of the bytes, where they could be read.
        judgement: Of the bytes.
        error: Why there is none, in one plain line.
        error_code: Stable name of that.
    """

    path: str
    size: int | None
    sha256: str | None
    judgement: Judgement | None
    error: str | None
    error_code: str | None

    @property
    def row(self) -> ScanRow:
        """The same as a row of the table."""
        if self.judgement is not None:
            return ScanRow.of(self.judgement, self.path, self.size)
        return ScanRow(
            path=self.path,
            sha256=self.sha256,
            size=self.size,
            error=self.error,
            error_code=self.error_code,
        )


class Journal:
    """An open journal. One thread writes; `knows` may be asked from any thread."""

    def __init__(
        self, engine: Engine, connection: Connection, run: int, packer: Packer | None
    ) -> None:
        """See `open`."""
        self._engine = engine
        self._connection = connection
        self._run = run
        self._packer = packer
        self._lock = threading.Lock()

    @classmethod
    def open(cls, out: Path, identity: Mapping[str, str], *, resume: bool) -> "Journal":
        """Begin a scan in a folder, or go on with the one that is there.

        Args:
            out: The output folder; made if absent.
            identity: What the results depend on, by name. A resumed scan has the same.
            resume: Whether a scan that is there is gone on with.

        Raises:
            ScanExistsError: There is a scan, and `resume` is false; or a scan without its journal.
            OtherScanError: There is a scan with another identity.
            ScanBusyError: Another process holds the journal.
            DamagedScanError: The journal cannot be read.
        """
        place = out / NAME
        if place.exists() and not resume:
            raise ScanExistsError(
                f"{out} holds a scan already: add --resume, or choose another folder"
            )
        if not place.exists() and any((out / name).exists() for name in layout.OUTPUTS):
            raise ScanExistsError(f"{out} holds results of something else: choose another folder")
        out.mkdir(parents=True, exist_ok=True)
        engine = _engine(place)
        try:
            connection = engine.connect()
            try:
                run = _begun(connection, out, identity)
                dictionary = connection.execute(select(_DICTIONARY.c.data)).scalar()
            except BaseException:
                connection.close()
                raise
        except (SQLAlchemyError, sqlite3.Error) as error:
            engine.dispose()
            raise _not_opened(out, error) from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, connection, run, None if dictionary is None else Packer(dictionary))

    def keep(self, path: str, size: int | None, stamp: int | None) -> bool:
        """Whether a path was done before and has not changed; if so, it counts for this run."""
        if stamp is None:
            return False
        done = select(_PATHS.c.path).select_from(_BOTH)
        done = done.where(
            _PATHS.c.path == path,
            _PATHS.c.size.is_not_distinct_from(size),
            _PATHS.c.stamp == stamp,
            or_(_PATHS.c.skipped, _IMAGES.c.sha256.is_not(None)),
        )
        with self._lock, _journal_errors():
            found = self._connection.execute(done).first()
            if found:
                self._connection.execute(
                    update(_PATHS).where(_PATHS.c.path == path).values(run=self._run)
                )
        return found is not None

    def knows(self, sha256: str) -> bool:
        """Whether something has been said of these bytes."""
        query = select(_IMAGES.c.sha256).where(_IMAGES.c.sha256 == sha256)
        with self._lock, _journal_errors():
            return self._connection.execute(query).first() is not None

    def write(self, batch: Sequence[Judged[Visit]], seconds: float) -> None:
        """Write one batch in one transaction.

        Args:
            batch: What came of each path.
            seconds: Time spent since the last batch.

        Raises:
            JournalError: It cannot be written.
        """
        paths = [_path(one.payload, self._run) for one in batch]
        spent = select(_FACTS.c.value).where(_FACTS.c.name == "seconds")
        known = self._packer
        with self._lock, _journal_errors():
            try:
                packer = self._packer_for(batch)
                images = [_image(one, packer) for one in batch if one.judgement or one.error]
                for table, rows in ((_IMAGES, images), (_PATHS, paths)):
                    if rows:
                        self._connection.execute(insert(table).prefix_with("OR REPLACE"), rows)
                before = float(self._connection.execute(spent).scalar_one())
                _set(self._connection, "seconds", repr(before + seconds))
                self._connection.commit()
            except BaseException:
                self._packer = known
                self._connection.rollback()
                raise

    def entries(self) -> Iterator[Entry]:
        """Everything that is said in this run, by path."""
        return self._entries(self._of_this_run().order_by(_PATHS.c.path))

    def rows(self) -> Iterator[ScanRow]:
        """Every row of this run, by path."""
        return (entry.row for entry in self.entries())

    def judged(self) -> Iterator[ScanRow]:
        """The rows that have a probability, highest first."""
        query = self._of_this_run().where(_IMAGES.c.ai_probability.is_not(None))
        query = query.order_by(_IMAGES.c.ai_probability.desc(), _PATHS.c.path)
        return (entry.row for entry in self._entries(query))

    def similar(self) -> Iterator[ScanRow]:
        """The rows that are like an enrolled work or creator: copies first, the surest first."""
        query = self._of_this_run().where(_IMAGES.c.likeness > 0)
        query = query.order_by(
            _IMAGES.c.likeness.desc(),
            _IMAGES.c.copy_score.desc(),
            _IMAGES.c.creator_score.desc(),
            _PATHS.c.path,
        )
        return (entry.row for entry in self._entries(query))

    def errors(self) -> Iterator[ScanRow]:
        """The rows that have an error, by path."""
        query = self._of_this_run().where(_IMAGES.c.ai_probability.is_(None))
        return (entry.row for entry in self._entries(query.order_by(_PATHS.c.path)))

    def counts(self) -> Counts:
        """How many there are of each kind, in this run."""
        row = ~_PATHS.c.skipped
        verdict = _IMAGES.c.ai_verdict
        numbers = {
            "images": _number(row),
            "errors": _number(and_(row, verdict.is_(None))),
            "skipped": _number(_PATHS.c.skipped),
            "ai": _number(verdict == "ai"),
            "human": _number(verdict == "human"),
            "inconclusive": _number(verdict == "inconclusive"),
            "distinct": func.count(distinct(case((verdict.is_not(None), _PATHS.c.sha256)))),
            "copies": _number(_IMAGES.c.likeness == 3),
            "close": _number(_IMAGES.c.likeness == 2),
            "review": _number(_IMAGES.c.likeness == 1),
        }
        query = select(*(number.label(name) for name, number in numbers.items()))
        query = query.select_from(_BOTH).where(_PATHS.c.run == self._run)
        with _journal_errors():
            found = self._connection.execute(query).one()
            spent = select(_FACTS.c.value).where(_FACTS.c.name == "seconds")
            seconds = float(self._connection.execute(spent).scalar_one())
        return Counts(**found._mapping, seconds=seconds)

    def grounds(self) -> list[tuple[str, int]]:
        """How many rows with the verdict `ai` rest on each kind of evidence, the most first."""
        number = func.count()
        query = select(_IMAGES.c.evidence, number).select_from(_BOTH)
        query = query.where(_PATHS.c.run == self._run, _IMAGES.c.ai_verdict == "ai")
        query = query.group_by(_IMAGES.c.evidence).order_by(number.desc(), _IMAGES.c.evidence)
        with _journal_errors():
            return [(kind, count) for kind, count in self._connection.execute(query)]

    def histogram(self, bins: int) -> list[int]:
        """How many rows have a probability in each of `bins` equal parts of 0 to 1."""
        part = func.min((_IMAGES.c.ai_probability * bins).cast(Integer), bins - 1)
        query = select(part.label("part"), func.count()).select_from(_BOTH)
        query = query.where(_PATHS.c.run == self._run, _IMAGES.c.ai_probability.is_not(None))
        with _journal_errors():
            found = self._connection.execute(query.group_by("part"))
            numbers = dict(found.all())
        return [numbers.get(part, 0) for part in range(bins)]

    def close(self) -> None:
        """Write what is left and let the folder go."""
        with _journal_errors():
            # Ctrl-C in the middle of a statement ends the connection, and with it what was begun.
            if not self._connection.invalidated:
                self._connection.commit()
            self._connection.close()
            self._engine.dispose()

    def _packer_for(self, batch: Sequence[Judged[Visit]]) -> Packer | None:
        """The packer of this journal; made of the first batch that has a judgement."""
        examples = [one.judgement for one in batch if one.judgement is not None]
        if self._packer is None and examples:
            self._packer = Packer.of(examples)
            self._connection.execute(insert(_DICTIONARY), [{"data": self._packer.dictionary}])
        return self._packer

    def _of_this_run(self) -> Select[Any]:
        query = select(
            _PATHS.c.path,
            _PATHS.c.size,
            _PATHS.c.sha256,
            _IMAGES.c.document,
            func.coalesce(_PATHS.c.error, _IMAGES.c.error).label("error"),
            func.coalesce(_PATHS.c.error_code, _IMAGES.c.error_code).label("error_code"),
        )
        return query.select_from(_BOTH).where(_PATHS.c.run == self._run, ~_PATHS.c.skipped)

    def _entries(self, query: Select[Any]) -> Iterator[Entry]:
        with _journal_errors():
            found = self._connection.execution_options(yield_per=1000).execute(query)
            yield from map(self._entry, found)

    def _entry(self, found: Row[Any]) -> Entry:
        packer, document = self._packer, found.document
        judgement = packer.unpack(document) if packer is not None and document else None
        return Entry(found.path, found.size, found.sha256, judgement, found.error, found.error_code)


def _engine(place: Path) -> Engine:
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


def _begun(connection: Connection, out: Path, identity: Mapping[str, str]) -> int:
    """Make the tables, or hold the identity to those that are there; returns this run's number."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    if version == 0:
        _METADATA.create_all(connection)
        facts = {**identity, "run": "0", "seconds": "0"}
        connection.execute(
            insert(_FACTS), [{"name": name, "value": value} for name, value in facts.items()]
        )
        connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
    elif version != VERSION:
        raise OtherScanError(
            f"the scan in {out} was made by another version of rakkan: choose another folder"
        )
    facts = dict(connection.execute(select(_FACTS)).all())
    for name, value in identity.items():
        if facts.get(name) != value:
            raise OtherScanError(
                f"the scan in {out} was made with the {name} {facts.get(name)}, not"
                f" {value}: ask for the same, or choose another folder"
            )
    run = int(facts["run"]) + 1
    _set(connection, "run", str(run))
    connection.commit()
    return run


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute(update(_FACTS).where(_FACTS.c.name == name).values(value=value))


def _path(visit: Visit, run: int) -> dict[str, Any]:
    return {
        "path": visit.path,
        "size": visit.size,
        "stamp": visit.stamp,
        "run": run,
        "sha256": visit.sha256,
        "skipped": visit.skipped,
        "error": None if visit.error is None else unbroken(str(visit.error)),
        "error_code": None if visit.error is None else visit.error.code,
    }


def _image(one: Judged[Visit], packer: Packer | None) -> dict[str, Any]:
    """What is said of the bytes of an item."""
    said: dict[str, Any] = dict.fromkeys(column.name for column in _IMAGES.columns)
    if one.judgement is not None and packer is not None:
        row = ScanRow.of(one.judgement, one.payload.path, one.payload.size)
        said |= {
            "sha256": one.judgement.image.sha256,
            "document": packer.pack(one.judgement),
            **{name: getattr(row, name) for name in QUERIED},
            "likeness": row.likeness,
        }
    elif one.error is not None:
        said |= {
            "sha256": one.payload.sha256,
            "error": unbroken(str(one.error)),
            "error_code": one.error.code,
        }
    return said


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows fulfil a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _not_opened(out: Path, error: Exception) -> RakkanError:
    cause = getattr(error, "orig", None) or error
    if "locked" in str(cause):
        return ScanBusyError(f"another scan is writing to {out}")
    if isinstance(cause, sqlite3.OperationalError):
        return DamagedScanError(f"the journal in {out} cannot be opened: {cause}")
    return DamagedScanError(f"the journal in {out} is damaged ({cause}): choose another folder")


@contextmanager
def _journal_errors() -> Iterator[None]:
    """Turn errors of the database into ours.

    Raises:
        JournalError: The journal cannot be written or read.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, zlib.error) as error:
        cause = unbroken(str(getattr(error, "orig", None) or error))
        raise JournalError(f"the journal of the scan cannot be written: {cause}") from error
