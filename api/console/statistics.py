"""Figures of the last weeks."""

from fastapi import APIRouter, Response

from api.console.visit import SignedIn
from api.service import now
from moderation.statistics import WEEKS, statistics

router = APIRouter()


@router.get("/statistics")
async def show(visit: SignedIn) -> Response:
    """How much was decided, how surely, and how soon."""
    found = await visit.read(lambda reader: statistics(reader, until=now()))
    return visit.page("statistics", found=found, weeks=WEEKS)
