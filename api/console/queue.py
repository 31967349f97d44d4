"""What waits for moderators."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from api.console.visit import SignedIn

router = APIRouter()


@router.get("/")
async def begin(_: SignedIn) -> Response:
    """Begin where one works."""
    return RedirectResponse("/console/queue", 303)


@router.get("/queue")
async def queue(visit: SignedIn) -> Response:
    """What waits."""
    return visit.page("queue")
