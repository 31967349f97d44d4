"""`/v1/archive`: works that are not allowed, delisted in bulk whenever they were posted."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.access import IdempotencyKey, Serving, act_key, needs
from api.desk import Desk, desk
from api.proposing import propose as propose_scan
from api.routes.scans import Queue, ScanId
from api.schemas.acting import Acting
from api.schemas.scores import problems
from api.service import now
from moderation import archive as acts
from moderation.proposed import PreviewedProposal, Proposal, previewed
from scan.posts import Post
from storage.keys import Key, Scope

TOGETHER = 500
"""Works that are delisted for one request."""

router = APIRouter(prefix="/v1/archive", tags=["archive"])

Reviewing = Annotated[Key, Depends(needs(Scope.REVIEW))]
Administering = Annotated[Key, Depends(needs(Scope.ADMIN))]

AtDesk = Annotated[Desk, Depends(desk(Scope.REVIEW))]
SeniorDesk = Annotated[Desk, Depends(desk(Scope.ADMIN))]

READING = problems(401, 403, 404, 422, 429, 503)
ACTING = problems(400, 401, 403, 404, 408, 409, 413, 422, 429, 503)


class Proposals(BaseModel):
    """Delistings in bulk, the newest first."""

    proposals: list[Proposal]


class NewProposal(Acting):
    """Works of a finished scan are to be delisted."""

    scan: ScanId
    service: str = Field(max_length=200, description="Whose policy decides.")
    posts: list[Post] | None = Field(
        None,
        max_length=1000,
        description="What the platform knows of the images; those that it does not name are passed"
        " over. Left out, the path of an image is the name of its work.",
    )


@router.post("", status_code=201, summary="Propose a delisting", responses=ACTING)
async def propose(
    said: NewProposal,
    service: Serving,
    key: Administering,
    queue: Queue,
    idempotency_key: IdempotencyKey = None,
) -> PreviewedProposal:
    """Proposes what the policy does not allow, and shows what that would do; nothing is done yet.

    What only pixels speak against is not among it.
    """
    own = act_key(key, f"propose:{said.scan}", idempotency_key)
    at = now()
    posts = None if said.posts is None else {one.path: one for one in said.posts}

    def proposed() -> PreviewedProposal:
        made = propose_scan(
            service,
            queue,
            said.scan,
            said.service,
            by=said.moderator,
            at=at,
            key=own,
            posts=posts,
        )
        return previewed(service.store, made)

    return await run_in_threadpool(proposed)


@router.get("", summary="Delistings in bulk", responses=READING)
async def proposals(
    service: Serving, _: Reviewing, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> Proposals:
    """Proposals, whatever became of them, the newest first."""

    def found() -> Proposals:
        with service.store.reading() as reader:
            some = reader.proposals(limit)
        return Proposals(proposals=[Proposal.model_validate(one) for one in some])

    return await run_in_threadpool(found)


@router.get("/{proposal}", summary="A delisting in bulk", responses=READING)
async def show(proposal: str, service: Serving, _: Reviewing) -> PreviewedProposal:
    """A proposal, and what it would still do."""
    return await run_in_threadpool(previewed, service.store, proposal)


@router.post("/{proposal}/approve", summary="Approve a delisting", responses=ACTING)
async def approve(proposal: str, said: Acting, at: SeniorDesk) -> Proposal:
    """Approves what somebody else proposed; until the policy's days are over it can be undone.

    The key vouches that the moderator is a senior one.
    """
    return Proposal.model_validate(await at.act(acts.approve, proposal, said, senior=True))


@router.post("/{proposal}/undo", summary="Undo a delisting", responses=ACTING)
async def undo(proposal: str, said: Acting, at: AtDesk) -> Proposal:
    """Takes a proposal back, before anything of it is carried out."""
    return Proposal.model_validate(await at.act(acts.undo, proposal, said))


@router.post("/{proposal}/carry-out", summary="Carry a delisting out", responses=ACTING)
async def carry_out(proposal: str, service: Serving, _: Administering) -> Proposal:
    """Delists up to 500 works of a proposal that can no longer be undone; ask until it is done."""
    done = await run_in_threadpool(acts.carry_out, service.store, proposal, at=now(), most=TOGETHER)
    return Proposal.model_validate(done)
