"""`POST /v1/labels`: a moderator says how an image was made, for training."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from api.access import IdempotencyKey, Serving, act_key, needs
from api.schemas.acting import Acting
from api.schemas.scores import problems
from api.service import now
from moderation.events import MadeBy
from moderation.findings import Finding
from moderation.labels import label as keep_label
from storage.keys import Key, Scope

router = APIRouter(tags=["labels"])


class Label(Acting):
    """How an image that was decided about was made, as a moderator says."""

    decision: str = Field(max_length=64, description="Id of the decision about it.")
    label: MadeBy
    certainty: float = Field(1.0, ge=0, le=1, description="How sure the moderator is.")


@router.post(
    "/v1/labels",
    status_code=201,
    summary="Label an image for training",
    responses=problems(400, 401, 403, 404, 408, 409, 410, 413, 422, 429, 503),
)
async def label(
    said: Label,
    service: Serving,
    key: Annotated[Key, Depends(needs(Scope.REVIEW))],
    idempotency_key: IdempotencyKey = None,
) -> Label:
    """Keeps what a moderator says; nothing else follows from it."""
    await run_in_threadpool(
        keep_label,
        service.store,
        said.decision,
        said.person(),
        Finding(said.label, said.certainty),
        at=now(),
        key=act_key(key, "label", idempotency_key),
    )
    return said
