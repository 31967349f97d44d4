"""A policy with all that it inherits: what decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Literal
from zoneinfo import ZoneInfo

from labelling.actions import Action
from labelling.context import Context, Moment
from labelling.decision import PolicyId
from labelling.policy.document import (
    AppealSettings,
    Mode,
    Policy,
    Row,
    SignalSettings,
    StrikeSettings,
    Words,
)


@dataclass(frozen=True)
class ResolvedPolicy:
    """A policy and those that it inherits, the most general first.

    Made by `labelling.policy.inheritance.resolve`, which checks it.

    Attributes:
        id: Name, and digest of all of its documents.
        documents: The most general first; the last is the service's own.
    """

    id: PolicyId
    documents: tuple[Policy, ...]

    @classmethod
    def of(cls, documents: tuple[Policy, ...]) -> "ResolvedPolicy":
        """Put together a policy and those that it inherits.

        Args:
            documents: The most general first; at least one.
        """
        digest = sha256(b"\0".join(map(dump_policy, documents)))
        return cls(PolicyId(documents[-1].name, digest.hexdigest()), documents)

    @property
    def own(self) -> Policy:
        """The service's own document."""
        return self.documents[-1]

    @property
    def acts(self) -> bool:
        """Whether it is carried out."""
        return self.own.mode is Mode.LIVE

    @property
    def signals(self) -> SignalSettings:
        """The settings of account signals: of each, the most specific document's that has it."""
        given: dict[str, object] = {}
        for document in self.documents:
            given |= {name: value for name, value in document.signals if value is not None}
        return SignalSettings.model_validate(given)

    @property
    def labels(self) -> Mapping[str, Words]:
        """The words of labels, the most specific document's."""
        return {name: words for one in self.documents for name, words in one.labels.items()}

    @property
    def appeals(self) -> AppealSettings | None:
        """How an uploader objects: the most specific document's."""
        return self._saying("appeals").appeals

    @property
    def strikes(self) -> StrikeSettings:
        """How long strikes stand: the most specific document's."""
        return self._saying("strikes").strikes

    @property
    def undecided(self) -> Literal[Action.PUBLISH, Action.HOLD]:
        """What happens while nothing is decided: the most specific document's."""
        return self._saying("undecided").undecided

    @property
    def undo_days(self) -> float:
        """For how long a bulk delisting can be taken back: the most specific document's."""
        return self._saying("undo_days").undo_days

    def _saying(self, setting: str) -> Policy:
        """The most specific document that says a setting; its own where none does."""
        for document in reversed(self.documents):
            if setting in document.model_fields_set:
                return document
        return self.own

    def row(self, id_: str) -> tuple[Policy, Row]:
        """A row by its id, with its document.

        Raises:
            KeyError: There is none.
        """
        for document in self.documents:
            for row in document.rows:
                if row.id == id_:
                    return document, row
        raise KeyError(id_)

    def rows_in_force(self, context: Context) -> Iterator[tuple[Policy, Row]]:
        """The rows that apply to an upload, in the order of the documents, each with its document.

        A row that overrides others stands in their place only while it is in force itself.

        Args:
            context: Of the upload: the rules of its date apply.
        """
        rows = [
            (document, row)
            for document in self.documents
            for row in document.rows
            if _in_force(row, context, ZoneInfo(document.time_zone))
        ]
        overridden = {
            (name, id_)
            for place, (document, row) in enumerate(rows)
            for id_ in row.overrides
            for name in {one.name for one, _ in rows[:place] if one is not document}
        }
        for document, row in rows:
            if (document.name, row.id) not in overridden:
                yield document, row


def _in_force(row: Row, context: Context, zone: ZoneInfo) -> bool:
    day = _day(context.at, zone)
    begun = row.since <= day or (row.retroactive and context.moment is Moment.ARCHIVE)
    return begun and (row.until is None or day < row.until)


def _day(at: datetime, zone: ZoneInfo) -> date:
    try:
        return at.astimezone(zone).date()
    except OverflowError:  # within a day of the first or the last year that there is
        return at.date()


def dump_policy(document: Policy) -> bytes:
    """A document as JSON to be kept: what it says, and nothing that it leaves out.

    `Policy.model_validate_json` reads it, and its digest stays the same.
    """
    return document.model_dump_json(by_alias=True, exclude_unset=True).encode()
