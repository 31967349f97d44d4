"""Archive scans: how far each has come, what it found, and delistings in bulk."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Response
from fastapi.responses import FileResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.console.visit import Admin, Senior, SignedIn, signed_in
from api.proposing import propose
from api.routes.scans import part, queue_of, report, thumbnail
from api.service import now
from labelling.policy.library import PolicyLibrary
from moderation import archive
from moderation.staff import SENIORS
from scan.jobs import Job, JobQueue
from scan.layout import INSIDE, REPORT
from storage import Reader
from storage.people import StaffRole

router = APIRouter()

SHOWN = 100
"""Proposals, the newest first."""

TOGETHER = 500
"""Works that are delisted for one press of the button."""

FormKey = Annotated[str, Form(max_length=100)]
Queue = Annotated[JobQueue, Depends(queue_of)]
ScanId = Annotated[str, Path(pattern="^[0-9a-f]{32}$")]


@router.get("/scans")
async def scans(visit: SignedIn) -> Response:
    """All scans and proposals, the newest first."""
    service = visit.service

    def found() -> tuple[list[Job], list[str]]:
        jobs = [] if service.scans is None else service.scans.jobs()[::-1]
        return jobs, list(PolicyLibrary(service.policies))

    jobs, policies = await run_in_threadpool(found)
    proposals = await visit.read(lambda reader: reader.proposals(SHOWN))
    return visit.page(
        "scans",
        open=service.scans is not None,
        jobs=jobs,
        policies=policies,
        proposals=proposals,
        may_propose=visit.may({StaffRole.ADMIN}),
    )


# The report as programs get it, for whoever is signed in.
for _place, _part in (
    (REPORT, report),
    (f"{INSIDE}/{{kind}}/{{folder}}/{{thumb}}", thumbnail),
    (f"{INSIDE}/{{part}}", part),
):
    router.add_api_route(
        f"/scans/{{scan}}/{_place}",
        _part,
        response_class=FileResponse,
        dependencies=[Depends(signed_in())],
    )


@router.post("/scans/{scan}/propose")
async def propose_scan(
    visit: Admin,
    scan: ScanId,
    queue: Queue,
    service: Annotated[str, Form(max_length=200)],
    form_key: FormKey = "",
) -> Response:
    """Propose to delist what a policy does not allow; nothing is done yet."""
    person = visit.person
    by = "" if person is None else person.name

    def proposed() -> str:
        key = f"console:{by}:propose:{scan}:{form_key}"
        return propose(visit.service, queue, scan, service, by=by, at=now(), key=key)

    return _back(await run_in_threadpool(proposed))


@router.get("/proposals/{proposal}")
async def show(visit: SignedIn, proposal: str) -> Response:
    """A delisting in bulk, and what it would do still."""

    def found(reader: Reader) -> tuple[object, archive.Preview]:
        return reader.proposal(proposal), archive.preview(reader, proposal)

    one, would = await visit.read(found)
    return visit.page(
        "proposal",
        proposal=one,
        would=would,
        now=now(),
        may_approve=visit.may(SENIORS),
        may_carry_out=visit.may({StaffRole.ADMIN}),
    )


@router.post("/proposals/{proposal}/approve")
async def approve(visit: Senior, proposal: str, form_key: FormKey = "") -> Response:
    """Approve what somebody else proposed."""
    await visit.act(archive.approve, proposal, form_key)
    return _back(proposal)


@router.post("/proposals/{proposal}/undo")
async def undo(visit: Senior, proposal: str, form_key: FormKey = "") -> Response:
    """Take it back before anything of it is carried out."""
    await visit.act(archive.undo, proposal, form_key)
    return _back(proposal)


@router.post("/proposals/{proposal}/carry-out")
async def carry_out(visit: Admin, proposal: str) -> Response:
    """Delist some of its works; pressed again, the next."""
    await run_in_threadpool(
        archive.carry_out, visit.service.store, proposal, at=now(), most=TOGETHER
    )
    return _back(proposal)


def _back(proposal: str) -> Response:
    return RedirectResponse(f"/console/proposals/{proposal}", 303)
