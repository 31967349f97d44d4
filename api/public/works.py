"""For an uploader: what was decided about one work, and an appeal with evidence."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from api.access import Serving
from api.bounds import reads_within
from api.public.visit import Asked, reached, read_in, shown
from api.service import now
from imaging import ImagingError, Limits
from imaging.preview import preview
from moderation.desk import open_appeal
from moderation.uploader_view import uploader_view
from storage.attachments import NewAttachment

router = APIRouter(prefix="/works/{token}")

MOST_FILES = 5
MOST_BYTES = 32_000_000
"""Of a form, with all its files."""

LIMITS = Limits(bytes=MOST_BYTES, pixels=40_000_000)
"""Of a picture of which a preview is made: whoever has a link may hand it in."""

LONGEST = 5_000
"""Characters of what an uploader says."""


async def decision_of(token: str, service: Serving) -> str:
    """The decision that a link leads to."""
    return reached(service, lambda links: links.decision(token, now()))


Decision = Annotated[str, Depends(decision_of)]


@router.get("")
async def show(
    request: Request, token: str, decision: Decision, service: Serving, language: Asked = ""
) -> Response:
    """What was decided, and how to object."""
    wanted = read_in(request, language)
    view = await run_in_threadpool(uploader_view, service.store, decision, wanted, at=now())
    return shown("work", wanted, view=view, place=f"works/{token}", **_BOUNDS)


@router.post("/appeal")
async def object_(
    request: Request, token: str, decision: Decision, service: Serving, language: Asked = ""
) -> Response:
    """Object; sent twice, it is done once."""
    reads_within(request, MOST_BYTES)
    async with request.form(max_files=MOST_FILES, max_fields=10) as form:
        text = str(form.get("text", "")).strip()
        files = [
            (one.filename, await one.read())
            for one in form.getlist("evidence")
            if isinstance(one, UploadFile) and one.filename
        ]
    wanted = read_in(request, language)

    def done() -> Response | None:
        view = uploader_view(service.store, decision, wanted, at=now())
        if view.closed is None and not 0 < len(text) <= LONGEST:
            # What was typed stays on the page.
            return shown(
                "work",
                wanted,
                HTTPStatus.UNPROCESSABLE_ENTITY,
                view=view,
                place=f"works/{token}",
                typed=text,
                **_BOUNDS,
            )
        with service.store.reading() as reader:
            account = reader.decision(decision).account or ""
        open_appeal(
            service.store,
            decision,
            account,
            text,
            # Where nobody can object any more, nothing is looked at.
            files=[_attached(name, content) for name, content in files if view.closed is None],
            at=now(),
            key=f"public:{decision}",
        )
        return None

    refused = await run_in_threadpool(done)
    return refused or RedirectResponse(f"../{token}?language={wanted}#appeal", 303)


_BOUNDS = {"most_files": MOST_FILES, "most_bytes": MOST_BYTES, "longest": LONGEST}


def _attached(name: str, content: bytes) -> NewAttachment:
    """A file with a preview, where it is a picture."""
    name = name.replace("\\", "/").rpartition("/")[2][-200:]
    try:
        seen = preview(content, limits=LIMITS)
    except ImagingError:
        return NewAttachment(name, content)
    return NewAttachment(name, content, seen.webp, seen.layers)
