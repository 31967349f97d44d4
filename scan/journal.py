"""The journal: what a scan has done so far, safe against being killed at any moment.

One SQLite file in the output folder, written in one transaction per batch. It is the truth while
a scan runs; the table and the report are made from it.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scan import layout as places
from scan.errors import DamagedScanError, OtherScanError, ScanBusyError, ScanExistsError
from scan.schema import IMAGE_COLUMNS, LIST_COLUMNS, ImageResult, ScanRow
from scan.summary import Counts

NAME = "journal.sqlite3"
VERSION = 3
OUTPUTS = (places.RESULTS, places.REPORT, places.INSIDE)
"""What a scan leaves beside its journal."""

# `paths`: what was found; its `error` says why no bytes could be read. `images`: what is said of
# the bytes, once for all paths that hold them.
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE paths (
    path TEXT PRIMARY KEY, size INTEGER, stamp INTEGER, run INTEGER NOT NULL,
    sha256 TEXT, skipped INTEGER NOT NULL, error TEXT
) WITHOUT ROWID;
CREATE TABLE images (
    sha256 TEXT PRIMARY KEY, width INTEGER, height INTEGER, format TEXT,
    ai_probability REAL, ai_verdict TEXT, evidence TEXT, generator TEXT,
    pixel_probability REAL, pixel_score REAL, reasons TEXT, model TEXT,
    copy_of TEXT, copy_creator TEXT, copy_score REAL, copy_to_review TEXT,
    nearest_creators TEXT, creator_score REAL, creator_verdict TEXT, index_name TEXT, error TEXT
) WITHOUT ROWID;
"""

_ROWS = f"""
SELECT p.path, p.size, p.error AS path_error, p.sha256 AS sha256,
       {", ".join(f"i.{name}" for name in IMAGE_COLUMNS if name != "sha256")}
FROM paths p LEFT JOIN images i ON i.sha256 = p.sha256
WHERE p.run = ? AND NOT p.skipped
"""  # noqa: S608 - the names of our own columns


# How far an image is like enrolled works: a copy, close in style, to be compared by a person.
_ALIKE = """
CASE WHEN i.copy_of IS NOT NULL THEN 3 WHEN i.creator_verdict = 'close' THEN 2
     WHEN i.copy_to_review IS NOT NULL OR i.creator_verdict = 'review' THEN 1 ELSE 0 END
"""


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
    error: str | None = None
    skipped: bool = False


class Journal:
    """An open journal. One thread writes; `knows` may be asked from any thread."""

    def __init__(self, connection: sqlite3.Connection, run: int) -> None:
        self._connection = connection
        self._run = run
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
        if not place.exists() and any((out / name).exists() for name in OUTPUTS):
            raise ScanExistsError(f"{out} holds results of something else: choose another folder")
        out.mkdir(parents=True, exist_ok=True)
        try:
            return cls(*_connect(place, identity))
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise ScanBusyError(f"another scan is writing to {out}") from error
            raise DamagedScanError(f"the journal in {out} cannot be opened: {error}") from error
        except sqlite3.DatabaseError as error:
            raise DamagedScanError(
                f"the journal in {out} is damaged ({error}): choose another folder"
            ) from error

    def keep(self, path: str, size: int | None, stamp: int | None) -> bool:
        """Whether a path was done before and has not changed; if so, it counts for this run."""
        if stamp is None:
            return False
        with self._lock:
            found = self._connection.execute(
                "SELECT 1 FROM paths p LEFT JOIN images i ON i.sha256 = p.sha256 WHERE p.path = ?"
                " AND p.size IS ? AND p.stamp = ? AND (p.skipped OR i.sha256 IS NOT NULL)",
                (path, size, stamp),
            ).fetchone()
            if found:
                self._connection.execute(
                    "UPDATE paths SET run = ? WHERE path = ?", (self._run, path)
                )
        return found is not None

    def knows(self, sha256: str) -> bool:
        """Whether something has been said of these bytes."""
        with self._lock:
            query = "SELECT 1 FROM images WHERE sha256 = ?"
            return self._connection.execute(query, (sha256,)).fetchone() is not None

    def write(self, visits: Iterable[Visit], images: Iterable[ImageResult], seconds: float) -> None:
        """Write one batch in one transaction.

        Args:
            visits: What came of each path.
            images: What is said of bytes that were new.
            seconds: Time spent since the last batch.
        """
        marks = ", ".join("?" * len(IMAGE_COLUMNS))
        with self._lock, self._connection:
            self._connection.executemany(
                f"INSERT OR REPLACE INTO images ({', '.join(IMAGE_COLUMNS)}) VALUES ({marks})",  # noqa: S608
                (_packed(image) for image in images),
            )
            self._connection.executemany(
                "INSERT OR REPLACE INTO paths (path, size, stamp, run, sha256, skipped, error)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (v.path, v.size, v.stamp, self._run, v.sha256, v.skipped, v.error)
                    for v in visits
                ),
            )
            self._connection.execute(
                "UPDATE facts SET value = CAST(value AS REAL) + ? WHERE name = 'seconds'",
                (seconds,),
            )

    def rows(self) -> Iterator[ScanRow]:
        """Every row of this run, by path."""
        return self._select(f"{_ROWS} ORDER BY p.path")

    def judged(self) -> Iterator[ScanRow]:
        """The rows that have a probability, highest first."""
        return self._select(
            f"{_ROWS} AND i.ai_probability IS NOT NULL ORDER BY i.ai_probability DESC, p.path"
        )

    def alike(self) -> Iterator[ScanRow]:
        """The rows that are like an enrolled work or creator: copies first, the surest first."""
        return self._select(
            f"{_ROWS} AND {_ALIKE} > 0 ORDER BY {_ALIKE} DESC, i.copy_score DESC,"
            " i.creator_score DESC, p.path"
        )

    def errors(self) -> Iterator[ScanRow]:
        """The rows that have an error, by path."""
        return self._select(f"{_ROWS} AND i.ai_probability IS NULL ORDER BY p.path")

    def counts(self) -> Counts:
        """How many there are of each kind, in this run."""
        found = self._connection.execute(
            f"""
            SELECT coalesce(sum(p.skipped), 0), coalesce(sum(NOT p.skipped), 0),
                   coalesce(sum(NOT p.skipped AND i.ai_verdict IS NULL), 0),
                   coalesce(sum(i.ai_verdict = 'ai'), 0), coalesce(sum(i.ai_verdict = 'human'), 0),
                   count(DISTINCT CASE WHEN i.ai_verdict IS NOT NULL THEN p.sha256 END),
                   {", ".join(f"coalesce(sum({_ALIKE} = {rank}), 0)" for rank in (3, 2, 1))}
            FROM paths p LEFT JOIN images i ON i.sha256 = p.sha256 WHERE p.run = ?
            """,  # noqa: S608 - our own expressions
            (self._run,),
        ).fetchone()
        skipped, images, errors, ai, human, distinct, copies, close, review = found
        (seconds,) = self._connection.execute(
            "SELECT CAST(value AS REAL) FROM facts WHERE name = 'seconds'"
        ).fetchone()
        return Counts(
            images=images,
            errors=errors,
            skipped=skipped,
            ai=ai,
            human=human,
            inconclusive=images - errors - ai - human,
            distinct=distinct,
            seconds=seconds,
            copies=copies,
            close=close,
            review=review,
        )

    def grounds(self) -> list[tuple[str, int]]:
        """How many rows with the verdict `ai` rest on each kind of evidence, the most first."""
        return self._connection.execute(
            "SELECT i.evidence, count(*) FROM paths p JOIN images i ON i.sha256 = p.sha256"
            " WHERE p.run = ? AND i.ai_verdict = 'ai' GROUP BY i.evidence"
            " ORDER BY count(*) DESC, i.evidence",
            (self._run,),
        ).fetchall()

    def histogram(self, bins: int) -> list[int]:
        """How many rows have a probability in each of `bins` equal parts of 0 to 1."""
        found = self._connection.execute(
            "SELECT min(CAST(i.ai_probability * ? AS INTEGER), ? - 1) AS bin, count(*)"
            " FROM paths p JOIN images i ON i.sha256 = p.sha256"
            " WHERE p.run = ? AND i.ai_probability IS NOT NULL GROUP BY bin",
            (bins, bins, self._run),
        )
        numbers: dict[int, int] = dict(found.fetchall())
        return [numbers.get(bin_, 0) for bin_ in range(bins)]

    def close(self) -> None:
        """Write what is left and let the folder go."""
        self._connection.commit()
        self._connection.close()

    def _select(self, query: str) -> Iterator[ScanRow]:
        cursor = self._connection.cursor()
        cursor.row_factory = sqlite3.Row
        cursor.execute(query, (self._run,))
        while found := cursor.fetchmany(1000):
            yield from map(_row, found)


def _connect(place: Path, identity: Mapping[str, str]) -> tuple[sqlite3.Connection, int]:
    connection = sqlite3.connect(place, timeout=0, check_same_thread=False)
    try:
        # Exclusive: a second scan into the folder finds it locked, and a killed one unlocks it.
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in _TABLES.split(";"):
                connection.execute(statement)
            facts = {**identity, "run": "0", "seconds": "0"}
            connection.executemany("INSERT INTO facts VALUES (?, ?)", facts.items())
            connection.execute(f"PRAGMA user_version = {VERSION}")
        elif version != VERSION:
            raise OtherScanError(
                f"the scan in {place.parent} was made by another version of rakkan"
            )
        facts = dict(connection.execute("SELECT name, value FROM facts"))
        for name, value in identity.items():
            if facts.get(name) != value:
                raise OtherScanError(
                    f"the scan in {place.parent} was made with the {name} {facts.get(name)}, not"
                    f" {value}: ask for the same, or choose another folder"
                )
        run = int(facts["run"]) + 1
        connection.execute("UPDATE facts SET value = ? WHERE name = 'run'", (str(run),))
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection, run


def _packed(image: ImageResult) -> tuple[Any, ...]:
    values = dict(vars(image))
    for name in LIST_COLUMNS:
        if values[name] is not None:
            values[name] = json.dumps(values[name])
    return tuple(values[name] for name in IMAGE_COLUMNS)


def _row(found: sqlite3.Row) -> ScanRow:
    values = {name: found[name] for name in ("path", "size", *IMAGE_COLUMNS)}
    for name in LIST_COLUMNS:
        if values[name] is not None:
            values[name] = tuple(json.loads(values[name]))
    values["error"] = found["path_error"] or values["error"]
    return ScanRow(**values)
