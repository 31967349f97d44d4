"""For a creator: what is enrolled, and withdrawal, which asks once more."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from api.access import Serving
from api.public.visit import Asked, reached, read_in, shown
from api.service import Service, now
from similarity.errors import CreatorNotFound
from similarity.gallery.creators import Creator, Work
from similarity.gallery.gallery import State

router = APIRouter(prefix="/creators/{token}")

SHOWN = 200
"""Works that are listed, the newest first."""


async def name_of(token: str, service: Serving) -> str:
    """The creator whose enrolment a link leads to."""
    return reached(service, lambda links: links.creator(token, now()))


Name = Annotated[str, Depends(name_of)]


@router.get("")
async def show(
    request: Request, token: str, name: Name, service: Serving, language: Asked = ""
) -> Response:
    """What is enrolled."""
    return await _page(request, service, token, name, language, "creator")


@router.get("/withdraw")
async def ask(
    request: Request, token: str, name: Name, service: Serving, language: Asked = ""
) -> Response:
    """Ask once more."""
    return await _page(request, service, token, name, language, "withdraw")


@router.post("/withdraw")
async def withdraw(
    request: Request,
    token: str,
    name: Name,
    service: Serving,
    sure: Annotated[bool, Form()] = False,
    language: Asked = "",
) -> Response:
    """Take the creator out of the index, with all works; sent twice, it is done once."""
    if not sure:
        return await _page(request, service, token, name, language, "withdraw")
    with suppress(CreatorNotFound):
        await service.change(lambda index: index.similarity.gallery.withdraw(name))
    return await _page(request, service, token, name, language, "creator")


async def _page(
    request: Request, service: Service, token: str, name: str, language: str, template: str
) -> Response:
    def found(state: State) -> tuple[Creator | None, list[Work]]:
        try:
            return state.creator(name), list(state.works_of(name))[-SHOWN:][::-1]
        except CreatorNotFound:
            return None, []

    creator, works = await service.ask(found)
    return shown(
        template,
        read_in(request, language),
        name=name,
        creator=creator,
        works=works,
        place=f"creators/{token}",
    )
