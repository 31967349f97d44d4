"""Uploads that were answered before they are decided about: none is lost, whoever dies.

A process has an upload to itself for a while, and says so again as long as it lives; once that
ends, another takes it over. An upload leaves in the transaction that records its decision. One that
cannot be judged leaves its image, and stays for some weeks as what is wrong with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import (
    Connection,
    Row,
    Select,
    and_,
    delete,
    func,
    insert,
    select,
    update,
)

from core.text import one_line, printable
from labelling.context import Context
from storage.chain import storable
from storage.errors import UnknownRecord
from storage.tables import ACCEPTED

FAILED_KEPT = timedelta(days=30)
"""For which it can be asked why an upload was not decided about."""

_CONTEXT = TypeAdapter(Context)

_OPEN = ACCEPTED.c.code.is_(None)

_FACTS = [
    ACCEPTED.c[name] for name in ("id", "key", "context", "sha256", "attempts", "code", "detail")
]


@dataclass(frozen=True)
class AcceptedUpload:
    """An upload that is to be decided about, or cannot be.

    Attributes:
        id: Under which its decision will stand.
        key: Idempotency key of the act that records it.
        context: What the platform said.
        sha256: Hex digest of the image.
        attempts: How often it was begun.
        code: What is wrong with it; None where it is to be decided about.
        detail: The same in words.
    """

    id: str
    key: str
    context: Context
    sha256: str
    attempts: int = 1
    code: str | None = None
    detail: str | None = None


class AcceptedReader:
    """Questions about them."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def find(self, id_: str) -> AcceptedUpload | None:
        """An upload, without its image; None where there is none, as where it is decided about."""
        query = select(*_FACTS).where(ACCEPTED.c.id == id_)
        row = self._connection.execute(query).first()
        return None if row is None else _upload(row)

    def image(self, id_: str) -> bytes:
        """The file of an upload that is to be decided about.

        Raises:
            UnknownRecord: It is decided about, or erased.
        """
        query = select(ACCEPTED.c.image).where(ACCEPTED.c.id == id_, _OPEN)
        image = self._connection.scalar(query)
        if image is None:
            raise UnknownRecord(f"no upload waits for the decision {printable(id_)}")
        return bytes(image)

    def count(self) -> int:
        """How many are to be decided about."""
        return self._connection.scalar(select(func.count()).where(_OPEN)) or 0

    def abandoned(self, now: datetime) -> bool:
        """Whether there is one that no living process has."""
        return self._connection.scalar(_abandoned(now).limit(1)) is not None


class AcceptedUploads(AcceptedReader):
    """What is done with them, within a transaction that nobody writes beside."""

    def keep(
        self, upload: AcceptedUpload, image: bytes, worker: str, *, at: datetime, until: datetime
    ) -> None:
        """Keep an upload; what was wrong with it in an earlier attempt is forgotten.

        Args:
            upload: Not among them, or only as one that cannot be judged.
            image: Its file.
            worker: Id of the process that decides about it.
            at: Now.
            until: When its lease ends.

        Raises:
            BadText: A name that no database can keep.
        """
        self._connection.execute(delete(ACCEPTED).where(ACCEPTED.c.id == upload.id, ~_OPEN))
        account = upload.context.account
        self._connection.execute(
            insert(ACCEPTED).values(
                id=upload.id,
                key=storable(upload.key),
                account=None if account is None else storable(account),
                at=at,
                context=_CONTEXT.dump_json(upload.context, exclude_defaults=True),
                sha256=upload.sha256,
                image=image,
                worker=worker,
                leased_until=until,
                attempts=upload.attempts,
            )
        )

    def settle(self, id_: str, worker: str) -> bool:
        """Let go of an upload, since its decision is recorded; False where the worker has it not.

        Args:
            id_: Of the decision.
            worker: Who decided about it.
        """
        mine = delete(ACCEPTED).where(ACCEPTED.c.id == id_, ACCEPTED.c.worker == worker)
        return self._connection.execute(mine).rowcount > 0

    def fail(self, id_: str, worker: str, code: str, detail: str, *, at: datetime) -> bool:
        """Keep what is wrong with an upload instead of its image.

        Args:
            id_: Of the decision.
            worker: Who found it.
            code: Stable name of what is wrong.
            detail: The same in words.
            at: Now.

        Returns:
            False where the worker has it not.
        """
        gone = and_(~_OPEN, ACCEPTED.c.at < at - FAILED_KEPT)
        self._connection.execute(delete(ACCEPTED).where(gone))
        values = {
            "code": code,
            "detail": one_line(detail),
            "image": None,
            "worker": None,
            "leased_until": None,
        }
        return self._change([id_], worker, values) > 0

    def claim(
        self, worker: str, *, now: datetime, until: datetime, limit: int
    ) -> tuple[AcceptedUpload, ...]:
        """Take over uploads that no living process has, the oldest first.

        Args:
            worker: Who takes them.
            now: The time.
            until: When its leases end.
            limit: At most so many.
        """
        found = list(self._connection.scalars(_abandoned(now).limit(limit)))
        self._connection.execute(
            update(ACCEPTED)
            .where(ACCEPTED.c.id.in_(found))
            .values(worker=worker, leased_until=until, attempts=ACCEPTED.c.attempts + 1)
        )
        rows = self._connection.execute(
            select(*_FACTS).where(ACCEPTED.c.id.in_(found)).order_by(ACCEPTED.c.at, ACCEPTED.c.id)
        )
        return tuple(map(_upload, rows))

    def lease(self, ids: Collection[str], worker: str, until: datetime) -> None:
        """Have leases end at another time; those that the worker has lost are passed over.

        Args:
            ids: Of the decisions.
            worker: Who has them.
            until: Later, since it lives; or when another is to try.
        """
        self._change(ids, worker, {"leased_until": until})

    def erase(self, account: str) -> int:
        """Delete all uploads of an account; says how many."""
        mine = delete(ACCEPTED).where(ACCEPTED.c.account == account)
        return self._connection.execute(mine).rowcount

    def _change(self, ids: Collection[str], worker: str, values: dict[str, Any]) -> int:
        mine = update(ACCEPTED).where(ACCEPTED.c.id.in_(ids), ACCEPTED.c.worker == worker)
        return self._connection.execute(mine.values(values)).rowcount


def _abandoned(now: datetime) -> Select[tuple[str]]:
    """The ids of those that no living process has, the oldest first."""
    free = ACCEPTED.c.leased_until <= now
    return select(ACCEPTED.c.id).where(_OPEN, free).order_by(ACCEPTED.c.at, ACCEPTED.c.id)


def _upload(row: Row[Any]) -> AcceptedUpload:
    values = {**row._mapping, "context": _CONTEXT.validate_json(row.context)}
    return AcceptedUpload(**values)
