"""Enrolled creators: consent, works, who is like them, and who was called close to them."""

from collections.abc import Mapping
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from starlette.concurrency import run_in_threadpool

from api.console.accounts import Sequence
from api.console.visit import SignedIn
from evidence.wording import similarity
from serving.enrol import Enroller
from serving.work_pictures import work_picture
from similarity.copies.sharing import unsettled_of
from similarity.gallery.creators import Creator, Work
from similarity.gallery.gallery import State
from storage import Reader
from storage.cases import Review
from storage.errors import UnknownRecord
from storage.resembling import ResemblingPage

router = APIRouter()

PAGE = 100
"""Creators, works or reviews that are shown at once."""

NEIGHBOURS = 5
"""Other creators that are shown beside one."""

UPLOADS = 20
"""Uploads called near to a creator that are shown at once."""

PICTURES = 8
"""Works that are shown with their pictures."""

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
async def creator(
    visit: SignedIn, name: Name, before: Sequence = None, compared: bool = False
) -> Response:
    """One of them: works, reviews and uploads the newest first, and who draws like them.

    What takes long, whose works show the same or look as if theirs, is `compared` if it is asked
    for.
    """

    def enrolled(state: State) -> tuple[Creator, list[Work], Mapping[str, int]]:
        shared = unsettled_of(state, name, near=compared)
        return state.creator(name), list(state.works_of(name))[-PAGE:][::-1], shared

    def asked(reader: Reader) -> tuple[tuple[Review, ...], ResemblingPage]:
        return reader.reviews_about(name, PAGE), reader.resembling(name, UPLOADS, before)

    def drawn_like(enroller: Enroller) -> tuple[dict[str, float], dict[str, float]]:
        alike = enroller.lookalikes([name])[name] if compared else {}
        return enroller.neighbours(name), alike

    one, works, shared = await visit.service.ask(enrolled)
    reviews, resembling = await visit.read(asked)
    with visit.service.enroller() as enroller:
        near, alike = await run_in_threadpool(drawn_like, enroller)
    return visit.page(
        "creator",
        creator=one,
        works=works,
        pictures=works[:PICTURES],
        reviews=reviews,
        resembling=resembling,
        neighbours=dict(islice(near.items(), NEIGHBOURS)),
        shared=shared,
        alike=alike,
        compared=compared,
        creator_word=lambda verdict: similarity.creator_word(verdict, visit.language),
        copy_word=lambda verdict: similarity.copy_word(verdict, visit.language),
        one_in=similarity.one_in,
    )


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
