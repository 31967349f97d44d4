"""Questions to the records, within one transaction."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain, groupby, islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    bindparam,
    func,
    select,
    true,
    tuple_,
)

from labelling.history import History, ServiceNorm
from labelling.policy.resolved import ResolvedPolicy
from storage.accepted import AcceptedReader
from storage.appending import Head, key_digest, read_event, read_head
from storage.attachments import AttachmentReader
from storage.cases import (
    Appeal,
    Message,
    Proposal,
    Purchaser,
    Review,
    Suspension,
    TrainingLabel,
)
from storage.chain import Parts, Verification, verify
from storage.decisions import RecordedDecision, read_decisions
from storage.errors import BrokenRecords
from storage.events import EventType, NameKind, StoredEvent
from storage.figures import FiguresReader
from storage.forgotten import read_forgotten
from storage.history import LIMIT, history_changed, read_history, read_norms
from storage.messages import read_messages
from storage.names import names, number_of
from storage.people import PeopleReader
from storage.policies import read_policy
from storage.previews import PreviewReader
from storage.private import digests, read_parts
from storage.resembling import LOOKED_AT, ResemblingPage, read_resembling
from storage.rows import named, only, record
from storage.state import (
    ACTIVATIONS,
    APPEALS,
    DECISIONS,
    HOLDERS,
    LABELS,
    OUTBOX,
    PROPOSALS,
    PROPOSED,
    REVIEWS,
    SECONDS,
    SUSPENSIONS,
)
from storage.submitted import SubmittedReader
from storage.tables import EVENTS, HEAD, NAMES
from storage.trail import TrailReader
from storage.waiting import WaitingReader

PAGE = 1_000
"""Events that are in memory at once."""

TEXT = "text"
"""The private part of an appeal's event in which the uploader speaks."""

_OF_KEY = select(EVENTS).where(EVENTS.c.key == bindparam("key")).order_by(EVENTS.c.sequence)


class Reader:
    """Questions to the records; what it reads is of one state."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def head(self) -> Head:
        """The end of the chain."""
        return read_head(self._connection)

    def events(self, after: int = 0) -> Iterator[StoredEvent]:
        """Events in order.

        Args:
            after: Sequence after which they begin.
        """
        while True:
            chosen = select(EVENTS).where(EVENTS.c.sequence > after).order_by(EVENTS.c.sequence)
            some = list(map(read_event, self._connection.execute(chosen.limit(PAGE))))
            yield from some
            if len(some) < PAGE:
                return
            after = some[-1].sequence

    def verify(self, anchors: Sequence[str] = ()) -> Verification:
        """Look whether the chain of all events is whole; memory stays flat.

        Args:
            anchors: Hex digests noted earlier, which must stand in it.

        Raises:
            BrokenRecords: They have no end, or more than one.
        """
        erased = select(EVENTS.c.account).where(EVENTS.c.type == EventType.ERASED)
        ends = self._connection.scalar(select(func.count()).select_from(HEAD))
        if ends != 1:
            raise BrokenRecords(f"the records have {ends} ends, not one: restore a back-up")
        head = self.head()
        return verify(
            self._with_parts(),
            frozenset(self._connection.scalars(erased)),
            (head.sequence, head.hash),
            anchors,
        )

    def _with_parts(self) -> Iterator[tuple[StoredEvent, Parts]]:
        after = 0
        while some := list(islice(self.events(after), PAGE)):
            parts = digests(self._connection, some[0].sequence, some[-1].sequence)
            for event in some:
                yield event, parts.get(event.sequence, {})
            after = some[-1].sequence

    def done(self, key: str) -> tuple[StoredEvent, ...] | None:
        """The events of the act with an idempotency key; None where there was no such act."""
        rows = self._connection.execute(_OF_KEY, {"key": key_digest(key)})
        return tuple(map(read_event, rows)) or None

    def history(
        self,
        account: str,
        *,
        since: datetime,
        until: datetime,
        service: str | None = None,
        creators: Sequence[str] = (),
        limit: int = LIMIT,
    ) -> History:
        """An account's past, as it was at a time; see `storage.history.read_history`."""
        return read_history(
            self._connection,
            account,
            since=since,
            until=until,
            service=service,
            creators=creators,
            limit=limit,
        )

    def history_changed(self, account: str, since: Head) -> bool:
        """Whether an account's history may be another than at an earlier end of the chain."""
        return history_changed(self._connection, account, after=since.sequence, names=since.names)

    def norms(self, service: str) -> tuple[tuple[datetime, ServiceNorm], ...]:
        """What was usual on a service, with the time when that was measured, the oldest first."""
        return read_norms(self._connection, service)

    def decision(self, decision: str) -> RecordedDecision:
        """A decision.

        Raises:
            UnknownRecord: There is none of that id.
        """
        rows = self._rows(DECISIONS, DECISIONS.c.id == decision)
        return only(read_decisions(self._connection, rows), "decision", decision)

    def decisions_about(self, work: str) -> tuple[RecordedDecision, ...]:
        """The decisions about a work, the oldest first."""
        mine = DECISIONS.c.work == self._number(NameKind.WORK, work)
        rows = self._rows(DECISIONS, mine, DECISIONS.c.sequence)
        return tuple(read_decisions(self._connection, rows))

    @property
    def accepted(self) -> AcceptedReader:
        """Questions about uploads that were answered before they are decided about."""
        return AcceptedReader(self._connection)

    @property
    def attachments(self) -> AttachmentReader:
        """Questions about files that were handed in with appeals."""
        return AttachmentReader(self._connection)

    @property
    def trail(self) -> TrailReader:
        """Questions about what happened, the newest first."""
        return TrailReader(self._connection)

    @property
    def figures(self) -> FiguresReader:
        """Questions about how much happened."""
        return FiguresReader(self._connection)

    @property
    def waiting(self) -> WaitingReader:
        """Questions about what waits for moderators."""
        return WaitingReader(self._connection)

    @property
    def submitted(self) -> SubmittedReader:
        """Questions about answers that may still be taken back."""
        return SubmittedReader(self._connection)

    @property
    def previews(self) -> PreviewReader:
        """Questions about small pictures of uploads."""
        return PreviewReader(self._connection)

    @property
    def people(self) -> PeopleReader:
        """Questions about who may sign in."""
        return PeopleReader(self._connection)

    def review(self, review: str) -> Review:
        """A review.

        Raises:
            UnknownRecord: There is none of that id.
        """
        found = self._reviews(self._rows(REVIEWS, REVIEWS.c.id == review))
        return only(found, "review", review)

    def reviews(self, *, decision: str) -> tuple[Review, ...]:
        """The reviews that a decision asked for, the oldest first."""
        mine = REVIEWS.c.decision == decision
        return self._reviews(self._rows(REVIEWS, mine, REVIEWS.c.sequence))

    def reviews_about(self, creator: str, limit: int) -> tuple[Review, ...]:
        """Reviews of behaviour towards an enrolled creator, the newest first."""
        mine = REVIEWS.c.signal_creator == self._number(NameKind.ENROLLED, creator)
        known = mine & REVIEWS.c.signal_creator.is_not(None)
        return self._reviews(self._rows(REVIEWS, known, REVIEWS.c.sequence.desc(), limit=limit))

    def resembling(
        self, creator: str, limit: int, before: int | None = None, most: int = LOOKED_AT
    ) -> ResemblingPage:
        """Uploads that were called near to a creator; see `read_resembling`."""
        return read_resembling(self._connection, creator, limit, before, most)

    def queue(self, limit: int) -> tuple[Review, ...]:
        """Open reviews, in the order in which they are due."""
        order = (REVIEWS.c.due_at, REVIEWS.c.id)
        return self._reviews(
            self._rows(REVIEWS, REVIEWS.c.resolved_at.is_(None), *order, limit=limit)
        )

    def answered_reviews(self) -> Iterator[Review]:
        """Reviews that somebody decided, the oldest first; memory stays flat."""
        for rows in self._pages(REVIEWS, REVIEWS.c.resolved_at.is_not(None)):
            yield from self._reviews(rows)

    def answered_appeals(self) -> Iterator[Appeal]:
        """Appeals that somebody answered, the oldest first; memory stays flat."""
        for rows in self._pages(APPEALS, APPEALS.c.resolved_at.is_not(None)):
            yield from self._appeals(rows)

    def open_suspension(self, account: str) -> Review | None:
        """The open review about an account's suspension."""
        mine = REVIEWS.c.account == self._number(NameKind.ACCOUNT, account)
        about = (REVIEWS.c.about == "suspension") & REVIEWS.c.resolved_at.is_(None)
        found = self._reviews(self._rows(REVIEWS, mine & about, REVIEWS.c.sequence))
        return next(iter(found), None)

    def suspensions(self, account: str) -> tuple[Suspension, ...]:
        """An account's suspensions, the oldest first."""
        mine = SUSPENSIONS.c.account == self._number(NameKind.ACCOUNT, account)
        rows = self._rows(SUSPENSIONS, mine, SUSPENSIONS.c.sequence)
        return tuple(record(Suspension, values) for values in named(self._connection, rows))

    def suspended(self, account: str) -> bool:
        """Whether an account is suspended."""
        return any(
            one.suspended_at is not None and one.lifted_at is None
            for one in self.suspensions(account)
        )

    def appeal(self, appeal: str) -> Appeal:
        """An appeal.

        Raises:
            UnknownRecord: There is none of that id.
        """
        found = self._appeals(self._rows(APPEALS, APPEALS.c.id == appeal))
        return only(found, "appeal", appeal)

    def appeal_of(self, decision: str) -> Appeal | None:
        """The appeal against a decision; None where there is none."""
        mine = APPEALS.c.decision == decision
        return next(iter(self._appeals(self._rows(APPEALS, mine, APPEALS.c.sequence))), None)

    def appeals(
        self, limit: int, *, after: tuple[datetime, str] | None = None
    ) -> tuple[Appeal, ...]:
        """Open appeals, in the order in which they are due.

        Args:
            limit: At most so many.
            after: When the last of those before is due, and its id.
        """
        order = (APPEALS.c.due_at, APPEALS.c.id)
        open_: ColumnElement[bool] = APPEALS.c.resolved_at.is_(None)
        if after is not None:
            open_ &= tuple_(*order) > tuple_(*after)
        return self._appeals(self._rows(APPEALS, open_, *order, limit=limit))

    def proposal(self, proposal: str) -> Proposal:
        """A delisting in bulk.

        Raises:
            UnknownRecord: There is none of that id.
        """
        found = self._proposals(self._rows(PROPOSALS, PROPOSALS.c.id == proposal))
        return only(found, "proposal", proposal)

    def proposals(self, limit: int) -> tuple[Proposal, ...]:
        """Delistings in bulk, the newest first."""
        newest = PROPOSALS.c.sequence.desc()
        return tuple(self._proposals(self._rows(PROPOSALS, true(), newest, limit=limit)))

    def pending(self, proposal: str, limit: int) -> tuple[str, ...]:
        """Decisions of a delisting in bulk that are not carried out yet, by id."""
        open_ = (PROPOSED.c.proposal == proposal) & ~PROPOSED.c.done
        rows = self._rows(PROPOSED, open_, PROPOSED.c.decision, limit=limit)
        return tuple(row.decision for row in rows)

    def purchasers(self, work: str) -> Iterator[Purchaser]:
        """Who bought or downloaded a work, each once; nobody who was erased."""
        rows = self._connection.execute(
            select(NAMES.c.name, HOLDERS.c.points)
            .join_from(HOLDERS, NAMES, NAMES.c.number == HOLDERS.c.account)
            .where(HOLDERS.c.work == self._number(NameKind.WORK, work))
            .order_by(HOLDERS.c.account, HOLDERS.c.purchased.desc())
        )
        for account, some in groupby(rows, key=lambda row: row.name):
            yield Purchaser(account, next(some).points or 0)

    def labels(self, after: int = 0) -> Iterator[TrainingLabel]:
        """Labels for training, the oldest first; none about uploads of who was erased.

        Args:
            after: Sequence after which they begin.
        """
        erased = select(EVENTS.c.account).where(EVENTS.c.type == EventType.ERASED)
        kept = LABELS.c.account.is_(None) | LABELS.c.account.not_in(erased)
        for rows in self._pages(LABELS, kept, after):
            for values in named(self._connection, rows):
                yield record(TrainingLabel, values)

    def erased_images(self) -> frozenset[str]:
        """Hex digests of labelled images of who was erased, and of nobody else."""
        erased = select(EVENTS.c.account).where(EVENTS.c.type == EventType.ERASED)
        mine = select(LABELS.c.sha256).where(LABELS.c.account.in_(erased))
        others = select(LABELS.c.sha256).where(
            LABELS.c.account.is_(None) | LABELS.c.account.not_in(erased),
            LABELS.c.sha256.is_not(None),
        )
        gone = mine.where(LABELS.c.sha256.is_not(None), LABELS.c.sha256.not_in(others))
        return frozenset(self._connection.scalars(gone))

    def forgotten(self) -> Mapping[str, datetime]:
        """Hex digests of images of which nothing is to be kept beside the records, with since when.

        Those of accounts that were erased, and of works that were withdrawn.
        """
        return read_forgotten(self._connection)

    def message(self, message: str) -> Message:
        """A message.

        Raises:
            UnknownRecord: There is none of that id.
        """
        found = read_messages(self._connection, OUTBOX.c.id == message)
        return only(found, "message", message)

    def messages(self, *, decision: str) -> tuple[Message, ...]:
        """The messages that follow from a decision, the oldest first."""
        return read_messages(self._connection, OUTBOX.c.decision == decision)

    def delisted_by(self, work: str) -> str | None:
        """The decision whose delisting of a work stands; None for none."""
        about = OUTBOX.c.work == self._number(NameKind.WORK, work)
        instructions = OUTBOX.c.kind == EventType.INSTRUCTION_QUEUED
        topics = OUTBOX.c.topic.in_(("delist", "restore"))
        last = self._rows(OUTBOX, about & instructions & topics, OUTBOX.c.sequence.desc(), limit=1)
        return next((row.decision for row in last if row.topic == "delist"), None)

    def policy(self, sha256: str) -> ResolvedPolicy:
        """A policy by its digest, with all that it inherits.

        Raises:
            UnknownRecord: It was never recorded.
            BrokenRecords: It is not what was recorded.
        """
        return read_policy(self._connection, sha256)

    def policy_in_force(self, policy: str, at: datetime) -> str | None:
        """The digest of the policy of a name that was in force at a time; None for none."""
        mine = (ACTIVATIONS.c.policy == policy) & (ACTIVATIONS.c.at <= at)
        last = self._rows(ACTIVATIONS, mine, ACTIVATIONS.c.sequence.desc(), limit=1)
        return next((row.policy_sha256 for row in last), None)

    def _reviews(self, rows: Sequence[Row[Any]]) -> tuple[Review, ...]:
        mine = SECONDS.c.review.in_([row.id for row in rows])
        votes = self._connection.execute(select(SECONDS).where(mine).order_by(SECONDS.c.actor))
        seconds: dict[str, list[int]] = defaultdict(list)
        for review, actor in votes:
            seconds[review].append(actor)
        called = names(self._connection, chain.from_iterable(seconds.values()))
        return tuple(
            record(
                Review,
                values,
                seconded_by=tuple(called[actor] for actor in seconds[values["id"]]),
            )
            for values in named(self._connection, rows)
        )

    def _proposals(self, rows: Sequence[Row[Any]]) -> Iterator[Proposal]:
        for values in named(self._connection, rows):
            mine = select(func.count()).where(PROPOSED.c.proposal == values["id"])
            yield record(
                Proposal,
                values,
                decisions=self._connection.scalar(mine),
                carried_out=self._connection.scalar(mine.where(PROPOSED.c.done)),
            )

    def _appeals(self, rows: Sequence[Row[Any]]) -> tuple[Appeal, ...]:
        texts = read_parts(self._connection, (row.sequence for row in rows))
        return tuple(
            record(Appeal, values, text=_text(texts.get((values["sequence"], TEXT))))
            for values in named(self._connection, rows)
        )

    def _number(self, kind: NameKind, name: str) -> int | None:
        return number_of(self._connection, kind, name)

    def _pages(
        self, table: Table, where: ColumnElement[bool], after: int = 0
    ) -> Iterator[Sequence[Row[Any]]]:
        """Rows in the order of their events, some at a time."""
        while True:
            later = where & (table.c.sequence > after)
            rows = self._rows(table, later, table.c.sequence, limit=PAGE)
            yield rows
            if len(rows) < PAGE:
                return
            after = rows[-1].sequence

    def _rows(
        self,
        table: Table,
        where: ColumnElement[bool],
        *order: ColumnElement[Any],
        limit: int | None = None,
    ) -> Sequence[Row[Any]]:
        chosen = select(table).where(where).order_by(*order).limit(limit)
        return self._connection.execute(chosen).all()


def _text(document: bytes | None) -> str | None:
    return None if document is None else str(json.loads(document))
