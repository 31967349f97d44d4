"""Whether the service lives and can be asked, without a key; and its counts, with one."""

import numpy as np
from fastapi import APIRouter, Depends, Response
from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from starlette.concurrency import run_in_threadpool

from api.access import Serving, needs
from api.schemas.scores import problems
from api.service import Service

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Whether it lives", responses={503: {"description": "It fails."}})
async def healthz(service: Serving, response: Response) -> dict[str, str]:
    """Encodes a grey picture, truly."""
    lives = await run_in_threadpool(infers, service)
    response.status_code = 200 if lives else 503
    return {"status": "ok" if lives else "failing"}


@router.get(
    "/readyz", summary="Whether it can be asked", responses={503: {"description": "Not yet."}}
)
async def readyz(service: Serving, response: Response) -> dict[str, str]:
    """Whether the encoder has answered once, and uploads are accepted."""
    ready = service.ready and service.online.waiting < service.online.most
    response.status_code = 200 if ready else 503
    return {"status": "ready" if ready else "not ready"}


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


def infers(service: Service) -> bool:
    """Whether the encoder answers."""
    encoder = service.judge.encoder
    grey = np.full((1, encoder.size, encoder.size, 3), 128, np.uint8)
    return bool(np.isfinite(encoder.encode(grey).embedding).all())
