"""`/v1/reviews` and `/v1/appeals/{id}`: what moderators are asked, and what they answer."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.desk import Desk, desk
from api.schemas.acting import Acting
from api.schemas.reviews import Appeal, AppealAnswer, Appeals, Review, ReviewAnswer, Reviews
from api.schemas.scores import problems
from api.service import Service
from moderation import desk as acts
from moderation.reviews import Answer
from storage import Reader
from storage.keys import Key, Scope

router = APIRouter(tags=["reviews"])

Found = TypeVar("Found")

Reviewing = Annotated[Key, Depends(needs(Scope.REVIEW))]
AtDesk = Annotated[Desk, Depends(desk(Scope.REVIEW))]
Limit = Annotated[int, Query(ge=1, le=1000, description="At most so many.")]

READING = problems(401, 403, 404, 422, 429, 503)
ACTING = problems(400, 401, 403, 404, 408, 409, 410, 413, 422, 429, 503)


async def _asked(service: Service, question: Callable[[Reader], Found]) -> Found:
    def found() -> Found:
        with service.store.reading() as reader:
            return question(reader)

    return await run_in_threadpool(found)


@router.get("/v1/reviews", summary="What waits for moderators", responses=READING)
async def reviews(service: Serving, _: Reviewing, limit: Limit = 100) -> Reviews:
    """Open reviews, the most urgent first, also those that somebody looks at."""
    found = await _asked(service, lambda reader: reader.queue(limit))
    return Reviews(reviews=[Review.model_validate(one) for one in found])


@router.get("/v1/reviews/{review}", summary="A review", responses=READING)
async def show_review(review: str, service: Serving, _: Reviewing) -> Review:
    """A review, answered or not."""
    return Review.model_validate(await _asked(service, lambda reader: reader.review(review)))


@router.post("/v1/reviews/{review}/claim", summary="Take a review", responses=ACTING)
async def claim_review(review: str, said: Acting, at: AtDesk) -> Review:
    """Takes a review for 30 minutes, in which nobody else can answer it."""
    return Review.model_validate(await at.act(acts.claim_review, review, said))


@router.post("/v1/reviews/{review}/release", summary="Give a review back", responses=ACTING)
async def release_review(review: str, said: Acting, at: AtDesk) -> Review:
    """Gives a review back to the queue, unanswered."""
    return Review.model_validate(await at.act(acts.release_review, review, said))


@router.post("/v1/reviews/{review}/resolve", summary="Answer a review", responses=ACTING)
async def resolve_review(review: str, said: ReviewAnswer, at: AtDesk) -> Review:
    """Answers a review that the moderator took; what follows is done at once."""
    answer = Answer(said.confirmed, said.reason, tuple(said.actions), said.finding)
    return Review.model_validate(await at.act(acts.answer_review, review, said, answer=answer))


@router.get("/v1/appeals", summary="Objections that wait", responses=READING)
async def appeals(service: Serving, _: Reviewing, limit: Limit = 100) -> Appeals:
    """Open appeals, the most urgent first, also those that somebody looks at."""
    found = await _asked(service, lambda reader: reader.appeals(limit))
    return Appeals(appeals=[Appeal.model_validate(one) for one in found])


@router.get("/v1/appeals/{appeal}", summary="An appeal", responses=READING)
async def show_appeal(appeal: str, service: Serving, _: Reviewing) -> Appeal:
    """An appeal, answered or not."""
    return Appeal.model_validate(await _asked(service, lambda reader: reader.appeal(appeal)))


@router.post("/v1/appeals/{appeal}/claim", summary="Take an appeal", responses=ACTING)
async def claim_appeal(appeal: str, said: Acting, at: AtDesk) -> Appeal:
    """Takes an appeal for 30 minutes; not for whoever had a part in the decision."""
    return Appeal.model_validate(await at.act(acts.claim_appeal, appeal, said))


@router.post("/v1/appeals/{appeal}/release", summary="Give an appeal back", responses=ACTING)
async def release_appeal(appeal: str, said: Acting, at: AtDesk) -> Appeal:
    """Gives an appeal back to the queue, unanswered."""
    return Appeal.model_validate(await at.act(acts.release_appeal, appeal, said))


@router.post("/v1/appeals/{appeal}", summary="Answer an appeal", responses=ACTING)
async def answer_appeal(appeal: str, said: AppealAnswer, at: AtDesk) -> Appeal:
    """Answers an appeal that the moderator took; a yes takes back all that was done."""
    done = await at.act(
        acts.answer_appeal,
        appeal,
        said,
        granted=said.granted,
        reason=said.reason,
        finding=said.finding,
    )
    return Appeal.model_validate(done)
