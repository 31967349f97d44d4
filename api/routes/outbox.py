"""`/v1/outbox`: messages to the platform, and those that it did not take."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.schemas.scores import problems
from moderation.delivery import retry as try_again
from moderation.webhooks.listing import Message, Outbox, listed
from storage.cases import MessageState
from storage.keys import Scope

router = APIRouter(prefix="/v1/outbox", tags=["outbox"], dependencies=[Depends(needs(Scope.ADMIN))])


@router.get("", summary="Messages to the platform", responses=problems(401, 403, 422, 429, 503))
async def outbox(
    service: Serving,
    state: MessageState = MessageState.DEAD,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[
        int, Query(ge=0, lt=1 << 63, description="Sequence after which they begin.")
    ] = 0,
) -> Outbox:
    """Messages in one state, the oldest first; without their bodies."""
    return await run_in_threadpool(listed, service.store, state, limit=limit, after=after)


@router.post(
    "/{message}/retry",
    summary="Try a message again",
    responses=problems(401, 403, 404, 409, 422, 429, 503),
)
async def retry(message: str, service: Serving) -> Message:
    """Tries a message again at once, from the first attempt on; also one that is dead."""
    return Message.of(await run_in_threadpool(try_again, service.store, message))
