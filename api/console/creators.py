"""Enrolled creators: what they consented to, their works, and who imitates them over time."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.console.visit import SignedIn
from similarity.gallery.creators import Creator, Work
from similarity.gallery.gallery import State
from storage import Reader
from storage.cases import Review

router = APIRouter()

PAGE = 100
"""Creators, works or reviews that are shown at once."""

Name = Annotated[str, Query(max_length=200)]


@router.get("/creators")
async def creators(visit: SignedIn, after: Name = "") -> Response:
    """All who are enrolled, by name."""

    def found(state: State) -> list[Creator]:
        named = sorted(state.creators(), key=lambda one: one.name)
        return [one for one in named if one.name > after][: PAGE + 1]

    some = await visit.service.ask(found)
    more = {"after": some[PAGE - 1].name} if len(some) > PAGE else None
    return visit.page("creators", creators=some[:PAGE], more=more)


@router.get("/creators/one")
async def creator(visit: SignedIn, name: Name) -> Response:
    """One of them, the newest works and reviews first."""

    def enrolled(state: State) -> tuple[Creator, list[Work]]:
        return state.creator(name), list(state.works_of(name))[-PAGE:][::-1]

    def asked(reader: Reader) -> tuple[Review, ...]:
        return reader.reviews_about(name, PAGE)

    one, works = await visit.service.ask(enrolled)
    reviews = await visit.read(asked)
    return visit.page("creator", creator=one, works=works, reviews=reviews)
