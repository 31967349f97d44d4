"""Sagas of many acts, as steps that can be begun again; also as a program that can be killed.

    python -m tests.moderation.sagas ADDRESS FILE KILL_AT

runs all steps on the records at an address, writes what is delivered to a file, and kills itself
before the statement of that number.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from labelling import Action
from moderation.archive import approve, carry_out, propose
from moderation.delivery import deliver
from moderation.desk import answer_appeal, answer_review, claim_appeal, claim_review, open_appeal
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.people import Act, Moderator
from moderation.record import record
from moderation.reports import report_purchasers
from moderation.reviews import Answer
from storage import Store, open_store
from storage.cases import Message
from tests.moderation.telling import (
    MIA,
    NOA,
    PROVEN,
    SENIOR,
    SUSPECTED,
    T0,
    THREE_STRIKES,
    Platform,
    inferred,
    later,
    policy,
    stated,
    upload,
)

RULES = policy({**SUSPECTED, "actions": ["hold"]}, PROVEN, THREE_STRIKES, undo_days=1)
TIM = Moderator("tim")

Send = Callable[[Message], None]
Step = Callable[[Store, Send], object]


def _review(store: Store, about: str, key: str) -> str:
    """The review that an act of a key opened."""
    with store.reading() as reader:
        decision = Act(T0, "", key).id("decision")
        return next(one.id for one in reader.reviews(decision=decision) if one.about == about)


def _answer(name: str, about: str, who: Moderator, actions: tuple[Action, ...]) -> tuple[Step, ...]:
    key = f"{name} {about} {who.id}"
    answer = Answer(True, "It is so.", actions, Finding(MadeBy.AI, 0.9))
    return (
        lambda store, _: claim_review(
            store, _review(store, about, name), who, at=later(hours=1), key=f"claim {key}"
        ),
        lambda store, _: answer_review(
            store, _review(store, about, name), who, answer, at=later(hours=1), key=key
        ),
    )


def _all(at: datetime) -> Step:
    def step(store: Store, send: Send) -> None:
        while deliver(store, send, lambda: at, limit=3).sent:
            pass

    return step


def _appeal(store: Store) -> str:
    with store.reading() as reader:
        found = reader.appeal_of(Act(T0, "", "held").id("decision"))
    assert found is not None
    return found.id


STEPS: tuple[Step, ...] = (
    # An upload that is held, reviewed, and delisted, with its purchasers.
    lambda store, _: record(store, inferred("held"), upload("held"), RULES, at=T0, key="held"),
    lambda store, _: report_purchasers(store, "held", {"ben": 3}, ["cleo"], at=T0, key="sold"),
    _all(T0),
    *_answer("held", "work", MIA, (Action.DELIST, Action.STRIKE)),
    lambda store, _: report_purchasers(store, "held", {"dee": 4}, at=later(hours=2), key="late"),
    # A second strike, and a suspension by two moderators.
    lambda store, _: record(
        store,
        stated("second"),
        upload("second", at=later(hours=3)),
        RULES,
        at=later(hours=3),
        key="second",
    ),
    *_answer("second", "suspension", MIA, (Action.SUSPEND_REVIEW,)),
    *_answer("second", "suspension", NOA, (Action.SUSPEND_REVIEW,)),
    _all(later(hours=4)),
    # An appeal that is won.
    lambda store, _: open_appeal(
        store, Act(T0, "", "held").id("decision"), "ann", "No.", at=later(days=1), key="appeal"
    ),
    lambda store, _: claim_appeal(store, _appeal(store), TIM, at=later(days=1), key="tim"),
    lambda store, _: answer_appeal(
        store,
        _appeal(store),
        TIM,
        granted=True,
        reason="She is right.",
        finding=Finding(MadeBy.HUMAN, 1),
        at=later(days=1),
        key="granted",
    ),
    # Works of the archive, delisted in bulk.
    lambda store, _: propose(
        store,
        ((stated(work), upload(work, account="old")) for work in ("x", "y")),
        RULES,
        by="mia",
        at=later(days=2),
        key="archive",
    ),
    lambda store, _: approve(
        store, Act(T0, "", "archive").id("proposal"), SENIOR, at=later(days=2), key="approve"
    ),
    lambda store, _: carry_out(store, Act(T0, "", "archive").id("proposal"), at=later(days=4)),
    _all(later(days=5)),
)


def outcome(store: Store, platform: Platform) -> dict[str, Any]:
    """All that counts in the end; without ids, places and times of delivery."""
    with store.reading() as reader:
        past = reader.history("ann", since=T0, until=later(days=9))
        types = [one.type for one in reader.events()]
        return {
            "platform": {
                "works": platform.works,
                "told": {who: sorted(topics) for who, topics in platform.told.items()},
                "points": platform.points,
                "suspended": sorted(platform.suspended),
            },
            "events": {name: types.count(name) for name in sorted(set(types))},
            "strikes": past.standing_strikes(later(days=9)),
            "posts": [one.work for one in past.posts],
            "labels": [(one.work, one.label, one.by) for one in reader.labels()],
            "open": (len(reader.queue(99)), len(reader.appeals(99))),
            "whole": reader.verify(()).whole,
        }


def statements(engine: Engine, before: Callable[[str], None]) -> None:
    """Call something before each statement, and before each commit."""

    @event.listens_for(engine, "before_cursor_execute")
    def _statement(*told: Any) -> None:
        before(str(told[2]))

    @event.listens_for(engine, "commit")
    def _commit(_: Any) -> None:
        before("COMMIT")


def received(file: Path) -> Platform:
    """The platform, from what was written to a file, again and again as it may be."""
    platform = Platform()
    for line in file.read_text().splitlines() if file.exists() else ():
        told = json.loads(line)
        told |= dict.fromkeys(("at", "delivered_at", "cancelled_at"))
        platform.receive(Message(**told))
    return platform


def _numbered(kill_at: int) -> Iterator[None]:
    for _ in range(kill_at):
        yield
    os.kill(os.getpid(), signal.SIGKILL)


def main(address: str, file: str, kill_at: int) -> None:
    """See the head of this module."""
    store = open_store(address)
    count = _numbered(kill_at)
    statements(store.database.engine, lambda _: next(count))

    def send(message: Message) -> None:
        with Path(file).open("a") as out:
            out.write(json.dumps(asdict(message), default=str) + "\n")

    for step in STEPS:
        step(store, send)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
