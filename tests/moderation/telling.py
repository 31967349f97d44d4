"""Policies, uploads and people for tests of acts."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from evidence import EvidenceKind, Judgement, Verdict
from labelling import Action, Context
from labelling.policy.document import Mode
from labelling.policy.resolved import ResolvedPolicy
from moderation.delivery import deliver
from moderation.people import Moderator
from storage import Event, Store
from storage.cases import Message
from tests.labelling import making
from tests.scan.making import judgement

T0 = datetime(2026, 11, 28, 12, tzinfo=UTC)
WORDS = {"en": "No pictures made by an AI.", "ja": "AI生成画像は禁止です。"}

MIA = Moderator("mia")
NOA = Moderator("noa")
SENIOR = Moderator("sol", senior=True)


def later(**by: float) -> datetime:
    """A time after the beginning."""
    return T0 + timedelta(**by)


def policy(*rows: dict[str, Any], mode: Mode = Mode.LIVE, **settings: Any) -> ResolvedPolicy:
    """A policy of some rows that are always in force, with the words of these tests."""
    told = ({"rule": WORDS, **row} for row in rows)
    parts = {"title": WORDS, "labels": {"ai-generated": WORDS}, **settings}
    return making.policy(*told, mode=mode, **parts)


SUSPECTED = {
    "id": "suspected",
    "when": [{"ai": {"at_least": "inferred"}}],
    "label": "ai-generated",
    "actions": ["label", "review"],
    "on_confirmation": ["delist", "strike"],
}
"""A moderator is asked about what the pixels say."""

PROVEN = {
    "id": "proven",
    "when": [{"ai": {"at_least": "stated"}}],
    "actions": ["delist", "strike"],
}
"""What the file itself says is enough."""

THREE_STRIKES = {
    "id": "three-strikes",
    "when": [{"strikes": {"at_least": 2}}],
    "actions": ["suspend_review"],
}


def upload(work: str, account: str | None = "ann", **parts: Any) -> Context:
    """A work that is posted at the beginning."""
    return Context(**{"service": "comics", "at": T0, "account": account, "work": work, **parts})


def inferred(work: str) -> Judgement:
    """The pixels alone say that an AI made it."""
    return judgement(sha256(work.encode()).hexdigest(), 0.99, Verdict.AI)


def stated(work: str) -> Judgement:
    """The file says that an AI made it."""
    found = inferred(work)
    return replace(found, ai=replace(found.ai, evidence=EvidenceKind.STATED))


def human(work: str) -> Judgement:
    """Nothing says so."""
    return judgement(sha256(work.encode()).hexdigest(), 0.01, Verdict.HUMAN)


@dataclass
class Platform:
    """A receiver as it should be: each message acts once, an older instruction changes nothing.

    Attributes:
        works: What stands on a work now.
        told: Topics of the notices to each account.
        points: Paid back to each account.
        received: How often anything arrived, the same again included.
    """

    works: dict[str, str] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=dict)
    points: dict[str, int] = field(default_factory=dict)
    suspended: set[str] = field(default_factory=set)
    received: int = 0
    _seen: set[str] = field(default_factory=set)
    _last: dict[str, int] = field(default_factory=dict)

    def receive(self, message: Message) -> None:
        """Take a message."""
        self.received += 1
        if message.id in self._seen:
            return
        self._seen.add(message.id)
        body = message.body
        if message.kind == "notice_queued":
            self.told.setdefault(message.recipient or "", []).append(message.topic)
        elif message.kind == "refund_queued":
            account = message.recipient or ""
            self.points[account] = self.points.get(account, 0) + body["points"]
        elif message.topic in ("suspend", "lift_suspension"):
            (self.suspended.add if message.topic == "suspend" else self.suspended.discard)(
                body["account"]
            )
        elif self._last.get(body["work"], 0) < message.sequence:
            self._last[body["work"]] = message.sequence
            restored = message.topic == "restore"
            self.works[body["work"]] = body["stands"] if restored else message.topic


def sent(store: Store, platform: Platform, at: datetime = T0) -> Platform:
    """The platform, after all that waits was delivered."""
    while deliver(store, platform.receive, lambda: at).sent:
        pass
    return platform


def actions(*names: str) -> tuple[Action, ...]:
    """Actions by name."""
    return tuple(map(Action, names))


def types(events: tuple[Event, ...]) -> list[str]:
    """Types of events, in order."""
    return [event.type.value for event in events]
