"""`GET /v1/decisions/{id}` and `POST /v1/appeals`: what was decided, and objecting to it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.access import IdempotencyKey, Serving, act_key, needs
from api.routes.scores import answered
from api.schemas.scores import Failure, Score, problems
from api.service import now
from moderation.desk import open_appeal
from moderation.errors import CaseErased
from storage import RecordedDecision, Store
from storage.accepted import AcceptedUpload
from storage.errors import UnknownRecord
from storage.keys import Key, Scope

router = APIRouter(tags=["decisions"])


@router.get(
    "/v1/decisions/{decision}",
    summary="A decision",
    responses=problems(401, 403, 404, 410, 422, 429),
    dependencies=[Depends(needs(Scope.SCORE))],
)
async def decision(decision: str, service: Serving, response: Response) -> Score:
    """What was decided about an upload; 202 where it is being decided.

    Where it never will be, since the upload cannot be judged, `problem` says why.
    """
    if decision in service.pending:
        response.status_code = 202
        return Score(id=decision, status="undecided")
    found = await run_in_threadpool(_found, service.store, decision)
    if isinstance(found, AcceptedUpload):
        if found.code is not None:
            wrong = Failure(code=found.code, detail=found.detail or "")
            return Score(id=decision, status="failed", problem=wrong)
        response.status_code = 202
        return Score(id=decision, status="undecided")
    if found.judgement is None or found.decision is None:
        raise CaseErased("what this decision was made of was erased on request")
    return answered(found.id, found.judgement, found.decision)


def _found(store: Store, decision: str) -> RecordedDecision | AcceptedUpload:
    with store.reading() as reader:
        try:
            return reader.decision(decision)
        except UnknownRecord:
            accepted = reader.accepted.find(decision)
            if accepted is None:
                raise
            return accepted


class Objection(BaseModel):
    """An uploader objects to a decision."""

    decision: str = Field(max_length=64)
    account_id: str = Field(min_length=1, max_length=200, description="Whose upload it was.")
    text: str = Field(min_length=1, max_length=10_000, description="Why, in the uploader's words.")
    evidence: list[str] = Field(
        [], max_length=20, description="Digests (SHA-256) of files that show how it was made."
    )


class OpenedAppeal(BaseModel):
    """An appeal that was opened."""

    id: str
    decision: str
    status: str


@router.post(
    "/v1/appeals",
    status_code=201,
    summary="Object to a decision",
    responses=problems(400, 401, 403, 404, 408, 409, 410, 413, 422, 429, 503),
)
async def appeal(
    said: Objection,
    service: Serving,
    key: Annotated[Key, Depends(needs(Scope.SCORE))],
    idempotency_key: IdempotencyKey = None,
) -> OpenedAppeal:
    """Opens an appeal, which another moderator than who decided will answer."""
    opened = await run_in_threadpool(
        open_appeal,
        service.store,
        said.decision,
        said.account_id,
        said.text,
        said.evidence,
        at=now(),
        key=act_key(key, "appeal", idempotency_key),
    )
    return OpenedAppeal(id=opened.id, decision=opened.decision, status="open")
