"""Whether the service lives and can be asked, without a key; and its counts, with one."""

from fastapi import APIRouter, Depends, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.schemas.scores import problems

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether it lives", responses={503: {"description": "It fails."}})
async def healthz(service: Serving, response: Response) -> dict[str, str]:
    """Judges a grey picture, truly, by the judge in use; once a second, however many ask."""
    lives = await run_in_threadpool(service.online.answers)
    response.status_code = 200 if lives else 503
    return {"status": "ok" if lives else "failing"}


@router.get(
    "/readyz", summary="Whether it can be asked", responses={503: {"description": "Not yet."}}
)
async def readyz(service: Serving, response: Response) -> dict[str, str]:
    """Whether the judge has answered once, and uploads are accepted.

    `model` is in use. `problem` is there where another was to take its place and could not be
    opened: the code of what is wrong, which the log tells in words.
    """
    full = service.online.waiting >= service.online.most
    ready = service.ready and not service.draining and not full
    response.status_code = 200 if ready else 503
    said = {"status": "ready" if ready else "draining" if service.draining else "not ready"}
    said["model"] = service.online.judge.model.name
    if service.watcher is not None and service.watcher.problem is not None:
        said["problem"] = service.watcher.problem
    return said


@router.get(
    "/metrics",
    summary="What Prometheus reads",
    response_class=Response,
    responses={200: {"content": {CONTENT_TYPE_PLAIN_0_0_4: {}}}, **problems(401, 429)},
    dependencies=[Depends(needs(None))],
)
async def metrics(service: Serving) -> Response:
    """Counts of this process; any key that is in use may read them."""
    counts = await run_in_threadpool(generate_latest, service.metrics.registry)
    return Response(counts, media_type=CONTENT_TYPE_PLAIN_0_0_4)
