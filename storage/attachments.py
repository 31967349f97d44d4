"""Files that uploaders hand in with an appeal: kept beside the events, and for a time only.

The appeal's event names each by its digest; what they hold goes with the account, and some months
after the appeal was answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select

from core.text import printable
from storage.chain import storable
from storage.errors import UnknownRecord
from storage.state import APPEALS
from storage.tables import ATTACHMENTS

KEPT = timedelta(days=180)
"""After the answer of an appeal, for which its files are kept."""


@dataclass(frozen=True)
class NewAttachment:
    """A file that is handed in.

    Attributes:
        name: As the uploader calls it; only ever shown.
        content: Its bytes.
        preview: WebP, by which it can be looked at; None where it cannot.
        layers: How many it has; None where that is not known.
    """

    name: str
    content: bytes
    preview: bytes | None = None
    layers: int | None = None

    @property
    def sha256(self) -> str:
        """Hex digest of the content."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Attachment:
    """A file that was handed in, without its bytes.

    Attributes:
        id: Its own.
        decision: Against which the appeal is.
        name: As the uploader calls it; only ever shown.
        sha256: Hex digest of the content.
        size: Bytes of the content.
        layers: How many it has; None where that is not known.
        previewed: Whether it can be looked at.
    """

    id: str
    decision: str
    name: str
    sha256: str
    size: int
    layers: int | None
    previewed: bool


_FACTS = (
    *(ATTACHMENTS.c[name] for name in ("id", "decision", "name", "sha256", "size", "layers")),
    ATTACHMENTS.c.preview.is_not(None).label("previewed"),
)


class AttachmentReader:
    """Questions about them."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def of(self, decision: str) -> tuple[Attachment, ...]:
        """Those of the appeal against a decision, as they were handed in."""
        rows = self._connection.execute(
            select(*_FACTS)
            .where(ATTACHMENTS.c.decision == decision)
            .order_by(ATTACHMENTS.c.place, ATTACHMENTS.c.id)
        )
        return tuple(Attachment(*row) for row in rows)

    def content(self, id_: str) -> bytes:
        """What one holds.

        Raises:
            UnknownRecord: There is none of that id, or no longer.
        """
        return self._bytes(id_, "content")

    def preview(self, id_: str) -> bytes:
        """By what one can be looked at: WebP.

        Raises:
            UnknownRecord: There is none of that id, or it cannot be looked at.
        """
        return self._bytes(id_, "preview")

    def _bytes(self, id_: str, column: str) -> bytes:
        query = select(ATTACHMENTS.c[column]).where(ATTACHMENTS.c.id == id_)
        found = self._connection.scalar(query)
        if found is None:
            raise UnknownRecord(f"there is no {column} of a file {printable(id_)}")
        return bytes(found)


class Attachments(AttachmentReader):
    """What is done with them, within a transaction that nobody writes beside."""

    def keep(
        self, decision: str, account: str, files: Iterable[NewAttachment], *, at: datetime
    ) -> None:
        """Keep files; those of appeals that were answered long ago go.

        Args:
            decision: Against which the appeal is.
            account: Whose they are.
            files: In the order in which they are shown.
            at: Now, with a time zone.

        Raises:
            BadText: A name that no database can keep.
        """
        old = select(APPEALS.c.decision).where(APPEALS.c.resolved_at < at - KEPT)
        self._connection.execute(delete(ATTACHMENTS).where(ATTACHMENTS.c.decision.in_(old)))
        rows = [
            {
                "id": str(uuid4()),
                "decision": decision,
                "place": place,
                "account": storable(account),
                "name": storable(one.name),
                "sha256": one.sha256,
                "size": len(one.content),
                "layers": one.layers,
                "content": one.content,
                "preview": one.preview,
            }
            for place, one in enumerate(files)
        ]
        if rows:
            self._connection.execute(insert(ATTACHMENTS), rows)

    def erase(self, account: str) -> int:
        """Delete all files of an account; says how many."""
        mine = delete(ATTACHMENTS).where(ATTACHMENTS.c.account == account)
        return self._connection.execute(mine).rowcount
