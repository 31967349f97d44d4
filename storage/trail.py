"""The trail of events as people read it: names for numbers, and the words that were said."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from storage.appending import read_event
from storage.events import EventType, NameKind, StoredEvent
from storage.names import names, number_of
from storage.private import read_parts
from storage.tables import EVENTS

SAID = ("reason", "text")
"""Private parts in which somebody speaks: a moderator, or an uploader who objects."""


@dataclass(frozen=True)
class TrailEntry:
    """An event with the names that it stands for.

    Attributes:
        sequence: Its place in the chain.
        at: When, in UTC.
        type: What happened; a text, since a newer version may have written it.
        actor: Who did it.
        account: Whom it is about; None for nobody.
        work: Which work it is about; None for none.
        data: The rest, as `storage.events` has it; nothing personal.
        said: What somebody said, in their own words; None for nothing, or after an erasure.
        hash: Hex digest by which the chain knows it.
    """

    sequence: int
    at: datetime
    type: str
    actor: str
    account: str | None
    work: str | None
    data: Mapping[str, Any]
    said: str | None
    hash: str


class TrailReader:
    """Questions about what happened, the newest first; each answer is a page of the trail."""

    def __init__(self, connection: Connection) -> None:
        """Within a transaction."""
        self._connection = connection

    def page(
        self,
        limit: int,
        *,
        before: int | None = None,
        account: str | None = None,
        work: str | None = None,
        actor: str | None = None,
        types: Sequence[EventType] = (),
    ) -> tuple[TrailEntry, ...]:
        """Entries that are about all that is named, the newest first.

        Args:
            limit: At most so many.
            before: Sequence before which they lie: that of the last entry of the page before.
            account: Whom they are about.
            work: Which work they are about.
            actor: Who acted.
            types: What happened; any where none is named.

        Returns:
            Nothing where a name is not in the records.
        """
        chosen = select(EVENTS).order_by(EVENTS.c.sequence.desc()).limit(limit)
        if before is not None:
            chosen = chosen.where(EVENTS.c.sequence < before)
        for column, kind, name in (
            (EVENTS.c.account, NameKind.ACCOUNT, account),
            (EVENTS.c.work, NameKind.WORK, work),
            (EVENTS.c.actor, NameKind.ACTOR, actor),
        ):
            if name is not None:
                # Not compared by `==`: what has no number would be found where nothing is named.
                chosen = chosen.where(column.in_([number_of(self._connection, kind, name)]))
        if types:
            chosen = chosen.where(EVENTS.c.type.in_(types))
        return self._entries([read_event(row) for row in self._connection.execute(chosen)])

    def _entries(self, events: Sequence[StoredEvent]) -> tuple[TrailEntry, ...]:
        called = names(
            self._connection,
            (number for one in events for number in (one.actor, one.account, one.work)),
        )
        # Those of decisions are large, and nobody speaks in them.
        speaking = [one.sequence for one in events if not one.sealed.keys().isdisjoint(SAID)]
        parts = read_parts(self._connection, speaking)
        return tuple(
            TrailEntry(
                sequence=one.sequence,
                at=one.at,
                type=one.type,
                actor=called[one.actor],
                account=called.get(one.account),
                work=called.get(one.work),
                data=one.data,
                said=next(
                    (
                        str(json.loads(document))
                        for part in SAID
                        if (document := parts.get((one.sequence, part))) is not None
                    ),
                    None,
                ),
                hash=one.hash.hex(),
            )
            for one in events
        )
