"""`POST /v1/reports`: what the platform reports of accounts, for their histories."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends
from starlette.concurrency import run_in_threadpool

from api.access import IdempotencyKey, Serving, act_key, needs
from api.schemas.scores import problems
from api.service import now
from moderation.reported import Report
from moderation.reports import keep_reports
from storage.keys import Key, Scope

router = APIRouter(tags=["reports"])


@router.post(
    "/v1/reports",
    status_code=201,
    summary="Report what an account did",
    responses=problems(400, 401, 403, 408, 409, 413, 422, 429, 503),
)
async def report(
    said: Annotated[Report, Body()],
    service: Serving,
    key: Annotated[Key, Depends(needs(Scope.SCORE))],
    idempotency_key: IdempotencyKey = None,
) -> Report:
    """Keeps one report; under the same `Idempotency-Key` it is kept once.

    Purchasers of a work that is delisted already are told and paid back at once.
    """
    own = act_key(key, "report", idempotency_key)
    await run_in_threadpool(keep_reports, service.store, [(own, said)], now=now())
    return said
