"""Enrolled creators: what they consented to, their works, and who imitates them over time."""

from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.concurrency import run_in_threadpool

from api.console.visit import SignedIn
from serving.work_pictures import work_picture
from similarity.gallery.creators import Creator, Work
from similarity.gallery.gallery import State
from storage import Reader
from storage.cases import Review
from storage.errors import UnknownRecord

router = APIRouter()

PAGE = 100
"""Creators, works or reviews that are shown at once."""

NEIGHBOURS = 5
"""Other creators that are shown beside one."""

Name = Annotated[str, Query(max_length=200)]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


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
    """One of them, the newest works and reviews first, and who draws most like them."""

    def enrolled(state: State) -> tuple[Creator, list[Work]]:
        return state.creator(name), list(state.works_of(name))[-PAGE:][::-1]

    def asked(reader: Reader) -> tuple[Review, ...]:
        return reader.reviews_about(name, PAGE)

    one, works = await visit.service.ask(enrolled)
    reviews = await visit.read(asked)
    with visit.service.enroller() as enroller:
        near = await run_in_threadpool(enroller.neighbours, name)
    shown = dict(islice(near.items(), NEIGHBOURS))
    return visit.page("creator", creator=one, works=works, reviews=reviews, neighbours=shown)


@router.get("/works/{sha256}")
async def picture(
    visit: SignedIn, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:
    """A small picture of a work, while it is enrolled and its file lies where it was."""
    works = await visit.service.ask(lambda state: state.works_by_content([sha256]))

    def drawn() -> bytes | None:
        with visit.service.online.lent() as judge:
            limits = judge.limits
        return next(filter(None, (work_picture(one.name, sha256, limits) for one in works)), None)

    image = await run_in_threadpool(drawn)
    if image is None:
        raise UnknownRecord("the file of this work is not where it was, or it is not enrolled")
    kept = {"Cache-Control": "private, max-age=600"}
    return Response(image, media_type="image/jpeg", headers=kept)
