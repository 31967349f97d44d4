"""For a creator: what is enrolled, and withdrawal, which asks once more."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from starlette.concurrency import run_in_threadpool

from api.access import Serving
from api.public.visit import Asked, reached, read_in, shown
from api.service import Service, now
from serving.enrol import Enroller
from similarity.errors import CreatorNotFound
from similarity.gallery.creators import Creator, Work
from similarity.gallery.gallery import Gallery

router = APIRouter(prefix="/creators/{token}")

SHOWN = 200
"""Works that are listed, the newest first."""


async def enrolment_of(token: str, service: Serving) -> tuple[str, datetime]:
    """The creator whose enrolment a link leads to, and since when it does."""
    return reached(service, lambda links: links.creator(token, now()))


Enrolled = Annotated[tuple[str, datetime], Depends(enrolment_of)]


@router.get("")
async def show(
    request: Request, token: str, enrolled: Enrolled, service: Serving, language: Asked = ""
) -> Response:
    """What is enrolled."""
    return await _page(request, service, token, enrolled, language, "creator")


@router.get("/withdraw")
async def ask(
    request: Request, token: str, enrolled: Enrolled, service: Serving, language: Asked = ""
) -> Response:
    """Ask once more."""
    return await _page(request, service, token, enrolled, language, "withdraw")


@router.post("/withdraw")
async def withdraw(
    request: Request,
    token: str,
    enrolled: Enrolled,
    service: Serving,
    sure: Annotated[bool, Form()] = False,
    language: Asked = "",
) -> Response:
    """Take the creator out of the index, with all works; sent twice, it is done once."""
    if not sure:
        return await _page(request, service, token, enrolled, language, "withdraw")

    def withdrawn(index: Enroller) -> None:
        gallery = index.similarity.gallery
        if _is_theirs(gallery, *enrolled):
            gallery.withdraw(enrolled[0])

    with suppress(CreatorNotFound):
        await service.change(withdrawn)
    return await _page(request, service, token, enrolled, language, "creator")


async def _page(
    request: Request,
    service: Service,
    token: str,
    enrolled: tuple[str, datetime],
    language: str,
    template: str,
) -> Response:
    name = enrolled[0]

    def found(gallery: Gallery) -> tuple[Creator | None, list[Work]]:
        state = gallery.state(newest=True)
        if not _is_theirs(gallery, *enrolled):
            return None, []
        try:
            return state.creator(name), list(state.works_of(name))[-SHOWN:][::-1]
        except CreatorNotFound:
            return None, []

    with service.enroller() as index:
        creator, works = await run_in_threadpool(found, index.similarity.gallery)
    return shown(
        template,
        read_in(request, language),
        name=name,
        creator=creator,
        works=works,
        place=f"creators/{token}",
    )


def _is_theirs(gallery: Gallery, name: str, since: datetime) -> bool:
    """Whether what is enrolled under a name is what was when the link was made."""
    return not any(one.creator == name and one.at >= since for one in gallery.withdrawn())
