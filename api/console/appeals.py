"""Appeals: what waits, and one with all that was handed in; a senior moderator answers."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import AwareDatetime

from api.console.visit import Senior, SignedIn, Visit
from api.service import now
from moderation import desk, staff
from moderation.appeal_case import appeal_case
from moderation.claims import holder
from moderation.events import MadeBy
from moderation.findings import Finding
from storage import Reader
from storage.errors import UnknownRecord

router = APIRouter(prefix="/appeals")

PAGE = 50
"""Appeals of a page."""

AS_BYTES = {"Content-Disposition": "attachment", "Content-Security-Policy": "sandbox"}
"""Of what a stranger handed in: never shown, only saved."""

FormKey = Annotated[str, Form(max_length=100)]


@router.get("")
async def appeals(
    visit: SignedIn,
    due: AwareDatetime | None = None,
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """What waits, the most urgent first."""
    at = now()
    before = None if due is None else (due, after)
    found = await visit.read(lambda reader: reader.appeals(PAGE + 1, after=before))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return visit.page(
        "appeals",
        appeals=found[:PAGE],
        holder=lambda one: holder(one, at),
        now=at,
        more=None if last is None else {"due": last.due_at.isoformat(), "after": last.id},
    )


@router.get("/{appeal}")
async def show(visit: SignedIn, appeal: str) -> Response:
    """One, with all that whoever answers it should see."""
    case = await visit.read(lambda reader: appeal_case(reader, appeal, visit.language))
    person = visit.person
    return visit.page(
        "appeal",
        case=case,
        held_by=holder(case.appeal, now()),
        may_answer=visit.may(staff.SENIORS),
        another=person is not None and case.for_another(staff.moderator(person)),
    )


@router.post("/{appeal}/claim")
async def claim(visit: Senior, appeal: str, form_key: FormKey = "") -> Response:
    """Take it for half an hour."""
    await visit.act(desk.claim_appeal, appeal, form_key)
    return _back(appeal)


@router.post("/{appeal}/release")
async def release(visit: Senior, appeal: str, form_key: FormKey = "") -> Response:
    """Give it back unanswered."""
    await visit.act(desk.release_appeal, appeal, form_key)
    return _back(appeal)


@router.post("/{appeal}/answer")
async def answer(
    visit: Senior,
    appeal: str,
    granted: Annotated[bool, Form()],
    reason: Annotated[str, Form(max_length=4000)] = "",
    made_by: Annotated[MadeBy | Literal[""], Form()] = "",
    certainty: Annotated[float, Form(ge=0, le=1)] = 1.0,
    form_key: FormKey = "",
) -> Response:
    """Answer it; a yes takes back all that was done."""
    finding = Finding(made_by, certainty) if isinstance(made_by, MadeBy) else None
    await visit.act(
        desk.answer_appeal, appeal, form_key, granted=granted, reason=reason, finding=finding
    )
    return _back(appeal)


@router.get("/{appeal}/files/{file}")
async def content(visit: SignedIn, appeal: str, file: str) -> Response:
    """A file that was handed in, to be saved."""
    found = await _file(visit, appeal, file, lambda reader: reader.attachments.content(file))
    return Response(found, media_type="application/octet-stream", headers=AS_BYTES)


@router.get("/{appeal}/files/{file}/preview")
async def preview(visit: SignedIn, appeal: str, file: str) -> Response:
    """A picture of a file that was handed in."""
    found = await _file(visit, appeal, file, lambda reader: reader.attachments.preview(file))
    return Response(found, media_type="image/webp")


async def _file(visit: Visit, appeal: str, file: str, question: Callable[[Reader], bytes]) -> bytes:
    def found(reader: Reader) -> bytes:
        decision = reader.appeal(appeal).decision
        if all(one.id != file for one in reader.attachments.of(decision)):
            raise UnknownRecord("there is no such file with this appeal")
        return question(reader)

    return await visit.read(found)


def _back(appeal: str) -> Response:
    return RedirectResponse(f"/console/appeals/{appeal}", 303)
