"""`/v1/scans`: archives on the server's disk, scanned by a process beside the service.

Who begins or removes a scan decides what the machine does for days, and reads of its disk what the
operator lets be read: keys of the scope `admin`. What came of it is for moderators: `review`.
"""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import NAMESPACE_OID, uuid5

from fastapi import APIRouter, Depends, Path
from fastapi.responses import FileResponse
from starlette.concurrency import run_in_threadpool

from api.access import IdempotencyKey, Serving, act_key, needs
from api.schemas import scans as schemas
from api.schemas.scores import problems
from api.service import now
from moderation.errors import KeyReused
from scan.errors import ArchivesClosed
from scan.jobs import Job, JobQueue
from scan.layout import INSIDE, REPORT, TableFormat, results
from storage.keys import Key, Scope

router = APIRouter(prefix="/v1/scans", tags=["scans"])

HTML = "text/html"
PARQUET = "application/vnd.apache.parquet"
JPEG = "image/jpeg"
CSS = "text/css"
SCRIPT = "text/javascript"

OWN_ALONE = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src"
    " 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
"""For pages that show what strangers have uploaded: nothing but the report's own files is run."""

ScanId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="Of the scan.")]


def queue_of(service: Serving) -> JobQueue:
    """What has archives scanned.

    Raises:
        ArchivesClosed: The operator allows none.
    """
    if service.scans is None:
        raise ArchivesClosed(
            "no archive may be scanned over HTTP: set RAKKAN_ARCHIVES to the folder of those that"
            " may"
        )
    return service.scans


Queue = Annotated[JobQueue, Depends(queue_of)]
_READ = [Depends(needs(Scope.REVIEW))]


@router.post(
    "",
    status_code=202,
    summary="Scan an archive",
    responses=problems(400, 401, 403, 408, 413, 422, 429, 503),
)
async def begin(
    said: schemas.NewScan,
    service: Serving,
    key: Annotated[Key, Depends(needs(Scope.ADMIN))],
    queue: Queue,
    idempotency_key: IdempotencyKey = None,
) -> schemas.Scan:
    """Begins a scan, or has it wait for others; it survives a restart of the server.

    The same `Idempotency-Key` answers the same scan again.
    """
    if said.service is not None:
        await run_in_threadpool(service.policy, said.service)
    name = uuid5(NAMESPACE_OID, act_key(key, "scan", idempotency_key)).hex
    asked = said.asked(now())

    def submitted() -> Job:
        job = queue.submit(name, asked)
        if replace(job.request, asked=asked.asked) != asked:
            raise KeyReused("this idempotency key was used for another scan: take a new one")
        return job

    return schemas.Scan.of(await run_in_threadpool(submitted))


@router.get("", summary="Scans", responses=problems(401, 403, 429), dependencies=_READ)
async def scans(queue: Queue) -> schemas.Scans:
    """All scans, and how far each has come."""
    jobs = await run_in_threadpool(queue.jobs)
    return schemas.Scans(scans=[schemas.Scan.of(job) for job in jobs])


@router.get(
    "/{scan}", summary="A scan", responses=problems(401, 403, 404, 422, 429), dependencies=_READ
)
async def scan(scan: ScanId, queue: Queue) -> schemas.Scan:
    """How far a scan has come; a second or so behind it."""
    return schemas.Scan.of(await run_in_threadpool(queue.job, scan))


@router.delete(
    "/{scan}",
    status_code=204,
    summary="Stop and remove a scan",
    responses=problems(401, 403, 404, 422, 429),
    dependencies=[Depends(needs(Scope.ADMIN))],
)
async def remove(scan: ScanId, queue: Queue) -> None:
    """Stops a scan at once, and removes all that it has left."""
    await run_in_threadpool(queue.remove, scan)


@router.get(
    f"/{{scan}}/{results(TableFormat.PARQUET)}",
    summary="The table of a scan",
    response_class=FileResponse,
    responses={200: {"content": {PARQUET: {}}}, **problems(401, 403, 404, 409, 422, 429)},
    dependencies=_READ,
)
async def table(scan: ScanId, queue: Queue) -> FileResponse:
    """One row for every image."""
    return await _file(queue, scan, results(TableFormat.PARQUET), PARQUET)


@router.get(
    f"/{{scan}}/{REPORT}",
    summary="The report of a scan",
    response_class=FileResponse,
    responses={200: {"content": {HTML: {}}}, **problems(401, 403, 404, 409, 422, 429)},
    dependencies=_READ,
)
async def report(scan: ScanId, queue: Queue) -> FileResponse:
    """Its page, which loads what lies below `report/`."""
    return await _file(queue, scan, REPORT, HTML)


@router.get(
    f"/{{scan}}/{INSIDE}/{{kind}}/{{folder}}/{{thumb}}",
    summary="A thumbnail of the report",
    response_class=FileResponse,
    responses={200: {"content": {JPEG: {}}}, **problems(401, 403, 404, 409, 422, 429)},
    dependencies=_READ,
)
async def thumbnail(
    scan: ScanId,
    kind: Annotated[Literal["thumbs", "works"], Path(description="Of images, or enrolled works.")],
    folder: Annotated[str, Path(pattern="^[0-9a-f]{2}$")],
    thumb: Annotated[str, Path(pattern=r"^[0-9a-f]{64}\.jpg$")],
    queue: Queue,
) -> FileResponse:
    """An image of the archive, or an enrolled work that one is like, made small."""
    return await _file(queue, scan, f"{INSIDE}/{kind}/{folder}/{thumb}", JPEG)


@router.get(
    f"/{{scan}}/{INSIDE}/{{part}}",
    summary="A part of the report",
    response_class=FileResponse,
    responses={200: {"content": {SCRIPT: {}, CSS: {}}}, **problems(401, 403, 404, 409, 422, 429)},
    dependencies=_READ,
)
async def part(
    scan: ScanId,
    part: Annotated[str, Path(pattern=r"^[a-z]+(-[0-9]+)?\.(css|js)$", max_length=50)],
    queue: Queue,
) -> FileResponse:
    """What its page loads: the style, the scripts, the columns of its list."""
    return await _file(queue, scan, f"{INSIDE}/{part}", CSS if part.endswith(".css") else SCRIPT)


async def _file(queue: JobQueue, scan: str, part: str, kind: str) -> FileResponse:
    path = await run_in_threadpool(queue.result, scan, part)
    return FileResponse(path, media_type=kind, headers=OWN_ALONE)
