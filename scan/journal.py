"""The journal: what a scan has done so far, safe against being killed at any moment.

One SQLite file in the output folder, written in one transaction per batch. It is the truth while
a scan runs; the table and the report are made from it. Of every image it keeps the whole judgement
document; the columns beside it are what is queried, taken from the image's row.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

from core.errors import RakkanError
from core.text import unbroken
from evidence import Judgement
from evidence.document import dump_judgement, load_judgement
from labelling import Decision
from labelling.actions import Action
from labelling.document import dump_decision, load_decision
from scan import layout
from scan.documents import Packer
from scan.errors import ScanExistsError, ScanNotFoundError
from scan.journal_file import (
    BOTH,
    DICTIONARY,
    FACTS,
    IMAGES,
    NAME,
    PATHS,
    QUERIED,
    begin,
    journal_errors,
    last_run,
    not_opened,
    open_file,
    set_fact,
)
from scan.schema import ScanRow
from scan.summary import Counts
from serving.judge import Judged

Record = TypeVar("Record")

_ACTION = IMAGES.c.action

_DECIDED = (
    update(IMAGES)
    .where(IMAGES.c.sha256 == bindparam("of"))
    .values(action=bindparam("action"), label=bindparam("label"), decision=bindparam("decision"))
)


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
        decision: What a policy asks for; None where none was applied.
    """

    path: str
    size: int | None
    sha256: str | None
    judgement: Judgement | None
    error: str | None
    error_code: str | None
    decision: Decision | None = None

    @property
    def row(self) -> ScanRow:
        """The same as a row of the table."""
        if self.judgement is not None:
            return ScanRow.of(self.judgement, self.path, self.size, self.decision)
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
        done = select(PATHS.c.path).select_from(BOTH)
        done = done.where(
            PATHS.c.path == path,
            PATHS.c.size.is_not_distinct_from(size),
            PATHS.c.stamp == stamp,
            or_(PATHS.c.skipped, IMAGES.c.sha256.is_not(None)),
        )
        with self._lock, journal_errors():
            found = self._connection.execute(done).first()
            if found:
                self._connection.execute(
                    update(PATHS).where(PATHS.c.path == path).values(run=self._run)
                )
        return found is not None

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
        paths = [_path(one.payload, self._run) for one in batch]
        spent = select(FACTS.c.value).where(FACTS.c.name == "seconds")
        known = self._packer
        with self._lock, journal_errors():
            try:
                packer = self._packer_for(batch)
                images = [_image(one, packer) for one in batch if one.judgement or one.error]
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
        forget = update(IMAGES).values(action=None, label=None, decision=None)
        with self._lock, journal_errors():
            try:
                self._connection.execute(forget)
                last = ""
                while policy is not None and (batch := self._judged_after(last, at_once)):
                    decided = [_decided(digest, policy(of), self._packer) for digest, of in batch]
                    self._connection.execute(_DECIDED, decided)
                    last, _ = batch[-1]
                self._connection.commit()
            except BaseException:
                self._connection.rollback()
                raise

    def entries(self) -> Iterator[Entry]:
        """Everything that is said in this run, by path."""
        return self._entries(self._of_this_run().order_by(PATHS.c.path))

    def rows(self) -> Iterator[ScanRow]:
        """Every row of this run, by path."""
        return (entry.row for entry in self.entries())

    def judged(self) -> Iterator[ScanRow]:
        """The rows that have a probability, highest first."""
        query = self._of_this_run().where(IMAGES.c.ai_probability.is_not(None))
        query = query.order_by(IMAGES.c.ai_probability.desc(), PATHS.c.path)
        return (entry.row for entry in self._entries(query))

    def similar(self) -> Iterator[ScanRow]:
        """The rows that are like an enrolled work or creator: copies first, the surest first."""
        query = self._of_this_run().where(IMAGES.c.likeness > 0)
        query = query.order_by(
            IMAGES.c.likeness.desc(),
            IMAGES.c.copy_score.desc(),
            IMAGES.c.creator_score.desc(),
            PATHS.c.path,
        )
        return (entry.row for entry in self._entries(query))

    def to_act_on(self) -> Iterator[ScanRow]:
        """The rows of which the policy asks for more than to be published, severest first."""
        severity = case({one.value: rank for rank, one in enumerate(Action)}, value=_ACTION)
        query = self._of_this_run().where(
            _ACTION.in_([one.value for one in Action if one is not Action.PUBLISH])
        )
        query = query.order_by(severity.desc(), IMAGES.c.ai_probability.desc(), PATHS.c.path)
        return (entry.row for entry in self._entries(query))

    def errors(self) -> Iterator[ScanRow]:
        """The rows that have an error, by path."""
        query = self._of_this_run().where(IMAGES.c.ai_probability.is_(None))
        return (entry.row for entry in self._entries(query.order_by(PATHS.c.path)))

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

    def _of_this_run(self) -> Select[Any]:
        query = select(
            PATHS.c.path,
            PATHS.c.size,
            PATHS.c.sha256,
            IMAGES.c.document,
            IMAGES.c.decision,
            func.coalesce(PATHS.c.error, IMAGES.c.error).label("error"),
            func.coalesce(PATHS.c.error_code, IMAGES.c.error_code).label("error_code"),
        )
        return query.select_from(BOTH).where(PATHS.c.run == self._run, ~PATHS.c.skipped)

    def _entries(self, query: Select[Any]) -> Iterator[Entry]:
        with journal_errors():
            found = self._connection.execution_options(yield_per=1000).execute(query)
            yield from map(self._entry, found)

    def _entry(self, found: Row[Any]) -> Entry:
        return Entry(
            found.path,
            found.size,
            found.sha256,
            self._unpacked(found.document, load_judgement),
            found.error,
            found.error_code,
            self._unpacked(found.decision, load_decision),
        )

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
    said: dict[str, Any] = dict.fromkeys(column.name for column in IMAGES.columns)
    if one.judgement is not None and packer is not None:
        row = ScanRow.of(one.judgement, one.payload.path, one.payload.size)
        said |= {
            "sha256": one.judgement.image.sha256,
            "document": packer.pack(dump_judgement(one.judgement)),
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


def _decided(sha256: str, decision: Decision, packer: Packer | None) -> dict[str, Any]:
    """What is decided about the image of a digest."""
    return {
        "of": sha256,
        "action": decision.action.value,
        "label": decision.label,
        "decision": None if packer is None else packer.pack(dump_decision(decision)),
    }
