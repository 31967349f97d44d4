"""The journal: what a scan has done so far, safe against being killed at any moment.

One SQLite file in the output folder, written in one transaction per batch. It is the truth while
a scan runs; the table and the report are made from it. Of every image it keeps the whole judgement
document; the columns beside it are what is queried, taken from the image's row.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    distinct,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import SQLAlchemyError

from evidence import Judgement
from evidence.document import load_judgement
from labelling import Decision
from labelling.actions import Action
from labelling.document import load_decision
from scan import layout
from scan.documents import Packer
from scan.errors import ScanExistsError, ScanNotFoundError
from scan.journal_file import (
    BOTH,
    DECIDED,
    DICTIONARY,
    FACTS,
    IMAGES,
    LISTED,
    NAME,
    OF_PATHS,
    PATHS,
    begin,
    journal_errors,
    last_run,
    not_opened,
    open_file,
    set_fact,
)
from scan.listing import Attention
from scan.records import (
    Entry,
    Listed,
    Visit,
    decided_record,
    image_record,
    listed,
    path_record,
    row_values,
)
from scan.schema import COLUMNS
from scan.summary import Counts
from serving.stream import Judged

Record = TypeVar("Record")

_ACTION = IMAGES.c.action

_OF_A_DECISION = (*DECIDED, "asked", "decision")

_DONE = (
    select(PATHS.c.path, PATHS.c.size)
    .select_from(BOTH)
    .where(or_(PATHS.c.skipped, IMAGES.c.sha256.is_not(None)))
)

_DECIDED = (
    update(IMAGES)
    .where(IMAGES.c.sha256 == bindparam("of"))
    .values({name: bindparam(name) for name in _OF_A_DECISION})
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
        return cls._opened(out, lambda connection: begin(connection, out, identity))

    @classmethod
    def reopen(cls, out: Path) -> "Journal":
        """A scan that was made before, to be read.

        Raises:
            ScanNotFoundError: There is none in the folder.
            OtherScanError: Another version made it.
            ScanBusyError: Another process holds the journal.
            DamagedScanError: The journal cannot be read.
        """
        if not (out / NAME).is_file():
            raise ScanNotFoundError(
                f"there is no scan in {out}: name the folder that `rakkan scan --out` was given"
            )
        return cls._opened(out, lambda connection: last_run(connection, out))

    @property
    def id(self) -> str:
        """Names this scan among all others, also when it was resumed; 32 hexadecimal digits."""
        with journal_errors():
            query = select(FACTS.c.value).where(FACTS.c.name == "id")
            return str(self._connection.execute(query).scalar_one())

    @classmethod
    def _opened(cls, out: Path, run_of: Callable[[Connection], int]) -> "Journal":
        engine = open_file(out / NAME)
        try:
            connection = engine.connect()
            try:
                run = run_of(connection)
                dictionary = connection.execute(select(DICTIONARY.c.data)).scalar()
            except BaseException:
                connection.close()
                raise
        except (SQLAlchemyError, sqlite3.Error) as error:
            engine.dispose()
            raise not_opened(out, error) from error
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, connection, run, None if dictionary is None else Packer(dictionary))

    def keep(self, path: str, size: int | None, stamp: int | None) -> bool:
        """Whether a path was done before and has not changed; if so, it counts for this run."""
        if stamp is None:
            return False
        done = _DONE.where(
            PATHS.c.path == path,
            PATHS.c.size.is_not_distinct_from(size),
            PATHS.c.stamp == stamp,
        )
        with self._lock, journal_errors():
            found = self._connection.execute(done).first()
            if found:
                self._connection.execute(
                    update(PATHS).where(PATHS.c.path == path).values(run=self._run)
                )
        return found is not None

    def done_in(self, archive: str, stamp: int | None) -> frozenset[tuple[str, int | None]]:
        """The members of an archive that were done before, if it has not changed: path and size.

        Just those that `keep` would count.
        """
        if stamp is None:
            return frozenset()
        # `0` follows `/`: all that begins with the archive, by the index of the paths.
        below = and_(PATHS.c.path > f"{archive}/", PATHS.c.path < f"{archive}0")
        with self._lock, journal_errors():
            found = self._connection.execute(_DONE.where(below, PATHS.c.stamp == stamp))
            return frozenset((path, size) for path, size in found)

    def knows(self, sha256: str) -> bool:
        """Whether something has been said of these bytes."""
        query = select(IMAGES.c.sha256).where(IMAGES.c.sha256 == sha256)
        with self._lock, journal_errors():
            return self._connection.execute(query).first() is not None

    def write(self, batch: Sequence[Judged[Visit]], seconds: float) -> None:
        """Write one batch in one transaction.

        Args:
            batch: What came of each path.
            seconds: Time spent since the last batch.

        Raises:
            JournalError: It cannot be written.
        """
        paths = [path_record(one.payload, self._run) for one in batch]
        spent = select(FACTS.c.value).where(FACTS.c.name == "seconds")
        known = self._packer
        with self._lock, journal_errors():
            try:
                packer = self._packer_for(batch)
                images = [image_record(one, packer) for one in batch if one.judgement or one.error]
                for table, rows in ((IMAGES, images), (PATHS, paths)):
                    if rows:
                        self._connection.execute(insert(table).prefix_with("OR REPLACE"), rows)
                before = float(self._connection.execute(spent).scalar_one())
                set_fact(self._connection, "seconds", repr(before + seconds))
                self._connection.commit()
            except BaseException:
                self._packer = known
                self._connection.rollback()
                raise

    def decide(
        self, policy: Callable[[Judgement], Decision] | None, *, at_once: int = 1000
    ) -> None:
        """Decide about every image anew; what was decided before is forgotten.

        Args:
            policy: Decides; None for no decisions.
            at_once: Images that are in memory at once.

        Raises:
            JournalError: It cannot be written.
        """
        forget = update(IMAGES).values(dict.fromkeys(_OF_A_DECISION))
        with self._lock, journal_errors():
            try:
                self._connection.execute(forget)
                last = ""
                while policy is not None and (batch := self._judged_after(last, at_once)):
                    decided = [
                        decided_record(digest, policy(of), self._packer) for digest, of in batch
                    ]
                    self._connection.execute(_DECIDED, decided)
                    last, _ = batch[-1]
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

    def entries(self) -> Iterator[Entry]:
        """Everything that is said in this run, by path."""
        names = ("path", "size", "sha256", "error", "error_code", "document", "decision")
        query = self._of_this_run(*map(_column, names)).order_by(PATHS.c.path)
        return map(self._entry, self._streamed(query))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Every row of this run, by path, as the values of `COLUMNS`.

        They are those of the rows of `entries`, without reading a judgement.
        """
        query = self._of_this_run(*map(_column, (*COLUMNS, "asked"))).order_by(PATHS.c.path)
        return map(row_values, self._streamed(query))

    def listed(self) -> Iterator[Listed]:
        """Every image of this run, those first that a person must look at most urgently."""
        attention = case((IMAGES.c.ai_verdict.is_(None), Attention.ERROR), else_=IMAGES.c.attention)
        query = self._of_this_run(*map(_column, (*COLUMNS, *LISTED, "asked")))
        query = query.order_by(attention.desc(), IMAGES.c.ai_probability.desc(), PATHS.c.path)
        return map(listed, self._streamed(query))

    def skipped(self, most: int) -> list[str]:
        """Paths of files that are no images, the first ones in their order."""
        query = select(PATHS.c.path).where(PATHS.c.run == self._run, PATHS.c.skipped)
        with journal_errors():
            found = self._connection.execute(query.order_by(PATHS.c.path).limit(most))
            return list(found.scalars())

    def works(self) -> Iterator[tuple[str, str]]:
        """Names and digests of the enrolled works that images of this run are seen beside."""
        query = select(IMAGES.c.work, IMAGES.c.work_sha256).select_from(BOTH)
        query = query.where(PATHS.c.run == self._run, IMAGES.c.work.is_not(None))
        with journal_errors():
            found = self._connection.execute(query.group_by(IMAGES.c.work_sha256)).all()
        return ((one.work, one.work_sha256) for one in found)

    def counts(self) -> Counts:
        """How many there are of each kind, in this run."""
        row = ~PATHS.c.skipped
        verdict = IMAGES.c.ai_verdict
        numbers = {
            "images": _number(row),
            "errors": _number(and_(row, verdict.is_(None))),
            "skipped": _number(PATHS.c.skipped),
            "ai": _number(verdict == "ai"),
            "human": _number(verdict == "human"),
            "inconclusive": _number(verdict == "inconclusive"),
            "distinct": func.count(distinct(case((verdict.is_not(None), PATHS.c.sha256)))),
            "copies": _number(IMAGES.c.likeness == 3),
            "close": _number(IMAGES.c.likeness == 2),
            "review": _number(IMAGES.c.likeness == 1),
            "to_look_at": _number(and_(row, or_(verdict.is_(None), IMAGES.c.attention > 0))),
        }
        query = select(*(number.label(name) for name, number in numbers.items()))
        query = query.select_from(BOTH).where(PATHS.c.run == self._run)
        with journal_errors():
            found = self._connection.execute(query).one()
            spent = select(FACTS.c.value).where(FACTS.c.name == "seconds")
            seconds = float(self._connection.execute(spent).scalar_one())
        return Counts(**found._mapping, seconds=seconds)

    def grounds(self) -> list[tuple[str, int]]:
        """How many rows with the verdict `ai` rest on each kind of evidence, the most first."""
        number = func.count()
        query = select(IMAGES.c.evidence, number).select_from(BOTH)
        query = query.where(PATHS.c.run == self._run, IMAGES.c.ai_verdict == "ai")
        query = query.group_by(IMAGES.c.evidence).order_by(number.desc(), IMAGES.c.evidence)
        with journal_errors():
            return [(kind, count) for kind, count in self._connection.execute(query)]

    def actions(self) -> list[tuple[str, int]]:
        """How many rows the policy asks each action for, the severest first; none without one."""
        query = select(_ACTION, func.count()).select_from(BOTH)
        query = query.where(PATHS.c.run == self._run, _ACTION.is_not(None)).group_by(_ACTION)
        with journal_errors():
            numbers: dict[str, int] = dict(self._connection.execute(query).all())
        return [(one, numbers[one]) for one in reversed(Action) if one in numbers]

    def histogram(self, bins: int) -> list[int]:
        """How many rows have a probability in each of `bins` equal parts of 0 to 1."""
        part = func.min((IMAGES.c.ai_probability * bins).cast(Integer), bins - 1)
        query = select(part.label("part"), func.count()).select_from(BOTH)
        query = query.where(PATHS.c.run == self._run, IMAGES.c.ai_probability.is_not(None))
        with journal_errors():
            found = self._connection.execute(query.group_by("part"))
            numbers = dict(found.all())
        return [numbers.get(part, 0) for part in range(bins)]

    def close(self) -> None:
        """Write what is left and let the folder go."""
        with journal_errors():
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
            self._connection.execute(insert(DICTIONARY), [{"data": self._packer.dictionary}])
        return self._packer

    def _of_this_run(self, *columns: ColumnElement[Any]) -> Select[Any]:
        query = select(*columns).select_from(BOTH)
        return query.where(PATHS.c.run == self._run, ~PATHS.c.skipped)

    def _streamed(self, query: Select[Any]) -> Iterator[Row[Any]]:
        with journal_errors():
            yield from self._connection.execution_options(yield_per=1000).execute(query)

    def _entry(self, found: Sequence[Any]) -> Entry:
        path, size, sha256, error, error_code, document, decision = found
        judgement = self._unpacked(document, load_judgement)
        decided = self._unpacked(decision, load_decision)
        return Entry(path, size, sha256, judgement, error, error_code, decided)

    def _unpacked(self, data: bytes | None, load: Callable[[bytes], Record]) -> Record | None:
        if self._packer is None or data is None:
            return None
        return load(self._packer.unpack(data))

    def _judged_after(self, sha256: str, limit: int) -> list[tuple[str, Judgement]]:
        """The next images that were judged, by their digests."""
        query = select(IMAGES.c.sha256, IMAGES.c.document)
        query = query.where(IMAGES.c.sha256 > sha256, IMAGES.c.document.is_not(None))
        found = self._connection.execute(query.order_by(IMAGES.c.sha256).limit(limit)).all()
        judged = ((one.sha256, self._unpacked(one.document, load_judgement)) for one in found)
        return [(digest, judgement) for digest, judgement in judged if judgement is not None]


def _column(name: str) -> ColumnElement[Any]:
    """A column of a row: of the path, or of its bytes; what is wrong may be said of either."""
    if name in ("error", "error_code"):
        return func.coalesce(PATHS.c[name], IMAGES.c[name])
    return PATHS.c[name] if name in OF_PATHS else IMAGES.c[name]


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows fulfil a condition."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
