"""Decisions as events, and as they are read again."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, select

from evidence import Judgement
from evidence.document import dump_judgement, load_judgement
from labelling.context import Context
from labelling.decision import Decision
from labelling.document import dump_decision, load_decision
from labelling.history import Likeness
from labelling.posts import post_of
from storage.events import Event, EventType
from storage.private import NEAR, read_parts, unseal
from storage.rows import named, record
from storage.state import PROPOSED

JUDGEMENT, CONTEXT, DECISION = "judgement", "context", "decision"
CREATORS = "creators"
"""Private parts of a decision's event."""

Read = TypeVar("Read")

_CONTEXT = TypeAdapter(Context)


@dataclass(frozen=True)
class Nearness:
    """Whom an upload is near to: of a post, what names creators.

    Attributes:
        likenesses: See `labelling.history.Post`.
        copies: As `likenesses`.
    """

    likenesses: tuple[Likeness, ...] = ()
    copies: tuple[str, ...] = ()


NOWHERE = Nearness()
_NEARNESS = TypeAdapter(Nearness)


@dataclass(frozen=True)
class RecordedDecision:
    """A decision, and what it was made of as far as that was not erased.

    Attributes:
        id: Of the decision.
        account: Whose upload it was about; None where that was not known.
        work: Which work; None where that was not known.
        service: Of the platform.
        at: When it was posted.
        decided_at: When it was decided.
        label: That it is to carry.
        action: The severest action on the work.
        policy: Name of the policy.
        policy_sha256: Digest of the policy.
        acts: Whether it is carried out.
        reversed_at: When an appeal took it back.
        proposal: The delisting in bulk that it is part of.
        judgement: None after an erasure; so the following.
        context: What the platform said.
        decision: The whole.
        creators: Names of enrolled creators who owned the account, as far as it was known.
    """

    id: str
    account: str | None
    work: str | None
    service: str
    at: datetime
    decided_at: datetime
    label: str | None
    action: str
    policy: str
    policy_sha256: str
    acts: bool
    reversed_at: datetime | None
    proposal: str | None
    judgement: Judgement | None
    context: Context | None
    decision: Decision | None
    creators: tuple[str, ...] = ()


def decided(
    id_: str,
    judgement: Judgement,
    context: Context,
    decision: Decision,
    *,
    at: datetime,
    actor: str,
    key: str | None = None,
    creators: Sequence[str] = (),
) -> Event:
    """The event of a decision, with all that it is to be made again by.

    Args:
        id_: Of the decision.
        judgement: What it was made of.
        context: As `judgement`.
        decision: What was decided.
        at: When.
        actor: Who decided: a program.
        key: Idempotency key of the act.
        creators: Names of enrolled creators who own the account.
    """
    post = post_of(judgement, context)
    nearness = Nearness(post.likenesses, post.copies)
    private: dict[str, Any] = {
        JUDGEMENT: dump_judgement(judgement),
        CONTEXT: _CONTEXT.dump_json(context, exclude_defaults=True),
        DECISION: dump_decision(decision),
        **({CREATORS: list(creators)} if creators else {}),
    }
    if nearness != NOWHERE:
        private[NEAR] = _NEARNESS.dump_json(nearness)
    return Event(
        type=EventType.DECIDED,
        at=at,
        actor=actor,
        account=context.account,
        work=context.work,
        data={
            "decision": id_,
            "service": context.service,
            "posted_at": context.at.isoformat(),
            "kind": post.kind,
            "declared_ai": post.declared_ai,
            "outside_links": post.outside_links,
            "verdict": post.verdict,
            "evidence": post.evidence,
            "searched": post.searched,
            "plain": post.plain,
            "label": decision.label,
            "action": decision.action,
            "actions": list(decision.actions),
            "rows": [row.row for row in decision.rows],
            "codes": list(dict.fromkeys(reason.code for reason in decision.reasons)),
            "policy": decision.policy.name,
            "policy_sha256": decision.policy.sha256,
            "acts": decision.acts,
        },
        private=private,
        key=key,
    )


def read_decisions(connection: Connection, rows: Sequence[Row[Any]]) -> list[RecordedDecision]:
    """Decisions out of rows of their table.

    Args:
        connection: That they were read on.
        rows: Whole ones, at most some thousands.
    """
    parts = read_parts(connection, (row.sequence for row in rows))
    proposals = select(PROPOSED).where(PROPOSED.c.decision.in_([row.id for row in rows]))
    proposed = {row.decision: row.proposal for row in connection.execute(proposals)}
    return [
        record(
            RecordedDecision,
            values,
            proposal=proposed.get(values["id"]),
            judgement=_read(load_judgement, parts.get((values["sequence"], JUDGEMENT))),
            context=_read(_CONTEXT.validate_json, parts.get((values["sequence"], CONTEXT))),
            decision=_read(load_decision, parts.get((values["sequence"], DECISION))),
            creators=tuple(_read(json.loads, parts.get((values["sequence"], CREATORS))) or ()),
        )
        for values in named(connection, rows)
    ]


def _read(reader: Callable[[bytes], Read], document: bytes | None) -> Read | None:
    return None if document is None else reader(document)


def read_nearness(content: bytes | None) -> Nearness:
    """What a kept private part says of nearness; nothing where it was erased."""
    return NOWHERE if content is None else _NEARNESS.validate_json(unseal(content))
