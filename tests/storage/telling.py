"""Events for tests, and what is to be compared of a store."""

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from hypothesis import HealthCheck, settings
from sqlalchemy import select

from evidence import (
    CopyMatch,
    CopyVerdict,
    CreatorMatch,
    CreatorVerdict,
    Judgement,
    Reason,
    SimilarityEvidence,
    Verdict,
)
from labelling import Context, decide
from labelling.policy.document import Mode, Policy
from labelling.policy.resolved import ResolvedPolicy
from storage import Event, EventType, Store, decided
from storage.state import STATE
from tests.scan.making import judgement

T0 = datetime(2026, 11, 28, 12, tzinfo=UTC)
WORDS = {"en": "Made by an AI.", "ja": "AI生成です。"}

POLICY = ResolvedPolicy.of(
    (
        Policy.model_validate(
            {
                "schema": 1,
                "name": "comics",
                "title": WORDS,
                "mode": Mode.LIVE,
                "rows": [
                    {
                        "id": "suspected",
                        "since": "2020-01-01",
                        "rule": WORDS,
                        "when": [{"ai": {"at_least": "inferred"}}],
                        "actions": ["review"],
                    }
                ],
            }
        ),
    )
)


ON_A_STORE = settings(
    max_examples=60,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.data_too_large,
        HealthCheck.too_slow,
    ],
)
"""Of property tests whose examples take turns on one store."""


def at(hours: float) -> datetime:
    return T0 + timedelta(hours=hours)


def event(type_: EventType, hours: float = 0, *, actor: str = "rakkan", **parts: Any) -> Event:
    return Event(type=type_, at=at(hours), actor=actor, **parts)


def posted(account: str, work: str, hours: float = 0, **data: Any) -> Event:
    told = {"service": "comics", "posted_at": at(hours).isoformat(), **data}
    return event(EventType.POSTED, hours, account=account, work=work, data=told)


def judged(work: str, creator: str | None = None) -> Judgement:
    """A judgement that an AI made it, near to a creator and with a copy of a work of theirs."""
    why = Reason("why", f"Why {work} is like that.")
    near = None
    if creator is not None:
        close = CreatorMatch(creator, 0.5, 3.0, 0.01, CreatorVerdict.CLOSE, 9, (), why, 7)
        copy = CopyMatch(
            "original", creator, 0.9, CopyVerdict.COPY, None, None, False, "0" * 64, why, 3, 7
        )
        near = SimilarityEvidence((copy,), (close,), "index")
    digest = sha256(work.encode()).hexdigest()
    return judgement(digest, 0.9, Verdict.AI, similarity=near)


def decision(
    account: str | None,
    work: str | None,
    hours: float = 0,
    *,
    id_: str | None = None,
    creator: str | None = None,
) -> Event:
    context = Context(service="comics", at=at(hours), account=account, work=work)
    said = judged(work or "nameless", creator)
    return decided(
        id_ or f"decision of {work}",
        said,
        context,
        decide(said, context, None, POLICY),
        at=at(hours),
        actor="rakkan",
    )


def state_of(store: Store) -> dict[str, list[str]]:
    """All rows of the state."""
    with store.database.engine.connect() as connection:
        return {
            table.name: sorted(
                json.dumps(list(row), default=str) for row in connection.execute(select(table))
            )
            for table in STATE
        }
