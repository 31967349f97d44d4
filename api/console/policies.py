"""Policies: what holds, whether it is carried out, and what another document would change."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from starlette.concurrency import run_in_threadpool

from api.console.visit import SignedIn, Visit, signed_in
from api.service import Service, now
from labelling.announcement import announcement
from labelling.errors import LabellingError
from labelling.policy.library import PolicyLibrary
from labelling.policy.resolved import ResolvedPolicy
from labelling.replay import Replay
from moderation.replay import replay
from moderation.staff import SENIORS
from pages.replay import matrix

router = APIRouter(prefix="/policies")

MOST = 20_000
"""Decisions that are made again for one page."""

DAYS = 30

Replaying = Annotated[Visit, Depends(signed_in(SENIORS))]


@dataclass(frozen=True)
class Listed:
    """A policy of the library.

    Attributes:
        name: Its own.
        policy: With all that it inherits; None where it cannot be used.
        wrong: Why it cannot be used.
        recorded: Digest of what was put in force last; None where nothing was.
    """

    name: str
    policy: ResolvedPolicy | None
    wrong: str | None
    recorded: str | None


@router.get("")
async def policies(visit: SignedIn) -> Response:
    """All there are: live, in shadow, or not to be used."""
    found = await run_in_threadpool(_listed, visit.service, now())
    return visit.page("policies", policies=found)


@router.get("/{name}")
async def show(visit: SignedIn, name: str) -> Response:
    """One, as people read it."""
    policy = await run_in_threadpool(visit.service.policy, name)
    return _page(visit, policy)


@router.get("/{name}/replay")
async def replayed(
    visit: Replaying,
    name: str,
    against: Annotated[str, Query(max_length=200)],
    days: Annotated[int, Query(ge=1, le=400)] = DAYS,
) -> Response:
    """What the policy would have decided about the uploads of a service; nothing is written."""

    def counted() -> tuple[ResolvedPolicy, Replay]:
        policy = visit.service.policy(name)
        since = now() - timedelta(days=days)
        again = replay(visit.service.store, policy, since=since, service=against)
        figures = Replay()
        for _ in figures.count(islice(again, MOST)):
            pass
        return policy, figures

    policy, figures = await run_in_threadpool(counted)
    return _page(visit, policy, figures, against, days)


def _page(
    visit: Visit,
    policy: ResolvedPolicy,
    figures: Replay | None = None,
    against: str | None = None,
    days: int = DAYS,
) -> Response:
    return visit.page(
        "policy",
        policy=policy,
        announced=announcement(policy, now(), visit.language),
        counted=None if figures is None else matrix(figures),
        against=against or policy.id.name,
        days=days,
        most=MOST,
        may_replay=visit.may(SENIORS),
    )


def _listed(service: Service, at: datetime) -> list[Listed]:
    found = []
    with service.store.reading() as reader:
        for name in PolicyLibrary(service.policies):
            policy, wrong = None, None
            try:
                policy = service.policy(name)
            except LabellingError as error:
                wrong = str(error)
            found.append(Listed(name, policy, wrong, reader.policy_in_force(name, at)))
    return found
