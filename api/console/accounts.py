"""An account: what stands against it, and what happened."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.console.visit import SignedIn
from api.service import now
from moderation.account_record import account_record

router = APIRouter()

Name = Annotated[str, Query(max_length=200)]
Sequence = Annotated[int | None, Query(ge=1)]


@router.get("/account")
async def account(visit: SignedIn, name: Name = "", before: Sequence = None) -> Response:
    """One account, page by page; without a name, a form that asks for one."""
    if not name:
        return visit.page("account", found=None)
    found = await visit.read(lambda reader: account_record(reader, name, at=now(), before=before))
    return visit.page("account", found=found)
