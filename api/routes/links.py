"""Links to public pages, which the platform hands to whom they are about."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.errors import NoPages
from api.schemas.scores import problems
from api.service import Service, now
from moderation.links import Links
from similarity.gallery.names import creator_name
from storage.keys import Scope

router = APIRouter(tags=["links"])

ASKING = problems(401, 403, 404, 422, 429, 503)


class PageLink(BaseModel):
    """An address for one person alone: whoever has it sees the page."""

    url: str
    until: datetime = Field(description="When it ends.")


def links_of(service: Serving) -> Links:
    """What makes links.

    Raises:
        NoPages: The operator has no public pages.
    """
    if service.links is None:
        raise NoPages("there are no public pages: set RAKKAN_PUBLIC_URL and RAKKAN_LINK_SECRET")
    return service.links


Made = Annotated[Links, Depends(links_of)]


@router.post(
    "/v1/decisions/{decision}/page",
    summary="A link for an uploader",
    responses=ASKING,
    dependencies=[Depends(needs(Scope.SCORE))],
)
async def page_of_work(decision: str, service: Serving, links: Made) -> PageLink:
    """An address at which the uploader sees what was decided, and can object; notices carry it."""
    await run_in_threadpool(_require, service, decision)
    return PageLink.model_validate(vars(links.to_work(decision, now())))


@router.post(
    "/v1/creators/{creator}/page",
    summary="A link for a creator",
    responses=ASKING,
    dependencies=[Depends(needs(Scope.CREATORS))],
)
async def page_of_creator(creator: str, service: Serving, links: Made) -> PageLink:
    """An address at which a creator sees what is enrolled, and can withdraw."""
    name = creator_name(creator)
    await service.ask(lambda state: state.creator(name))
    return PageLink.model_validate(vars(links.to_creator(name, now())))


def _require(service: Service, decision: str) -> None:
    with service.store.reading() as reader:
        reader.decision(decision)
