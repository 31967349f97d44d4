"""The chain of events: what happened, by whom, and whether it is whole."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from api.console.accounts import Name, Sequence
from api.console.visit import SignedIn, Visit, signed_in
from storage import EventType
from storage.chain import Verification
from storage.people import StaffRole

router = APIRouter(prefix="/audit")

PAGE = 100
"""Events of a page."""

VERIFYING = frozenset({StaffRole.SENIOR, StaffRole.ADMIN, StaffRole.AUDITOR})
"""Roles that may have all of the chain read."""

Verifying = Annotated[Visit, Depends(signed_in(VERIFYING))]


@dataclass(frozen=True)
class Asked:
    """Which events are asked for.

    Attributes:
        account: Whom they are about; None for anybody.
        work: Which work they are about.
        actor: Who acted.
        types: What happened; empty for anything.
    """

    account: str | None = None
    work: str | None = None
    actor: str | None = None
    types: tuple[EventType, ...] = ()


@router.get("")
async def audit(
    visit: SignedIn,
    account: Name = "",
    work: Name = "",
    actor: Name = "",
    type: Annotated[str, Query(max_length=50)] = "",  # noqa: A002 - as it stands in addresses
    before: Sequence = None,
) -> Response:
    """What happened, the newest first."""
    types = (EventType(type),) if type in set(EventType) else ()
    asked = Asked(account or None, work or None, actor or None, types)
    return await _shown(visit, asked, before)


@router.post("/verify")
async def verify(visit: Verifying) -> Response:
    """Read all of the chain, and say whether it is whole."""
    verified = await visit.read(lambda reader: reader.verify())
    return await _shown(visit, Asked(), None, verified)


async def _shown(
    visit: Visit, asked: Asked, before: int | None, verified: Verification | None = None
) -> Response:
    found = await visit.read(
        lambda reader: reader.trail.page(PAGE + 1, before=before, **vars(asked))
    )
    more: dict[str, Any] | None = None
    if len(found) > PAGE:
        named = {"account": asked.account, "work": asked.work, "actor": asked.actor}
        kept = {name: value for name, value in named.items() if value}
        more = kept | {"type": "".join(asked.types), "before": found[PAGE - 1].sequence}
    return visit.page(
        "audit",
        asked=asked,
        types=list(EventType),
        entries=found[:PAGE],
        more=more,
        verified=verified,
        may_verify=visit.may(VERIFYING),
    )
