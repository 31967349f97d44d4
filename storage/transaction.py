"""An act: one transaction, beside which nobody else writes."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from core.text import printable
from labelling.policy.resolved import ResolvedPolicy
from storage.accepted import AcceptedUploads
from storage.appending import Appender
from storage.attachments import Attachments
from storage.erasure import erase
from storage.errors import UnknownRecord
from storage.events import Event, EventType, NameKind, StoredEvent
from storage.forgotten import images_of, name_forgotten
from storage.people import People
from storage.policies import keep_policy
from storage.previews import Previews
from storage.reader import Reader
from storage.submitted import SubmittedAnswers


class Transaction(Reader):
    """Questions, and events that are all appended or none."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction that nobody writes beside."""
        super().__init__(connection)
        self._appender = Appender(connection)

    @property
    def accepted(self) -> AcceptedUploads:
        """Uploads that were answered before they are decided about."""
        return AcceptedUploads(self._connection)

    @property
    def submitted(self) -> SubmittedAnswers:
        """Answers that may still be taken back."""
        return SubmittedAnswers(self._connection)

    @property
    def previews(self) -> Previews:
        """Small pictures of uploads."""
        return Previews(self._connection)

    @property
    def people(self) -> People:
        """Who may sign in."""
        return People(self._connection)

    @property
    def attachments(self) -> Attachments:
        """Files that were handed in with appeals."""
        return Attachments(self._connection)

    def append(self, *events: Event) -> tuple[StoredEvent, ...]:
        """Append events; what they say of the state can be asked for at once.

        Raises:
            BadText: A text or a name that no database can keep.
        """
        return self._appender.append(events)

    def tells(self, stored: StoredEvent, event: Event) -> bool:
        """Whether an event that was appended says the same as another, whenever either was.

        Args:
            stored: Of this chain.
            event: What is compared with it; texts and documents do not count.
        """
        return self._appender.same(stored, event)

    def keep_policy(self, policy: ResolvedPolicy) -> None:
        """Keep a policy whole, if it is not kept yet."""
        keep_policy(self._connection, policy)

    def forget_images(self, digests: Collection[str], *, at: datetime) -> None:
        """Name images of which nothing is to be kept beside the records; see `Reader.forgotten`."""
        name_forgotten(self._connection, digests, at)

    def erase(self, account: str, *, at: datetime, actor: str) -> int:
        """Erase what is known of an account; the files are cleaned by `Store.clean`.

        Args:
            account: Whose.
            at: When.
            actor: Who does it.

        Returns:
            How many texts, documents, pictures, accepted uploads and files of appeals were erased.

        Raises:
            UnknownRecord: There is nothing of that account.
        """
        files = (
            self.accepted.erase(account)
            + self.attachments.erase(account)
            + self.previews.erase(account)
        )
        self.submitted.erase(account)
        if self._number(NameKind.ACCOUNT, account) is None and not files:
            raise UnknownRecord(f"there is no account {printable(account)} in the records")
        event = Event(type=EventType.ERASED, at=at, actor=actor, account=account)
        (erased,) = self.append(event)
        assert erased.account is not None  # noqa: S101 - for the type: the event names one
        name_forgotten(self._connection, images_of(self._connection, erased.account), at)
        gone = erase(self._connection, erased.account)
        self._appender.forget()
        return gone + files
