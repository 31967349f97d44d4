"""A policy with all that it inherits: what decides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from labelling.decision import PolicyId
from labelling.policy.document import AppealSettings, Mode, Policy, Row, SignalSettings, Words


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
        digest = sha256()
        for document in documents:
            digest.update(document.model_dump_json(by_alias=True).encode())
            digest.update(b"\0")
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
        return next((one.appeals for one in reversed(self.documents) if one.appeals), None)

    def rows_in_force(self, at: datetime) -> Iterator[tuple[Policy, Row]]:
        """The rows that apply at a time, in the order of the documents, each with its document.

        A row that overrides others stands in their place only while it is in force itself.

        Args:
            at: With a time zone.
        """
        rows = [
            (document, row)
            for document in self.documents
            for row in document.rows
            if _in_force(row, at, ZoneInfo(document.time_zone))
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


def _in_force(row: Row, at: datetime, zone: ZoneInfo) -> bool:
    day = at.astimezone(UTC).astimezone(zone).date()
    return row.since <= day and (row.until is None or day < row.until)
