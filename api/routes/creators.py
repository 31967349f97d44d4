"""`/v1/creators/{id}[/works]`: creators enrol, look at what is kept of them, and withdraw."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.errors import BadForm
from api.forms import described, file_form
from api.schemas import creators as schemas
from api.schemas.scores import problems
from api.service import now
from serving.enrol import Enroller
from serving.enrol_archive import enrol_archive
from serving.enrol_one import enrol_one
from similarity.gallery.creators import Consent, Enrolment
from similarity.gallery.gallery import State
from similarity.gallery.names import creator_name
from storage.keys import Scope

router = APIRouter(
    prefix="/v1/creators/{creator}",
    tags=["creators"],
    dependencies=[Depends(needs(Scope.CREATORS))],
)

_BY = {
    "type": "string",
    "examples": ["Ann"],
    "description": "Who asks for it; the creator where it is left out.",
}
_NOTE = {
    "type": "string",
    "examples": ["letter of 3 May 2026"],
    "description": "Where the consent is on record.",
}

FORM, FIELDS = described(
    work_id={
        "type": "string",
        "minLength": 1,
        "examples": ["w/1"],
        "description": "Name of the work, unique for its creator.",
    },
    by=_BY,
    note=_NOTE,
    required=["image", "work_id"],
)

ARCHIVE = "archive"
MANY, MANY_FIELDS = described(
    file=ARCHIVE,
    by=_BY,
    note=_NOTE,
    required=[ARCHIVE],
)


@router.post(
    "",
    status_code=201,
    summary="Enrol a creator",
    responses=problems(400, 401, 403, 404, 408, 413, 422, 429, 503),
)
async def enrol(creator: str, said: schemas.Enrolment, service: Serving) -> schemas.Creator:
    """Enrols a creator who asked for it, or adds to what is known of one."""
    name = creator_name(creator)
    enrolment = Enrolment(
        name,
        Consent(said.by or name, now(), said.note),
        said.protection,
        tuple(said.accounts),
        tuple(creator_name(one) for one in said.collaborators),
        tuple(creator_name(one) for one in said.aliases),
    )
    result = await service.change(lambda index: index.similarity.gallery.enrol(enrolment, ()))
    return schemas.Creator.of(result.creator)


@router.get("", summary="A creator", responses=problems(401, 403, 404, 422, 429, 503))
async def show(creator: str, service: Serving) -> schemas.Creator:
    """What is kept of a creator."""
    name = creator_name(creator)
    return await service.ask(lambda state: schemas.Creator.of(state.creator(name)))


@router.delete("", summary="Withdraw a creator", responses=problems(401, 403, 404, 422, 429, 503))
async def withdraw(creator: str, service: Serving) -> schemas.Withdrawn:
    """Takes a creator out of the index, with all works; nothing of them stays behind."""
    name = creator_name(creator)

    def withdrawn(index: Enroller) -> tuple[int, frozenset[str]]:
        gallery = index.similarity.gallery
        works = gallery.state(newest=True).works_of(name)
        return gallery.withdraw(name), frozenset(work.sha256 for work in works)

    gone, images = await service.change(withdrawn)
    await run_in_threadpool(service.forget_images, images)
    return schemas.Withdrawn(creator=name, works=gone)


@router.post(
    "/works",
    status_code=201,
    summary="Enrol a work",
    openapi_extra=FORM,
    responses=problems(401, 403, 404, 408, 413, 422, 429, 503),
)
async def enrol_work(creator: str, request: Request, service: Serving) -> schemas.NewWork:
    """Enrols one work of a creator, who is enrolled with it if that was not so."""
    name = creator_name(creator)
    with await file_form(request, service, FIELDS) as form:
        work = form.fields.get("work_id", "")
        if not work:
            raise BadForm("the form lacks the field work_id")
        consent = Consent(form.fields.get("by") or name, now(), form.fields.get("note") or None)

        def act(index: Enroller) -> schemas.NewWork:
            done = enrol_one(index, Enrolment(name, consent), work, form.read())
            return schemas.NewWork(
                creator=schemas.Creator.of(done.result.creator),
                sha256=done.sha256,
                added=bool(done.result.added),
                plain=done.plain,
                shared=[schemas.SharedWork.of(one) for one in done.result.shared],
                withdrew=done.result.withdrew,
            )

        return await service.change(act)


@router.post(
    "/works/archive",
    summary="Enrol many works",
    openapi_extra=MANY,
    responses=problems(401, 403, 404, 408, 413, 422, 429, 503),
)
async def enrol_works(creator: str, request: Request, service: Serving) -> schemas.NewWorks:
    """Enrols all images of an archive (zip or tar), by their paths in it.

    What cannot be read is told and holds up nothing; sent again, only what is missing is enrolled.
    """
    name = creator_name(creator)
    with await file_form(request, service, MANY_FIELDS, ARCHIVE) as form:
        consent = Consent(form.fields.get("by") or name, now(), form.fields.get("note") or None)
        done = await service.change(lambda index: enrol_archive(index, name, consent, form.read()))
    return schemas.NewWorks.of(done)


@router.get("/works", summary="A creator's works", responses=problems(401, 403, 404, 422, 429, 503))
async def works(creator: str, service: Serving) -> schemas.Works:
    """All works of a creator, in the order of their enrolment."""
    name = creator_name(creator)

    def found(state: State) -> schemas.Works:
        listed = [
            schemas.Work(work=one.name, sha256=one.sha256, enrolled=one.at)
            for one in state.works_of(name)
        ]
        return schemas.Works(creator=name, works=listed)

    return await service.ask(found)


@router.delete("/works", summary="Remove works", responses=problems(401, 403, 404, 422, 429, 503))
async def remove(
    creator: str,
    service: Serving,
    work: Annotated[
        list[str],
        Query(min_length=1, max_length=100, description="Names of works, or digests (SHA-256)."),
    ],
) -> schemas.Creator:
    """Takes single works out of the index; where one is not there, none is taken."""
    name = creator_name(creator)
    left = await service.change(lambda index: index.similarity.gallery.remove(name, work))
    return schemas.Creator.of(left)
